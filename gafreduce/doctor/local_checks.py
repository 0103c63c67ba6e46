"""Checks of this machine: Python, programs, disk space and ontology, and inputs and output."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gafreduce.doctor.checks import CheckResults, NotCheckedError, ProblemError, run_check
from gafreduce.inputs.discovery import STDIN, Finder
from gafreduce.inputs.ontology_file import find_ontology
from gafreduce.jobs.native import loader
from gafreduce.ontology.cache import find_user_cache
from gafreduce.processes import find_program
from gafreduce.storage.base import NotReachableError
from gafreduce.storage.resolve import StorageResolver, local_path
from gafreduce.storage.s3 import Access
from gafreduce.system import host
from gafreduce.tempdir import temporary_folder

OLDEST_PYTHON = (3, 11)
#: Free bytes that sorting and a report need.
_FREE_BYTES = 1 << 30


def check_machine(ontology: str | None) -> CheckResults:
    """Yield the results of the checks that every run needs."""
    yield run_check("Python", _check_python)
    yield run_check("mrjob and its shims", _check_mrjob, "install again: make install")
    yield run_check("C extension", _check_c_extension)
    yield run_check("sort", _check_sort)
    yield run_check(
        "temporary folder", _check_temporary_folder, "set TMPDIR to a folder with space"
    )
    yield run_check("cache folder", _check_cache_folder, "set XDG_CACHE_HOME to a writable folder")
    yield run_check("ontology", lambda: _check_ontology(ontology))


def _check_python() -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise ProblemError(version, f"use {'.'.join(map(str, OLDEST_PYTHON))} or later")
    return version


def _check_mrjob() -> str:
    for name in ("mrjob.job", "mrjob.hadoop", "mrjob.emr"):
        importlib.import_module(name)
    return str(importlib.import_module("mrjob").__version__)


def _check_c_extension() -> str:
    if loader.has_extension():
        return "used"
    if os.environ.get(loader.PURE_VARIABLE):
        return f"not used, because {loader.PURE_VARIABLE} is set: runs take twice the time"
    return (
        "not built: runs take twice the time (to build it, install a C compiler and Python's "
        "headers, then install gafreduce again)"
    )


def _check_sort() -> str:
    if host.IS_WINDOWS:
        return "not needed on Windows: gafreduce merges sorted files itself"
    found = find_program("sort")
    if found is None:
        raise ProblemError(
            "no program `sort` on the PATH", "install coreutils: it sorts more than 64 MB"
        )
    return found


def _check_temporary_folder() -> str:
    folder = tempfile.gettempdir()
    with tempfile.TemporaryFile(dir=folder) as stream:
        stream.write(b"x")
    free = shutil.disk_usage(folder).free
    if free < _FREE_BYTES:
        raise ProblemError(
            f"{folder} has {free >> 20:,} MB free", "set TMPDIR to a folder with space"
        )
    return f"{folder}, {free >> 30:,} GB free"


def _check_cache_folder() -> str:
    try:
        folder = find_user_cache() / "gafreduce"
    except RuntimeError as error:
        raise ProblemError(
            "there is no home folder to keep files in", "set XDG_CACHE_HOME to a writable folder"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise ProblemError(f"{folder} cannot be written", "set XDG_CACHE_HOME to a writable folder")
    return str(folder)


def _check_ontology(named: str | None) -> str:
    found = find_ontology(named)
    path = local_path(found)
    if path is None:
        raise NotCheckedError(f"{found} (an object in S3: use doctor s3 {found})")
    if not path.is_file():
        raise ProblemError(f"{found}: no such file", "name another with --ontology")
    return f"{found}, {path.stat().st_size / 1e6:,.1f} MB"


def check_places(
    inputs: Sequence[str], output: str | None, runner: str, access: Access
) -> CheckResults:
    """Yield whether inputs on this machine and in HDFS can be read, and a folder can be made.

    Args:
        inputs: As for a run, but not in S3.
        output: A folder on this machine.
        runner: Where the job would run: local, hadoop, emr or s3.
        access: How S3 is reached, for objects that a sample sheet names.
    """
    for named in inputs:
        yield run_check(f"input {named}", partial(_check_input, named, runner, access))
    if output:
        yield run_check(
            f"output {output}", partial(_check_output, Path(output)), "name another with -o"
        )


def _check_input(named: str, runner: str, access: Access) -> str:
    if runner == "emr":
        raise ProblemError("not in S3", "put it there: -r emr reads only S3")
    if named == STDIN:
        raise NotCheckedError("standard input can be read only once")
    resolver = StorageResolver(access, has_hadoop=runner == "hadoop")
    with temporary_folder() as scratch:
        try:
            found = list(Finder(resolver, scratch).find(named))
        except NotReachableError as error:
            raise NotCheckedError("it is in HDFS (use doctor hadoop)") from error
        first = found[0].entry
        resolver.open(first.uri).read(first.uri, first.identity, 1)
    return f"{len(found):,} files, the first can be read"


def _check_output(folder: Path) -> str:
    parent = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not (parent.is_dir() and os.access(parent, os.W_OK)):
        raise ProblemError(f"{parent} is not a writable folder", "name another with -o")
    return f"can be made below {parent}"
