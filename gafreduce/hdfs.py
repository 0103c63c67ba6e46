"""Files in a Hadoop's file system: listed, and read, by its own client.

Each call starts a JVM, so each asks for as much as it can. `-stat` tells times to the millisecond,
which `-ls` does not.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from gafreduce import hadoop
from gafreduce.hadoop import HadoopError

SCHEME = "hdfs://"
_GLOB = re.compile(r"[*?[{]")
_FORMAT = "%F\t%b\t%Y\t%n"
_FOLDER = "directory"
_NS_PER_MS = 1_000_000
#: Files asked for in one call: a command line is bounded.
_BATCH = 500


@dataclass(frozen=True)
class Entry:
    """A file or folder."""

    uri: str
    is_folder: bool
    bytes: int
    mtime_ns: int


def is_uri(text: str) -> bool:
    """Tell whether a text names something in HDFS."""
    return text.startswith(SCHEME)


def is_glob(uri: str) -> bool:
    """Tell whether a URI is a pattern."""
    return bool(_GLOB.search(uri))


def listed(uri: str) -> list[Entry]:
    """Return a file, alone in a list; the entries of a folder; or what a pattern fits.

    Returns:
        By name; nothing when there is nothing of that name.

    Raises:
        HadoopError: There is no Hadoop, or it says no.
    """
    uri = uri.rstrip("/") if uri.rstrip("/").count("/") > 2 else uri
    folder, _, last = uri.rpartition("/")
    if is_glob(folder):
        paths = _call("-ls", "-C", "-d", uri)
        return exactly(paths) if paths else []
    if is_glob(last):
        return _entries(_call("-stat", _FORMAT, uri), folder)
    lines = _call("-stat", _FORMAT, uri, f"{uri.rstrip('/')}/*")
    if not lines:
        return []
    itself = _entry(lines[0], uri)
    return _entries(lines[1:], uri.rstrip("/")) if itself.is_folder else [itself]


def exactly(uris: Sequence[str]) -> list[Entry]:
    """Return these files; those that are not there are left out.

    Raises:
        HadoopError: There is no Hadoop, or it says no.
    """
    found = []
    for start in range(0, len(uris), _BATCH):
        wanted = uris[start : start + _BATCH]
        missing: list[str] = []
        lines = _call("-stat", _FORMAT, *wanted, missing=missing)
        there = [uri for uri in wanted if uri not in missing]
        found += [_entry(line, uri) for line, uri in zip(lines, there, strict=True)]
    return found


def read(uri: str, n_bytes: int | None = None) -> bytes:
    """Return the first bytes of a file, or all of them.

    Raises:
        HadoopError: It can't be read.
    """
    command = [hadoop.find_binary(), "fs", "-cat", uri]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        content = process.stdout.read(-1 if n_bytes is None else n_bytes)
        if n_bytes is not None and len(content) == n_bytes:
            process.kill()  # what is left of the file is not asked for
            return content
        errors = process.stderr.read().decode("utf-8", "replace")
    if process.returncode:
        raise HadoopError(f"{uri}: expected to read it, got: {hadoop.last_words(errors)}")
    return content


def checksums(uris: Sequence[str]) -> dict[str, str]:
    """Return what HDFS keeps of the content of files: the same for copies of the same block size.

    Raises:
        HadoopError: There is no Hadoop, or it says no.
    """
    found = {}
    for line in _call("-checksum", *uris):
        uri, _, checksum = line.partition("\t")
        found[uri] = checksum
    return found


def _call(*arguments: str, missing: list[str] | None = None) -> list[str]:
    """Run `hadoop fs`; what is not there is no error, everything else is."""
    done = hadoop.called(hadoop.find_binary(), "fs", *arguments)
    name = arguments[0].lstrip("-")
    absent = re.compile(rf"{name}: `(.*)': No such file or directory")
    errors = [line for line in done.stderr.splitlines() if line.startswith(f"{name}: ")]
    for line in errors:
        found = absent.fullmatch(line)
        if found is None:
            raise HadoopError(f"{arguments[-1]}: expected to list it, got: {line}")
        if missing is not None:
            missing.append(found.group(1))
    if done.returncode and not errors:
        raise HadoopError(
            f"{arguments[-1]}: expected to list it, got: {hadoop.last_words(done.stderr)}"
        )
    return done.stdout.splitlines()


def _entries(lines: Sequence[str], folder: str) -> list[Entry]:
    return [_entry(line, f"{folder}/{line.split(chr(9), 3)[3]}") for line in lines]


def _entry(line: str, uri: str) -> Entry:
    kind, n_bytes, changed, _ = line.split("\t", 3)
    return Entry(uri, kind == _FOLDER, int(n_bytes), int(changed) * _NS_PER_MS)
