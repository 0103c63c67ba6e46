"""The report of a run: tables, statistics, figures, sentences and the HTML page.

Layers, each of which may import those after it: worker, html and explain, figures, summary and
statistics, components, tables; below them gafreduce.publishing.run_folder, jobs and ontology.
"""
