"""Trace a number of a run to its annotation lines, and recount it independently of the jobs.

May import tables and statistics.ancestors, and the readers and the mapper of gafreduce.jobs.
"""
