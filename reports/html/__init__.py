"""The HTML page of a run: sections, tables and figures as plain data, and their rendering.

May import figures, summary and tables, and publishing.run_folder.
"""
