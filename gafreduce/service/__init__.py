"""The read-only REST service over runs: a search database, the application, and its formats.

May import `reports.tables`, publishing and storage; no pipeline and no command. FastAPI is imported
by `application` and what is above it only, when a service starts.
"""
