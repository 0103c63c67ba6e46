"""Results as a warehouse: the row of a run, annotation lines as Parquet, and SQL over all of them.

May import `reports.tables`, publishing, inputs, storage, jobs and ontology; no pipeline and no
command. DuckDB is imported by `query/` only, and only by a query.
"""
