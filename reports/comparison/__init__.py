"""The comparison of runs of one term: differences, each with one reason, and their page.

May import html, summary, evidence and tables, publishing.run_folder and publishing.local_publish,
and ontology.
"""
