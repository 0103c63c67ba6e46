"""The read-only REST service over runs: a search database, the application, and its formats.

May import `reports.tables`, publishing and storage; no pipeline and no command. Starlette is
imported when a service starts only.
"""
