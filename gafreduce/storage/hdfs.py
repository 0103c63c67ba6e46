"""Files in HDFS, by Hadoop's own client.

Each call of the client starts a JVM, which takes seconds, so each call asks for as many files as it
can. `-stat` gives times to the millisecond, which `-ls` does not.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from gafreduce.jobs.files.input_list import normalise_uri
from gafreduce.storage import hadoop
from gafreduce.storage.base import Entry, Folder, Identity, Kind, Matches, Progress
from gafreduce.storage.hadoop import HadoopError

_GLOB = re.compile(r"[*?[{]")
_FORMAT = "%F\t%b\t%Y\t%n"
_FOLDER = "directory"
_NS_PER_MS = 1_000_000
#: The most files of one call: the length of a command line is bounded.
_BATCH = 500
#: A file of this size is read in less time than a JVM takes to start.
_SMALL_BYTES = 64 << 20
#: The most bytes of files that are read in one call.
_TOGETHER_BYTES = 512 << 20
_READ_BYTES = 1 << 20
_MOST_READERS = 8


class HdfsStorage:
    """The storage of hdfs:// URIs.

    Args:
        conf: mrjob.conf, which may name the program `hadoop`.
    """

    location = "in HDFS"
    read_in_place_by = frozenset({"hadoop"})
    hadoop_input_options: tuple[str, ...] = ()
    hadoop_output_options: tuple[str, ...] = ()

    def __init__(self, conf: Path | None = None) -> None:
        self._conf = conf
        self.n_readers = min(_MOST_READERS, os.cpu_count() or 1)  # each read starts a JVM
        self._listed: dict[str, Folder | Matches] = {}  # by the URI that was listed

    def list(self, uri: str) -> Folder | Matches:
        """Return the files of a name, folder or glob pattern; repeated calls use the first result.

        Raises:
            HadoopError: There is no Hadoop, or the call failed.
        """
        if uri not in self._listed:
            self._listed[uri] = self._list(uri)
        return self._listed[uri]

    def prepare(self, uris: Iterable[str]) -> None:
        """Look up files in one call, for `list`; patterns, folders and missing files are left.

        Raises:
            HadoopError: There is no Hadoop, or the call failed.
        """
        found = self.stat([uri for uri in uris if not _GLOB.search(uri)])
        self._listed |= {
            uri: Matches((entry,)) for uri, entry in found.items() if entry.kind is Kind.FILE
        }

    def find_in_folder(self, folder: str, name: str) -> Entry | None:
        """Return the file of this name in a folder, or None; the folder is listed for it."""
        uri = f"{folder.rstrip('/')}/{name}"
        return next((each for each in self.list(folder).entries if each.uri == uri), None)

    def stat(self, uris: Iterable[str]) -> dict[str, Entry]:
        """Return the entries of files by URI; those that don't exist are left out.

        Raises:
            HadoopError: There is no Hadoop, or the call failed.
        """
        wanted = list(uris)
        found: dict[str, Entry] = {}
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            missing: list[str] = []
            lines = _call(self._binary, "-stat", _FORMAT, *batch, missing=missing)
            existing = [uri for uri in batch if uri not in missing]
            found |= {uri: _entry(line, uri) for line, uri in zip(lines, existing, strict=True)}
        return found

    def read(self, uri: str, identity: Identity, n_bytes: int | None = None) -> bytes:
        """Return the first bytes of a file, or all of them; its identity is not checked.

        Raises:
            HadoopError: The file can't be read.
        """
        command = [self._binary, "fs", "-cat", uri]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            content = process.stdout.read(-1 if n_bytes is None else n_bytes)
            if n_bytes is not None and len(content) == n_bytes:
                process.kill()  # the rest of the file is not needed
                return content
            errors = process.stderr.read().decode("utf-8", "replace")
        if process.returncode:
            raise HadoopError(f"{uri}: expected to read it, got: {hadoop.last_line(errors)}")
        return content

    def read_beginnings(self, entries: Iterable[Entry], n_bytes: int) -> dict[str, bytes]:
        """Return the first bytes of small files, which are read in few calls, each file whole.

        Larger files are left out, and so are all files of a call with output of an unexpected
        length: reading them one by one shows the cause.

        Raises:
            HadoopError: There is no Hadoop.
        """
        sizes = {entry.uri: entry.bytes for entry in entries}
        found: dict[str, bytes] = {}
        for uris in _batches(sizes):
            command = [self._binary, "fs", "-cat", *uris]
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as process:
                assert process.stdout is not None
                contents = {uri: _cut(process.stdout, sizes[uri], n_bytes) for uri in uris}
                is_all = not process.stdout.read(1)
            if process.returncode == 0 and is_all and None not in contents.values():
                found |= {uri: first for uri, first in contents.items() if first is not None}
        return found

    def checksums(self, files: Mapping[str, Identity]) -> dict[str, str]:
        """Return HDFS's checksums by URI: equal for copies with the same block size.

        Raises:
            HadoopError: There is no Hadoop, or the call failed.
        """
        found = {}
        for line in _call(self._binary, "-checksum", *files) if files else ():
            uri, _, checksum = line.partition("\t")
            found[uri] = checksum
        return found

    def download(
        self, wanted: Mapping[str, Identity], folder: Path, progress: Progress
    ) -> dict[str, Path]:
        """Copy files into a folder of this machine, one call each, and return their paths by URI.

        Raises:
            HadoopError: A file can't be read.
        """
        paths = {uri: folder / f"{number:06d}.stored" for number, uri in enumerate(wanted)}
        total, done = sum(each.bytes for each in wanted.values()), 0
        for uri, path in paths.items():
            result = hadoop.run_program(self._binary, "fs", "-get", uri, str(path))
            if result.returncode:
                reason = hadoop.last_line(result.stderr)
                raise HadoopError(f"{uri}: expected to read it, got: {reason}")
            done += wanted[uri].bytes
            progress(done, total)
        return paths

    def remove_folder(self, uri: str) -> None:
        """Remove the folder of an attempt, and that of its run once it is empty.

        Raises:
            HadoopError: There is no Hadoop, or the call failed.
        """
        hadoop.Hadoop(self._binary, uri).remove()

    @functools.cached_property
    def _binary(self) -> str:
        return hadoop.find_binary(self._conf)

    def _list(self, asked: str) -> Folder | Matches:
        uri = asked.rstrip("/") if asked.rstrip("/").count("/") > 2 else asked
        folder, _, last = uri.rpartition("/")
        if _GLOB.search(folder):
            paths = _call(self._binary, "-ls", "-C", "-d", uri)
            return Matches(tuple(self.stat(paths).values()))
        if _GLOB.search(last):
            return Matches(tuple(_entries(_call(self._binary, "-stat", _FORMAT, uri), folder)))
        lines = _call(self._binary, "-stat", _FORMAT, uri, f"{uri.rstrip('/')}/*")
        if not lines:
            return Matches(())
        entry = _entry(lines[0], uri)
        if entry.kind is not Kind.FOLDER:
            return Matches((entry,))
        return Folder(asked, tuple(_entries(lines[1:], uri.rstrip("/"))))


def _cut(stream: IO[bytes], size: int, n_bytes: int) -> bytes | None:
    """Read a file from a stream of files and return its first bytes; None when it is cut short."""
    content = stream.read(min(n_bytes, size))
    left = size - len(content)
    while left and (n_read := len(stream.read(min(left, _READ_BYTES)))):
        left -= n_read
    return None if left else content


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield the small files that are read together."""
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


def _call(binary: str, *arguments: str, missing: list[str] | None = None) -> list[str]:
    """Run `hadoop fs` and return the lines it prints.

    Args:
        binary: The program `hadoop`.
        arguments: Of `hadoop fs`.
        missing: The paths that don't exist are added to it; they are not an error.

    Raises:
        HadoopError: There is no Hadoop, or anything else is wrong.
    """
    done = hadoop.run_program(binary, "fs", *arguments)
    command = arguments[0].lstrip("-")
    absent = re.compile(rf"{command}: `(.*)': No such file or directory")
    errors = [line for line in done.stderr.splitlines() if line.startswith(f"{command}: ")]
    for line in errors:
        found = absent.fullmatch(line)
        if found is None:
            raise HadoopError(f"{arguments[-1]}: expected to list it, got: {line}")
        if missing is not None:
            missing.append(found.group(1))
    if done.returncode and not errors:
        raise HadoopError(
            f"{arguments[-1]}: expected to list it, got: {hadoop.last_line(done.stderr)}"
        )
    return done.stdout.splitlines()


def _entries(lines: Sequence[str], folder: str) -> list[Entry]:
    return [_entry(line, f"{folder}/{line.split(chr(9), 3)[3]}") for line in lines]


def _entry(line: str, uri: str) -> Entry:
    kind, n_bytes, changed, _ = line.split("\t", 3)
    return Entry(
        uri,
        Identity(int(n_bytes), mtime_ns=int(changed) * _NS_PER_MS),
        uri.rpartition("/")[2],
        normalise_uri(uri),
        Kind.FOLDER if kind == _FOLDER else Kind.FILE,
    )
