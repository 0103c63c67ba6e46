"""Annotation formats: one module a format, and `registry`, which detects the format of a file.

A format to add is a new module with a `FORMAT` (see `base.Format`), named in `registry`. May import
jobs.files and jobs.model.
"""
