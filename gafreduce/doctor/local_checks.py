"""Checks of this machine: what every run needs, wherever its job runs."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gafreduce.doctor.checks import Checks, NotCheckedError, ProblemError, examine
from gafreduce.inputs.discovery import STDIN, Finder
from gafreduce.inputs.ontology_file import find_ontology
from gafreduce.jobs.native import loader
from gafreduce.ontology.cache import find_user_cache
from gafreduce.storage.base import NotReachableError
from gafreduce.storage.resolve import StorageResolver, local_path
from gafreduce.storage.s3 import Access
from gafreduce.tempdir import temporary_folder

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
    if loader.has_extension():
        return "used"
    if os.environ.get(loader.PURE_VARIABLE):
        return f"left out, as {loader.PURE_VARIABLE} asks: runs take twice the time"
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
    folder = find_user_cache() / "gafreduce"
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise ProblemError(f"{folder} cannot be written", "set XDG_CACHE_HOME to a folder of yours")
    return str(folder)


def _ontology(named: str | None) -> str:
    found = find_ontology(named)
    path = local_path(found)
    if path is None:
        raise NotCheckedError(f"{found} (an object in S3: doctor s3 {found})")
    if not path.is_file():
        raise ProblemError(f"{found}: no such file", "name another with --ontology")
    return f"{found}, {path.stat().st_size / 1e6:,.1f} MB"


def place_checks(inputs: Sequence[str], output: str | None, what: str, access: Access) -> Checks:
    """Yield whether inputs here and in HDFS can be read, and a folder here be written.

    Args:
        inputs: As for a run, but not in S3.
        output: A folder.
        what: Where the job would run.
        access: How S3 is reached, where a sample sheet names objects.
    """
    for named in inputs:
        yield examine(f"input {named}", partial(_input, named, what, access))
    if output:
        yield examine(f"output {output}", partial(_output, Path(output)), "name another with -o")


def _input(named: str, what: str, access: Access) -> str:
    if what == "emr":
        raise ProblemError("not in S3", "put it there: -r emr reads nothing else")
    if named == STDIN:
        raise NotCheckedError("standard input can be read only once")
    resolver = StorageResolver(access, has_hadoop=what == "hadoop")
    with temporary_folder() as scratch:
        try:
            found = list(Finder(resolver, scratch).find(named))
        except NotReachableError as error:
            raise NotCheckedError("it is in HDFS (doctor hadoop)") from error
        first = found[0].entry
        resolver.open(first.uri).read(first.uri, first.identity, 1)
    return f"{len(found):,} files, the first can be read"


def _output(folder: Path) -> str:
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise ProblemError(f"{there} is no folder that can be written", "name another with -o")
    return f"can be made below {there}"
