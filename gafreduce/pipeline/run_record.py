"""The run record, run.json: what was asked of what, with which versions, and what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMA = "gafreduce-run/1"

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


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write run.json into a run folder."""
    with (folder / "run.json").open("w", encoding="utf-8") as stream:
        # not as one text: it may name a million organisms
        json.dump({"schema": SCHEMA, **record}, stream, indent=2, ensure_ascii=False)
        stream.write("\n")
