"""The figures of a run: data frames, one drawing function for each figure, common style.

May import summary and tables; matplotlib and pandas are imported here and in html only.
"""
