"""Checks of prerequisites for `gafreduce doctor`: this machine, S3, Hadoop and EMR.

May import inputs, storage, jobs and ontology, not execution.
"""
