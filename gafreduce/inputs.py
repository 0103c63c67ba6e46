"""The inputs of a run: what the command line names, found and known by its first bytes."""

from __future__ import annotations

import bz2
import fnmatch
import shutil
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from glob import glob
from pathlib import Path

from gafreduce import s3, sheet
from gafreduce.sheet import SheetRow
from jobs import formats, input_list
from jobs.formats import FormatError
from jobs.input_list import InputFile
from jobs.launch import SNIFFED_BYTES
from jobs.splits import compression_of

SHEET_NAME = "inputs.tsv"
STDIN = "-"
#: What lies beside annotation files and is none.
_OTHER_SUFFIXES = (".md", ".obo", ".obo.gz", ".owl", ".txt.sha256", ".html", ".json", ".py")
_OTHER_NAMES = ("README", "LICENSE", "CHANGELOG", "MANIFEST")
_GLOB = frozenset("*?[")


class InputError(ValueError):
    """An input is missing, is no annotation file, or is named twice."""


@dataclass(frozen=True)
class ListedInput:
    """One input file as it was found."""

    uri: str  # absolute path, or s3:// URI
    source_file: str
    format: str
    compression: str  # plain, gzip, bzip2 or zstd
    bytes: int  # as stored
    mtime_ns: int | None = None  # of a file here
    etag: str | None = None  # of an object in S3
    taxon_id: int = 0
    organism: str = ""
    compare: bool | None = None
    complete: bool = True
    companion: str = ""
    layout: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether it lies in S3."""
        return self.uri.startswith(s3.SCHEME)


@dataclass(frozen=True)
class InputListing:
    """All inputs, in the order in which they were named, and what was passed over."""

    inputs: tuple[ListedInput, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A file or object before it was looked into."""

    uri: str
    bytes: int
    mtime_ns: int | None = None
    etag: str | None = None
    row: SheetRow = field(default_factory=lambda: SheetRow(""))


class _Finder:
    """Follows the arguments of a command line to files and objects."""

    def __init__(self, access: s3.Access, scratch: Path) -> None:
        self._access = access
        self._scratch = scratch
        self.notes: list[str] = []

    def find(self, argument: str) -> Iterator[_Found]:
        """Yield what an argument names."""
        if argument == STDIN:
            yield self._spool()
        elif argument.startswith(s3.SCHEME):
            yield from self._objects(argument)
        elif Path(argument).is_dir():
            yield from self._folder(Path(argument))
        elif Path(argument).exists():
            yield from self._path(Path(argument))
        elif _GLOB & set(argument) and (paths := sorted(glob(argument))):  # noqa: PTH207 - may be absolute
            for path in paths:
                if Path(path).is_file():
                    yield from self._path(Path(path))
        else:
            raise InputError(f"{argument}: expected an annotation file, got nothing of that name")

    def _spool(self) -> _Found:
        path = self._scratch / "standard-input"
        with path.open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        return replace(_file(path), mtime_ns=None)

    def _folder(self, folder: Path) -> Iterator[_Found]:
        if (folder / SHEET_NAME).is_file():
            yield from self._path(folder / SHEET_NAME)
            return
        n_found = 0
        passed_over = []
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or not path.is_file():
                continue
            if path.name.endswith(_OTHER_SUFFIXES) or path.name.startswith(_OTHER_NAMES):
                passed_over.append(path.name)
                continue
            n_found += 1
            yield _file(path)
        if not n_found:
            raise InputError(f"{folder}: expected annotation files in this folder, got none")
        if passed_over:
            self.notes.append(f"{folder}: not read: {', '.join(passed_over)}")

    def _path(self, path: Path) -> Iterator[_Found]:
        if path.suffix != ".tsv" or not _is_sheet(path):
            yield _file(path)
            return
        yield from self._rows(path, str(path.resolve().parent))

    def _rows(self, path: Path, beside: str) -> Iterator[_Found]:
        """Yield what the rows of a sample sheet name."""
        for row in sheet.read_sheet(path, beside):
            found = list(self.find(row.path))
            if not found:
                raise InputError(f"{path}: expected {row.path} to be a file, got none")
            for each in found:
                yield replace(each, row=row)

    def _objects(self, uri: str) -> Iterator[_Found]:
        """Yield an object, the objects under a prefix, or those that a glob fits."""
        location = s3.parse(uri)
        is_glob = bool(_GLOB & set(location.key))
        prefix = location.key
        if is_glob:
            prefix = location.key[: min(location.key.find(c) % 10**9 for c in _GLOB)]
        found = []
        with s3.in_words(f"listing {uri}"):
            pages = (
                self._access.client()
                .get_paginator("list_objects_v2")
                .paginate(Bucket=location.bucket, Prefix=prefix)
            )
            for page in pages:
                for item in page.get("Contents", []):
                    key = item["Key"]
                    if not key.endswith("/") and _is_named(location.key, key, is_glob):
                        place = s3.Location(location.bucket, key).uri
                        found.append(_Found(place, item["Size"], etag=item["ETag"]))
        if not found:
            raise InputError(f"{uri}: expected annotation files, got no object of that name")
        sheets = [each for each in found if each.uri.endswith(f"/{SHEET_NAME}")]
        if sheets:
            yield from self._remote_sheet(sheets[0])
        else:
            yield from found

    def _remote_sheet(self, found: _Found) -> Iterator[_Found]:
        """Yield what a sample sheet in S3 names, as one in a folder does."""
        path = self._scratch / SHEET_NAME
        path.write_bytes(_read_object(found, self._access))
        yield from self._rows(path, found.uri.rpartition("/")[0])


def _is_named(asked: str, key: str, is_glob: bool) -> bool:
    if is_glob:
        return fnmatch.fnmatchcase(key, asked) and key.count("/") == asked.count("/")
    if key == asked:
        return True
    return not asked or key.startswith(asked if asked.endswith("/") else asked + "/")


def _file(path: Path) -> _Found:
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"{path}: expected a file, got {error.strerror}") from error
    return _Found(str(path.absolute()), status.st_size, mtime_ns=status.st_mtime_ns)


def _is_sheet(path: Path) -> bool:
    with path.open("rb") as stream:
        first = stream.read(SNIFFED_BYTES).decode("utf-8-sig", "replace")
    return sheet.is_sheet(first)


def list_inputs(
    arguments: Sequence[str],
    forced_format: str | None,
    access: s3.Access,
    scratch: Path,
    *,
    taxon_id: int = 0,
    companion: str = "",
) -> InputListing:
    """Return the input files that a command line names.

    Args:
        arguments: Files, folders, globs, s3:// URIs, sample sheets, or `-`.
        forced_format: The format of all of them; found by content when None.
        access: How S3 is reached.
        scratch: Where standard input is kept.
        taxon_id: Of files whose format has no taxon, where the sheet gives none.
        companion: The same for the file of gene products beside them.

    Raises:
        InputError: One is missing, damaged, no annotation file, or there twice.
        SheetError: A sample sheet can't be read.
        S3Error: S3 says no.
    """
    if forced_format is not None and forced_format not in formats.FORMATS:
        raise InputError(f"--format {forced_format}: expected one of {', '.join(formats.FORMATS)}")
    finder = _Finder(access, scratch)
    found = [
        replace(
            each,
            row=replace(
                each.row,
                taxon_id=each.row.taxon_id or taxon_id,
                companion=each.row.companion or companion,
            ),
        )
        for argument in arguments
        for each in finder.find(argument)
    ]
    _check_twice(found)
    names = input_list.shortest_names([each.uri for each in found])
    inputs = tuple(
        _listed(each, name, forced_format, access) for each, name in zip(found, names, strict=True)
    )
    return InputListing(inputs, tuple(finder.notes))


def _check_twice(found: Iterable[_Found]) -> None:
    seen: dict[str, str] = {}
    for each in found:
        identity = each.uri if each.etag else str(Path(each.uri).resolve())
        if identity in seen:
            raise InputError(
                f"{each.uri}: expected each file once, got it also as {seen[identity]} "
                "(its lines would count twice)"
            )
        seen[identity] = each.uri


def _listed(found: _Found, name: str, forced_format: str | None, access: s3.Access) -> ListedInput:
    row = found.row
    stored = _first_bytes(found, access)
    if not stored:
        raise InputError(f"{found.uri}: expected annotation lines, got 0 bytes (remove it)")
    compression = compression_of(stored)
    try:
        text = _inflate(stored, compression)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InputError(
            f"{found.uri}: expected a {compression} file, got a damaged one ({error}; get it again)"
        ) from error
    form = forced_format or row.format
    if form is not None and form not in formats.FORMATS:
        raise InputError(f"{found.uri}: expected a known format in the sheet, got {form!r}")
    try:
        sniffed = formats.sniff(text, found.uri, form)
    except FormatError as error:
        raise InputError(str(error)) from error
    listed = ListedInput(
        uri=found.uri,
        source_file=name,
        format=sniffed.format,
        compression=compression,
        bytes=found.bytes,
        mtime_ns=found.mtime_ns,
        etag=found.etag,
        taxon_id=row.taxon_id or 0,
        organism=row.organism,
        compare=row.compare,
        complete=row.complete is not False,
        companion=row.companion,
        layout=sniffed.layout,
    )
    _check_needs(listed)
    return listed


def _check_needs(listed: ListedInput) -> None:
    """Say here, not in a task, what the format of a file needs besides the file."""
    if listed.companion.startswith(s3.SCHEME):
        raise InputError(
            f"{listed.companion}: expected the file of gene products on this machine, got one in "
            "S3 (get it first)"
        )
    try:
        formats.reader(
            InputFile(
                uri=listed.uri,
                source_file=listed.source_file,
                format=listed.format,
                compression=listed.compression,
                bytes=listed.bytes,
                taxon_id=listed.taxon_id,
                companion=listed.companion,
                layout=listed.layout,
            )
        )
    except FormatError as error:
        raise InputError(str(error)) from error


def _first_bytes(found: _Found, access: s3.Access) -> bytes:
    if found.bytes == 0:
        return b""
    if found.etag is None:
        try:
            with Path(found.uri).open("rb") as stream:
                return stream.read(SNIFFED_BYTES)
        except OSError as error:
            raise InputError(f"{found.uri}: expected to read it, got {error.strerror}") from error
    return _read_object(found, access, f"bytes=0-{SNIFFED_BYTES - 1}")


def _read_object(found: _Found, access: s3.Access, part: str = "bytes=0-") -> bytes:
    """Return an object, or a part of it; it must be the one that was listed."""
    location = s3.parse(found.uri)
    with s3.in_words(f"reading {found.uri}"):
        answer = access.client().get_object(
            Bucket=location.bucket, Key=location.key, IfMatch=str(found.etag), Range=part
        )
        return answer["Body"].read()


def _inflate(stored: bytes, compression: str) -> bytes:
    """Return what the first bytes of a file hold; it may be cut anywhere."""
    if compression == "gzip":
        return zlib.decompressobj(wbits=31).decompress(stored, SNIFFED_BYTES)
    if compression == "bzip2":
        return bz2.BZ2Decompressor().decompress(stored, SNIFFED_BYTES)
    if compression == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj().decompress(stored)[:SNIFFED_BYTES]
    return stored
