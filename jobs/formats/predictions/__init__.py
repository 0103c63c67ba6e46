"""Formats of programs that predict GO terms for a user's own gene products: one module a format.

May import jobs.formats.base, jobs.formats.tsv, jobs.files and jobs.model.
"""
