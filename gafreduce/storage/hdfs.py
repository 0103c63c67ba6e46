"""Files in a Hadoop's file system: listed, and read, by its own client.

Each call starts a JVM, so each asks for as much as it can. `-stat` tells times to the millisecond,
which `-ls` does not.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from gafreduce.storage import hadoop
from gafreduce.storage.hadoop import HadoopError

SCHEME = "hdfs://"
_GLOB = re.compile(r"[*?[{]")
_FORMAT = "%F\t%b\t%Y\t%n"
_FOLDER = "directory"
_NS_PER_MS = 1_000_000
#: Files asked for in one call: a command line is bounded.
_BATCH = 500
#: A file of so many bytes is read in less time than a JVM takes to start.
_SMALL_BYTES = 64 << 20
_TOGETHER_BYTES = 512 << 20
_READ_BYTES = 1 << 20


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


def beginnings(sizes: Mapping[str, int], n_bytes: int) -> dict[str, bytes]:
    """Return the first bytes of small files, which come in few calls, each file whole.

    Files that are not small are left out, and so are those of a call that did not bring what was
    expected: reading them alone says why.

    Args:
        sizes: Bytes of each file.
        n_bytes: As many are returned, or all.

    Raises:
        HadoopError: There is no Hadoop.
    """
    found: dict[str, bytes] = {}
    for uris in _batches(sizes):
        command = [hadoop.find_binary(), "fs", "-cat", *uris]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as cat:
            assert cat.stdout is not None
            first = {uri: _beginning(cat.stdout, sizes[uri], n_bytes) for uri in uris}
            is_all = not cat.stdout.read(1)
        if cat.returncode == 0 and is_all and None not in first.values():
            found |= {uri: content for uri, content in first.items() if content is not None}
    return found


def _beginning(stream: IO[bytes], size: int, n_bytes: int) -> bytes | None:
    """Read a file's bytes of a stream and return the first; None when there are fewer."""
    content = stream.read(min(n_bytes, size))
    left = size - len(content)
    while left and (more := len(stream.read(min(left, _READ_BYTES)))):
        left -= more
    return None if left else content


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield files to be read together."""
    batch: list[str] = []
    n_bytes = 0
    for uri, size in sizes.items():
        if size > _SMALL_BYTES:
            continue
        if batch and (len(batch) == _BATCH or n_bytes + size > _TOGETHER_BYTES):
            yield batch
            batch, n_bytes = [], 0
        batch.append(uri)
        n_bytes += size
    if batch:
        yield batch


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
