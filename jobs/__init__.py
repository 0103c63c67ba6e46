"""Annotation formats, the jobs and their runners: standard library and mrjob, Python 3.9."""

from jobs import dropped_modules

dropped_modules.stand_in()  # before anything here imports mrjob
