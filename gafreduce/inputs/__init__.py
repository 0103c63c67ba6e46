"""Inputs of a run: find them, look into them, download and verify them; sample sheets, ontology.

May import gafreduce.storage and everything below it.
"""
