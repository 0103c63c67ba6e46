"""Map annotation lines to records: interpretation of lines, rule checks, and the two mappers.

May import jobs.accounting, rules, formats, files, model, records and native, and the term file.
"""
