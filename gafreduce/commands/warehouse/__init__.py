"""Commands that treat runs as a warehouse: SQL over them, their catalog, a service."""
