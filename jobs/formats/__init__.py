"""Annotation formats: one module a format, and `registry`, which detects the format of a file.

Formats of databases are here, those of programs that predict GO terms in `predictions`.

To add a format, write a module with a `FORMAT` (see `base.Format`) and list it in `registry`. May
import jobs.files, jobs.model and jobs.native.
"""
