"""The results of a run in sentences and for other programs: summary, notes, exports, checks.

All sentences about results are written here. May import tables; standard library only.
"""
