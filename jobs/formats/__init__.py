"""Annotation formats: one module a format, their names, and the detection of a file's format.

Formats of databases are here, those of programs that predict GO terms in `predictions`.

To add a format, write a module with a `FORMAT` (see `base.Format`) and list it in `registry`. May
import jobs.files, jobs.model and jobs.native.
"""
