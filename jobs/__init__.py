"""Annotation formats, the MapReduce jobs and their runners: standard library and mrjob only, Python 3.9."""
