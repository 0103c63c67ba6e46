"""Annotation formats, the jobs and their runners: standard library and mrjob, Python 3.9."""
