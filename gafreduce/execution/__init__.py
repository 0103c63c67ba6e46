"""Run mrjob jobs: stage their inputs, submit them, follow their log, enforce time limits.

May import diagnosis, publishing, inputs, storage and jobs.
"""
