"""Conversion between formats: read annotations, complete them, write them, count the losses.

May import jobs.accounting, jobs.files, jobs.formats, jobs.model and jobs.rules.
"""
