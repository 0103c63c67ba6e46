"""Formats of delimited text: id lists, and tables with a column of GO ids, such as BioMart's.

May import jobs.formats.base, jobs.formats.gaf, jobs.files and jobs.model.
"""
