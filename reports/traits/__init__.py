"""Make records, tables, figures and pages of a study of several traits.

A trait is a target term of the study. May import everything else of reports.
"""
