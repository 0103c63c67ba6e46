"""Annotation formats: one module a format, and `registry`, which detects the format of a file.

Formats of databases are here, those of programs that predict GO terms in `predictions`.

A format to add is a new module with a `FORMAT` (see `base.Format`), named in `registry`. May import
jobs.files and jobs.model.
"""
