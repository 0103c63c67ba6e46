"""What nodes import: the rooms that run there, as a zip made from the code that runs here."""

from __future__ import annotations

import zipfile
from pathlib import Path

import jobs
import ontology

#: A fixed time for every member, so that the same code gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def write_node_package(path: Path) -> Path:
    """Write a zip with `jobs` and what it imports of `ontology`; mrjob ships it as a py_file."""
    room = Path(jobs.__file__).parent
    members = {f"jobs/{source.name}": source for source in sorted(room.glob("*.py"))}
    for name in ("__init__.py", "termfile.py"):
        members[f"ontology/{name}"] = Path(ontology.__file__).with_name(name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), source.read_bytes())
    return path
