"""Conversion between formats: read annotations, complete them, write them, count the losses.

May import jobs.accounting, files, formats, model and rules, and the term file.
"""
