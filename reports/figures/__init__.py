"""The figures of a run: data frames, one drawing function for each figure, common style.

May import summary and tables. Only this package and html import matplotlib.
"""
