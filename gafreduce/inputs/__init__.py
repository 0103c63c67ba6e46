"""Inputs of a run: find them, look into them, download them, and check that they are unchanged.

Sample sheets and the ontology file too. `gafreduce.jobs.files.splits` decompresses inputs and finds
damaged ones.

May import gafreduce.storage and everything below it.
"""
