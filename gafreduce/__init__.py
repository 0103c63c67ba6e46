"""gafreduce: which organisms are annotated with a GO term, on what evidence.

For programs: `run` makes a run folder, `open_run` opens one, and both return a `Run` with its
tables as data frames (docs/python.md). They are imported when they are first used, for nodes have
this module too (Python 3.9). The packages, from top to bottom, are api, cli, commands, pipeline,
doctor, execution, diagnosis, reports, publishing, inputs, storage, jobs and ontology; each imports
only packages below it.
"""

#: The public names, each with its module. They change with the major version only. Their types are
#: in `__init__.pyi`.
_MODULES = {
    "Run": "gafreduce.api.run",
    "open_run": "gafreduce.api.run",
    "run": "gafreduce.api.start",
}
__all__ = ["Run", "open_run", "run"]


def __getattr__(name: str) -> object:
    """Return a public name; its module is imported now."""
    if name not in _MODULES:
        raise AttributeError("module 'gafreduce' has no attribute " + repr(name))
    import importlib

    found: object = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> "list[str]":
    """Return the public names, and those of every module."""
    return sorted({*globals(), *_MODULES})
