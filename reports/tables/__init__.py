"""The tables of a run: their schema, how the core tables are made, written and read.

May import publishing.run_folder, jobs and ontology. Modules that the main process imports load
neither numpy nor pandas; only frames.py does.
"""
