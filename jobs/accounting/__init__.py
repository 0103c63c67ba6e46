"""Count the lines of each input file, and check that the counts add up.

May import jobs.rules, files, model and records.
"""
