"""Download annotation files and the ontology: of GO's releases, and of GOA's proteomes.

`download` gets a file once for all runs, `sources` knows the addresses, `organisms` finds what a
user names, and `collect` writes the folder. May import inputs, storage and ontology.
"""
