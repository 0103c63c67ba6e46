"""The statistics of a run: pure functions from tables to tables, all called by run_all.py.

May import components and tables. docs/statistics.md gives formulas, sources and limits.
"""
