"""Inputs of a run: find them, look into them, download them, and check that they are unchanged.

Sample sheets and the ontology file too; zstd files are decompressed here. Others are decompressed
and verified by `gafreduce.jobs.files.compression` while they are read.

May import gafreduce.storage and everything below it.
"""
