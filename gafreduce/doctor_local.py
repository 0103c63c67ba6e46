"""Checks of this machine: what every run needs, wherever its job runs."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from gafreduce.doctor import Checks, NotCheckedError, ProblemError, examine
from gafreduce.ontology_source import find_ontology
from gafreduce.s3 import is_uri
from jobs import compiled
from ontology.cache import user_cache

OLDEST_PYTHON = (3, 11)
#: Free bytes below which sorting and a report may not find room.
_ROOM = 1 << 30


def checks(ontology: str | None) -> Checks:
    """Yield what is there of Python, programs, room and ontology."""
    yield examine("Python", _python)
    yield examine("mrjob and its shims", _mrjob, "install again: make install")
    yield examine("compiled twin", _compiled)
    yield examine("sort", _sort)
    yield examine("temporary folder", _temporary_folder, "set TMPDIR to a folder with room")
    yield examine("cache folder", _cache_folder, "set XDG_CACHE_HOME to a folder of yours")
    yield examine("ontology", lambda: _ontology(ontology))


def _python() -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise ProblemError(version, f"use {'.'.join(map(str, OLDEST_PYTHON))} or later")
    return version


def _mrjob() -> str:
    for name in ("mrjob.job", "mrjob.hadoop", "mrjob.emr"):
        importlib.import_module(name)
    return str(importlib.import_module("mrjob").__version__)


def _compiled() -> str:
    if compiled.module is not None:
        return "used"
    if os.environ.get(compiled.PURE_VARIABLE):
        return f"left out, as {compiled.PURE_VARIABLE} asks: runs take twice the time"
    return (
        "not made, runs take twice the time (for it: a C compiler, Python's headers, then install "
        "again)"
    )


def _sort() -> str:
    found = shutil.which("sort")
    if found is None:
        raise ProblemError(
            "no program `sort` on the PATH", "install coreutils: above 64 MB it sorts"
        )
    return found


def _temporary_folder() -> str:
    folder = tempfile.gettempdir()
    with tempfile.TemporaryFile(dir=folder) as stream:
        stream.write(b"x")
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise ProblemError(
            f"{folder} has {free >> 20:,} MB left", "set TMPDIR to a folder with room"
        )
    return f"{folder}, {free >> 30:,} GB free"


def _cache_folder() -> str:
    folder = user_cache() / "gafreduce"
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise ProblemError(f"{folder} cannot be written", "set XDG_CACHE_HOME to a folder of yours")
    return str(folder)


def _ontology(named: str | None) -> str:
    found = find_ontology(named)
    if is_uri(found):
        raise NotCheckedError(f"{found} (an object in S3: doctor s3 {found})")
    path = Path(found)
    if not path.is_file():
        raise ProblemError(f"{found}: no such file", "name another with --ontology")
    return f"{found}, {path.stat().st_size / 1e6:,.1f} MB"
