"""Reduce records to counts of gene products, organisms and terms.

May import jobs.accounting, rules, files, model, records and native, and the term file.
"""
