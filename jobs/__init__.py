"""Annotation formats, the jobs and their runners: standard library and mrjob, Python 3.9."""

from gafreduce.jobs import mrjob_compat

mrjob_compat.install_modules()  # before anything here imports mrjob
