"""Run a study: several target terms, one reading of the inputs, one run folder for each of them.

May import pipeline and all below it.
"""
