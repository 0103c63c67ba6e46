"""The versions that a run record names."""

from __future__ import annotations

#: Libraries whose version can change a byte of the output.
_LIBRARIES = ("mrjob", "goatools", "pandas", "pyarrow", "matplotlib", "jinja2")


def version() -> str:
    """Return gafreduce's own version."""
    from importlib.metadata import version as version_of

    return version_of("gafreduce")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that make the output."""
    import platform
    from importlib.metadata import version as version_of

    return {"python": platform.python_version()} | {name: version_of(name) for name in _LIBRARIES}
