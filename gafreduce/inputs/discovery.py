"""From the arguments of a command line to files and objects, not yet looked into."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from glob import glob
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.errors import InputError
from gafreduce.inputs import sample_sheet
from gafreduce.inputs.sample_sheet import SheetRow
from gafreduce.jobs.files import input_list
from gafreduce.jobs.runners.script import SNIFFED_BYTES
from gafreduce.storage import hdfs, s3
from gafreduce.storage.hdfs import Entry
from gafreduce.storage.s3_errors import translate_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHEET_NAME = "inputs.tsv"
STDIN = "-"
#: What lies beside annotation files and is none.
_OTHER_SUFFIXES = (".md", ".obo", ".obo.gz", ".owl", ".txt.sha256", ".html", ".json", ".py")
_OTHER_NAMES = ("README", "LICENSE", "CHANGELOG", "MANIFEST", "_SUCCESS")
_GLOB = re.compile(r"[*?[]")
_SPOOLED_BYTES = 1 << 20


@dataclass(frozen=True)
class Found:
    """A file or object before it was looked into."""

    uri: str
    bytes: int
    identity: str = ""  # the same for two names of one file
    mtime_ns: int | None = None  # of a file here or in HDFS
    etag: str | None = None  # of an object in S3
    sha256: str = ""  # of standard input, which has neither
    row: SheetRow = field(default_factory=lambda: SheetRow(""))

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "standard input" if self.sha256 else self.uri


class Finder:
    """Follows the arguments of a command line to files and objects."""

    def __init__(self, access: s3.Access, scratch: Path, on_hadoop: bool = False) -> None:
        self._access = access
        self._scratch = scratch
        self._on_hadoop = on_hadoop
        self._is_spooled = False  # standard input can be read once
        self._in_hdfs: dict[str, list[Entry]] = {}  # what was listed, by how it was named
        self.notes: list[str] = []

    def find(self, argument: str) -> Iterator[Found]:
        """Yield what an argument names, and what the sample sheets that it names do."""
        if not argument:  # a path of no parts is the working folder
            raise InputError("'': expected an input, got an empty name (an unset variable?)")
        if s3.is_uri(argument):
            argument = input_list.normalise_uri(argument)
        n_found = 0
        for found in self._sheet_inside(argument) or self._files(argument):
            n_found += 1
            if self._is_sheet(found):
                yield from self._rows(found)
            else:
                yield found
        if not n_found:
            raise InputError(f"{argument}: expected annotation files, got none (only folders?)")

    # sample sheets

    def _sheet_inside(self, argument: str) -> list[Found]:
        """Return the sheet of a folder or prefix, alone in a list; that says what is read of it."""
        if argument.startswith(s3.SCHEME):
            place = s3.parse(argument)
            if _GLOB.search(place.key):
                return []
            key = f"{place.key.rstrip('/')}/{SHEET_NAME}".lstrip("/")
            return self._exactly(s3.Location(place.bucket, key), argument)
        if hdfs.is_uri(argument):
            inside = f"{argument.rstrip('/')}/{SHEET_NAME}"
            return [_in_hdfs(each) for each in self._entries(argument) if each.uri == inside]
        path = Path(argument) / SHEET_NAME
        return [file_at(path)] if argument != STDIN and path.is_file() else []

    def _is_sheet(self, found: Found) -> bool:
        if found.uri.rpartition("/")[2] == SHEET_NAME:
            return True
        if not found.uri.endswith(".tsv") or not found.bytes:
            return False
        beginning = read_stored(found, self._access, SNIFFED_BYTES)
        return sample_sheet.is_sheet(beginning.decode("utf-8-sig", "replace"))

    def _rows(self, found: Found) -> Iterator[Found]:
        """Yield what the rows of a sample sheet name. A row that names a sheet is not followed."""
        path, name = Path(found.uri), found.uri
        if found.etag is not None or hdfs.is_uri(name):
            path = self._scratch / SHEET_NAME
            path.write_bytes(read_stored(found, self._access))
        rows = sample_sheet.read_sheet(path, found.uri.rpartition("/")[0], name)
        self._list_together([row.path for row in rows])
        for row in rows:
            try:
                files = list(self._files(row.path))
            except InputError as error:
                raise InputError(f"{name}:{row.line}: {error}") from error
            yield from (replace(each, row=row) for each in files)

    # files here

    def _files(self, argument: str) -> Iterator[Found]:
        """Yield the files or objects that an argument names."""
        if argument == STDIN:
            yield self._spool()
        elif argument.startswith(s3.SCHEME):
            yield from self._objects(argument)
        elif hdfs.is_uri(argument):
            yield from self._stored(argument)
        elif Path(argument).is_dir():
            yield from self._folder(Path(argument))
        elif Path(argument).exists():
            yield file_at(Path(argument))
        elif _GLOB.search(argument) and (paths := sorted(glob(argument))):  # noqa: PTH207 - may be absolute
            yield from (file_at(Path(path)) for path in paths if Path(path).is_file())
        else:
            raise InputError(f"{argument}: expected an annotation file, got nothing of that name")

    def _spool(self) -> Found:
        path = self._scratch / "standard-input"
        if self._is_spooled:
            raise InputError("-: expected standard input once, got it twice (name it once)")
        self._is_spooled = True
        digest = hashlib.sha256()
        with path.open("wb") as stream:
            while chunk := sys.stdin.buffer.read(_SPOOLED_BYTES):
                digest.update(chunk)
                stream.write(chunk)
        return replace(file_at(path), mtime_ns=None, sha256=digest.hexdigest())

    def _folder(self, folder: Path) -> Iterator[Found]:
        with os.scandir(folder) as entries:  # which knows what each is, without a look at it
            found = sorted((each for each in entries if each.is_file()), key=attrgetter("name"))
        names = self._chosen(str(folder), [each.name for each in found])
        real = folder.resolve()  # once for all: it looks at each folder above
        for each in found:
            if each.name in names:
                yield file_at(folder / each.name, None if each.is_symlink() else real / each.name)

    def _chosen(self, folder: str, names: list[str]) -> frozenset[str]:
        """Return the names of a folder to read; the others are noted, hidden ones are not."""
        shown = [name for name in names if not f"/{name}".count("/.")]
        others = {name for name in shown if _is_other(name)}
        if len(others) == len(shown):
            raise InputError(f"{folder}: expected annotation files in this folder, got none")
        if others:
            listed = ", ".join(map(input_list.readable, sorted(others)))
            self.notes.append(f"{input_list.readable(folder)}: not read: {listed}")
        return frozenset(shown) - others

    # files in HDFS

    def _stored(self, uri: str) -> Iterator[Found]:
        """Yield a file in HDFS, the files of a folder there, or those that a pattern fits."""
        entries = self._entries(uri)
        files = [_in_hdfs(each) for each in entries if not each.is_folder]
        if not entries:
            raise InputError(f"{uri}: expected annotation files, got nothing of that name in HDFS")
        if not hdfs.is_glob(uri) and [each.uri for each in entries] != [uri]:
            names = self._chosen(uri, [each.uri.rpartition("/")[2] for each in files])
            files = [each for each in files if each.uri.rpartition("/")[2] in names]
        yield from files

    def _entries(self, uri: str) -> list[Entry]:
        if not self._on_hadoop:
            raise InputError(
                f"{uri}: expected a file here or in S3, got one in HDFS "
                "(-r hadoop reads it there; or copy it: hadoop fs -get)"
            )
        if uri not in self._in_hdfs:
            self._in_hdfs[uri] = hdfs.listed(uri)
        return self._in_hdfs[uri]

    def _list_together(self, paths: Iterable[str]) -> None:
        """Ask at once for all files in HDFS that a sheet names: each call takes seconds."""
        named = [path for path in paths if hdfs.is_uri(path) and not hdfs.is_glob(path)]
        if self._on_hadoop and named:
            files = (each for each in hdfs.exactly(named) if not each.is_folder)
            self._in_hdfs |= {each.uri: [each] for each in files}

    # objects in S3

    def _objects(self, uri: str) -> Iterator[Found]:
        """Yield an object, the objects under a prefix, or those that a glob fits."""
        place = s3.parse(uri)
        found = self._exactly(place, uri)
        if not found and _GLOB.search(place.key):
            found = [
                each
                for each in self._listed(s3.Location(place.bucket, stem(place.key)))
                if fits(s3.parse(each.uri).key, place.key)
            ]
        elif not found:
            folder = f"{place.key.rstrip('/')}/".lstrip("/")
            below = {
                each.uri[len(s3.Location(place.bucket, folder).uri) :]: each
                for each in self._listed(s3.Location(place.bucket, folder))
            }
            if below:
                names = self._chosen(uri, [*below])
                found = [each for name, each in below.items() if name in names]
        if not found:
            raise InputError(f"{uri}: expected annotation files, got no object of that name")
        yield from found

    def _exactly(self, place: s3.Location, asked: str) -> list[Found]:
        """Return the object of this very key, alone in a list."""
        if not place.key or place.key.endswith("/"):
            return []
        with translate_errors(f"listing {asked}"):
            page = self._client().list_objects_v2(Bucket=place.bucket, Prefix=place.key, MaxKeys=1)
        return [_object(place.bucket, i) for i in page.get("Contents", []) if i["Key"] == place.key]

    def _listed(self, place: s3.Location) -> Iterator[Found]:
        with translate_errors(f"listing {place.uri}"):
            pages = (
                self._client()
                .get_paginator("list_objects_v2")
                .paginate(Bucket=place.bucket, Prefix=place.key)
            )
            for page in pages:
                for item in page.get("Contents", []):
                    if not item["Key"].endswith("/"):
                        yield _object(place.bucket, item)

    def _client(self) -> S3Client:
        return self._access.client()


def _is_other(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base == SHEET_NAME or base.endswith(_OTHER_SUFFIXES) or base.startswith(_OTHER_NAMES)


def stem(pattern: str) -> str:
    """Return what every key that fits a glob begins with.

    >>> stem("in/*.gaf"), stem("in/a.gaf")
    ('in/', 'in/a.gaf')
    """
    return _GLOB.split(pattern)[0]


def fits(key: str, pattern: str) -> bool:
    """Tell whether a key fits a glob: no wildcard stands for a slash, as in a shell."""
    return fnmatch.fnmatchcase(key, pattern) and key.count("/") == pattern.count("/")


def _object(bucket: str, item: Any) -> Found:
    uri = s3.Location(bucket, item["Key"]).uri
    return Found(uri, item["Size"], identity=uri, etag=item["ETag"])


def _in_hdfs(entry: Entry) -> Found:
    identity = input_list.normalise_uri(entry.uri)
    return Found(entry.uri, entry.bytes, identity, mtime_ns=entry.mtime_ns)


def file_at(path: Path, real: Path | None = None) -> Found:
    """Return a file of this machine.

    Args:
        path: As it was named.
        real: The same without symbolic links, where it is known.

    Raises:
        InputError: It is missing, or a pipe.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"{path}: expected a file, got {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise InputError(
            f"{path}: expected a file, got a pipe or device (give it to standard input: "
            "... | gafreduce run -)"
        )
    # hard links are two real paths of one file; elsewhere not every file system has true numbers
    own = f"{status.st_dev}:{status.st_ino}" if status.st_nlink > 1 else str(real or path.resolve())
    return Found(str(path.absolute()), status.st_size, own, mtime_ns=status.st_mtime_ns)


def read_stored(found: Found, access: s3.Access, n_bytes: int | None = None) -> bytes:
    """Return the first stored bytes of a file or object, or all of them.

    Raises:
        InputError: The file can't be read.
        HadoopError: The same, in HDFS.
        S3Error: The object can't be read, or is not the one that was listed.
    """
    if hdfs.is_uri(found.uri):
        return hdfs.read(found.uri, n_bytes)
    if found.etag is None:
        try:
            with Path(found.uri).open("rb") as stream:
                return stream.read(n_bytes)
        except OSError as error:
            raise InputError(f"{found.uri}: expected to read it, got {error.strerror}") from error
    if not found.bytes:
        return b""  # of which no part can be asked for
    place = s3.parse(found.uri)
    part = f"bytes=0-{'' if n_bytes is None else n_bytes - 1}"
    with translate_errors(f"reading {found.uri}"):
        get = partial(access.client().get_object, Bucket=place.bucket, Key=place.key)
        return s3.body_of(partial(get, IfMatch=found.etag, Range=part))
