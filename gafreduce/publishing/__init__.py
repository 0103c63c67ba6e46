"""Run folders: their files, manifest and locks, publishing to S3, recovery and orphans.

May import storage and everything below it. It knows nothing of tables, reports or jobs.
"""
