"""gafreduce: which organisms are annotated with a GO term, on what evidence.

This package imports nothing: nodes have it too (Python 3.9). Its packages, from top to bottom, are
cli, commands, pipeline, doctor, execution, diagnosis, reports, publishing, inputs, storage, jobs
and ontology; each imports only packages below it.
"""
