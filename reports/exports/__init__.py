"""Exports of a run for other programs: Excel, clusterProfiler, Cytoscape and RO-Crate.

Each module writes one kind from the tables of a run folder. May import tables, and
publishing.run_folder; libraries of the extra `export` are imported when they are used.
"""
