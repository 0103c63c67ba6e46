"""The rules of GO: `catalogue` with its TSV files, and the functions that check rules.

May import jobs.model and the term file.
"""
