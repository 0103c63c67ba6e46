"""The node package: the modules that tasks import on nodes, as a zip of the installed code."""

from __future__ import annotations

import zipfile
from pathlib import Path

from gafreduce.package_files import list_package_files

#: The time of every member, so that the same code gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)

_FROM_ELSEWHERE = (
    "__init__.py",
    "errors.py",
    "processes.py",
    "ontology/__init__.py",
    "ontology/termfile.py",
)


def _is_for_nodes(name: str) -> bool:
    is_of_jobs = name.startswith(("jobs/", "system/")) and name.endswith((".py", ".tsv"))
    return is_of_jobs or name in _FROM_ELSEWHERE


def write_node_package(path: Path) -> Path:
    """Write a zip of `jobs` and the modules that it imports; mrjob ships it as a py_file."""
    sources = list_package_files(".py", ".tsv")
    members = {
        f"gafreduce/{name}": sources[name] for name in sorted(sources) if _is_for_nodes(name)
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), Path(source).read_bytes())
    return path
