"""The files of the package, in a checkout or installed.

A wheel has all of them below `gafreduce/`. In a checkout `jobs`, `ontology` and `reports` are
folders next to `gafreduce/`, which contains links to them.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("gafreduce", "gafreduce.jobs", "gafreduce.ontology", "gafreduce.reports")


def package_files() -> dict[str, Path]:
    """Return the path of each file of the package, by its path relative to the package."""
    files: dict[str, Path] = {}
    for package in _PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        prefix = Path(*package.split(".")[1:])
        for home in spec.submodule_search_locations:
            for folder, _, names in os.walk(home):
                below = prefix / Path(folder).relative_to(home)
                files.update(((below / name).as_posix(), Path(folder, name)) for name in names)
    return files
