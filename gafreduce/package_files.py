"""The files and versions of installed packages; those of gafreduce also in a checkout.

A wheel has all of them below `gafreduce/`. In a checkout `jobs`, `ontology` and `reports` are
folders next to `gafreduce/`, which contains links to them.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec

_METADATA = ".dist-info"
#: Folders without code of the program: a checkout has the samples elsewhere.
_NO_CODE = ("__pycache__", "samples")
_PACKAGES = ("gafreduce", "gafreduce.jobs", "gafreduce.ontology", "gafreduce.reports")


def list_package_files(*endings: str) -> dict[str, str]:
    """Return the path of each file of the package, by its path relative to the package.

    Every run calls this for its id, so paths are text: a `Path` for each file takes 10 ms.

    Args:
        endings: The last characters of the names wanted, as `.py`.
    """
    files: dict[str, str] = {}
    for package in _PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        prefix = "/".join([*package.split(".")[1:], ""])
        for home in spec.submodule_search_locations:
            for folder, folders, names in os.walk(home):
                folders[:] = [name for name in folders if name not in _NO_CODE]
                below = folder[len(home) :].replace(os.sep, "/").lstrip("/")
                start = f"{prefix}{below}/" if below else prefix
                files.update(
                    (start + name, f"{folder}{os.sep}{name}")
                    for name in names
                    if name.endswith(endings)
                )
    return files


def find_version(package: str) -> str:
    """Return the version of an installed package, from the name of its metadata folder.

    Every run calls this for its record: `importlib.metadata` takes 40 ms, since it parses the
    descriptions of packages as e-mail.

    Raises:
        importlib.metadata.PackageNotFoundError: The package is not installed.
    """
    found = _list_versions().get(package)
    if found is None:
        from importlib.metadata import version  # the folder is spelt differently, or in a zip

        return version(package)
    return found


@cache
def _list_versions() -> dict[str, str]:
    """Return the version of each package by the name in its metadata folder; of two, the first."""
    versions: dict[str, str] = {}
    for place in sys.path:
        with suppress(OSError):
            for name in os.listdir(place):  # noqa: PTH208 - a Path for each takes longer
                if name.endswith(_METADATA):
                    package, _, version = name[: -len(_METADATA)].partition("-")
                    versions.setdefault(package, version)
    return versions
