"""The inputs of a run: what the command line names, known by its first bytes."""

from __future__ import annotations

import bz2
import hashlib
import io
import os
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.inputs.discovery import Finder, Found, file_at, read_stored
from gafreduce.inputs.side_by_side import by_processes, by_threads
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.files.splits import Split, compression_of, read_split
from gafreduce.jobs.formats import registry
from gafreduce.jobs.formats.registry import FormatError
from gafreduce.jobs.runners.script import SNIFFED_BYTES
from gafreduce.storage import hdfs, s3
from gafreduce.storage.s3_errors import translate_errors

__all__ = ["SUFFIXES", "InputListing", "ListedInput", "list_inputs"]

#: Names by which Hadoop tells how a file is stored; its content it doesn't look at.
SUFFIXES = {"gzip": ".gz", "bzip2": ".bz2"}

#: A bzip2 block is 900 kB of text, and nothing of it is seen before all of it is there.
_PACKED_BYTES = 1 << 20
_THREADS = 8
#: From so many files here on it pays to look into them by several processes.
_MANY_FILES = 1000
#: Bytes of lines by which two files are told apart at once.
_BEGINNING = 4096


@dataclass(frozen=True)
class ListedInput:
    """One input file as it was found."""

    uri: str  # absolute path, s3:// or hdfs:// URI
    source_file: str
    format: str
    compression: str  # plain, gzip, bzip2 or zstd
    bytes: int  # as stored
    mtime_ns: int | None = None  # of a file here or in HDFS
    etag: str | None = None  # of an object in S3
    sha256: str = ""  # of standard input, which has neither
    taxon_id: int = 0
    organism: str = ""
    compare: bool | None = None
    complete: bool = True
    companion: str = ""
    companion_version: str = ""  # its ETag, or its size and time
    layout: str = ""

    @property
    def is_in_s3(self) -> bool:
        """Whether it lies in S3."""
        return self.uri.startswith(s3.SCHEME)

    @property
    def is_in_hdfs(self) -> bool:
        """Whether it lies in HDFS."""
        return hdfs.is_uri(self.uri)


@dataclass(frozen=True)
class InputListing:
    """All inputs, in the order in which they were named, and what was passed over."""

    inputs: tuple[ListedInput, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """An input, and what tells it from others of the same size."""

    listed: ListedInput
    beginning: str  # digest of the first lines that say something; empty when none does


def list_inputs(
    arguments: Sequence[str],
    forced_format: str | None,
    access: s3.Access,
    scratch: Path,
    *,
    taxon_id: int = 0,
    companion: str = "",
    on_hadoop: bool = False,
) -> InputListing:
    """Return the input files that a command line names.

    Args:
        arguments: Files, folders, globs, s3:// and hdfs:// URIs, sample sheets, or `-`.
        forced_format: The format of all of them; found by content when None.
        access: How S3 is reached.
        scratch: Where standard input is kept.
        taxon_id: Of files whose format has no taxon, where the sheet gives none.
        companion: The same for the file of gene products beside them.
        on_hadoop: Whether the job can read what lies in HDFS.

    Raises:
        InputError: One is missing, damaged, no annotation file, or there twice.
        SheetError: A sample sheet can't be read.
        S3Error: S3 says no.
        HadoopError: Hadoop does.
    """
    if forced_format is not None and forced_format not in registry.FORMATS:
        raise InputError(
            f"expected a format of {', '.join(registry.FORMATS)}, got {forced_format[:100]!r}"
        )
    if companion and not companion.startswith(s3.SCHEME):
        companion = str(Path(companion).absolute())  # tasks have working folders of their own
    finder = Finder(access, scratch, on_hadoop)
    found = [each for argument in arguments for each in finder.find(argument)]
    if taxon_id or companion:
        found = [
            replace(
                each,
                row=replace(
                    each.row,
                    taxon_id=each.row.taxon_id or taxon_id,
                    companion=each.row.companion or companion,
                ),
            )
            for each in found
        ]
    _check_twice(found)
    versions = _versions({each.row.companion for each in found} - {""}, access)
    names = input_list.shortest_names([each.uri for each in found])

    there = {each.uri: each.bytes for each in found if hdfs.is_uri(each.uri)}
    stored = hdfs.beginnings(there, SNIFFED_BYTES) if there else {}

    def look(each: Found, name: str) -> _Seen:
        seen = _look(each, name, forced_format, access, stored.get(each.uri))
        version = versions.get(each.row.companion)
        if version is None:
            return seen
        return replace(seen, listed=replace(seen.listed, companion_version=version))

    if any(each.etag for each in found):
        seen = by_threads(look, _THREADS, found, names)
    elif there.keys() - stored.keys():  # each look is a JVM
        seen = by_threads(look, min(_THREADS, os.cpu_count() or 1), found, names)
    elif len(found) >= _MANY_FILES and not there:
        seen = by_processes(look, scratch, found, names)
    else:
        seen = list(map(look, found, names))
    _check_same_content(seen)
    return InputListing(tuple(each.listed for each in seen), tuple(finder.notes))


def _versions(companions: Iterable[str], access: s3.Access) -> dict[str, str]:
    """Return what tells each companion from other versions of it."""
    versions = {}
    for companion in companions:
        if hdfs.is_uri(companion):
            raise InputError(
                f"{companion}: expected a GPI file here or in S3, got one in HDFS "
                "(copy it: hadoop fs -get)"
            )
        if companion.startswith(s3.SCHEME):
            place = s3.parse(companion)
            with translate_errors(f"reading {companion}"):
                head = access.client().head_object(Bucket=place.bucket, Key=place.key)
            versions[companion] = head["ETag"]
        else:
            try:
                found = file_at(Path(companion))
            except InputError as error:
                raise InputError(f"{companion}: expected a GPI file, got none ({error})") from error
            versions[companion] = f"{found.bytes}:{found.mtime_ns}"
    return versions


def _check_twice(found: Iterable[Found]) -> None:
    seen: dict[str, str] = {}
    for each in found:
        if each.identity in seen:
            raise InputError(
                f"{each.uri}: expected each file once, got it also as {seen[each.identity]} "
                "(its lines would count twice)"
            )
        seen[each.identity] = each.uri


def _check_same_content(seen: Iterable[_Seen]) -> None:
    """Check that no two inputs hold the same lines: they would count twice.

    Compression, headers and line ends play no role. Only files whose first lines are the same are
    read for it; objects have their ETags, files in HDFS its checksums.
    """
    groups: dict[str, list[ListedInput]] = defaultdict(list)
    for each in seen:
        if each.beginning:
            groups[each.beginning].append(each.listed)
    for alike in groups.values():
        if len(alike) == 1:
            continue
        contents: dict[str, ListedInput] = {}
        checksums = hdfs.checksums(found) if (found := _uris_in_hdfs(alike)) else {}
        for listed in alike:
            content = listed.etag or checksums.get(listed.uri) or _sha256_of_lines(listed)
            other = contents.setdefault(content, listed)
            if other is not listed:
                raise InputError(
                    f"{listed.uri}: expected each file once, got the same content as {other.uri} "
                    "(leave one out)"
                )


def _uris_in_hdfs(inputs: Iterable[ListedInput]) -> list[str]:
    return [listed.uri for listed in inputs if listed.is_in_hdfs]


def _sha256_of_lines(listed: ListedInput) -> str:
    """Return a digest of a file's lines that say something."""
    digest = hashlib.sha256()
    path = Path(listed.uri)
    if listed.compression == "zstd":
        from gafreduce.inputs import zstd

        with tempfile.TemporaryDirectory() as folder:
            text = Path(folder) / "text"
            zstd.unpack(path, text)
            for block in read_split(Split(str(text), 0, text.stat().st_size)).blocks:
                digest.update(_lines_that_say(block))
    else:
        for block in read_split(Split(str(path), 0, listed.bytes)).blocks:
            digest.update(_lines_that_say(block))
    return digest.hexdigest()


def _lines_that_say(text: bytes) -> bytes:
    r"""Return the lines that are neither headers nor blank, each ended by LF.

    >>> _lines_that_say(b"!gaf-version: 2.1\r\na\tb\r\n\nc\n")
    b'a\tb\nc\n'
    """
    lines = (line.rstrip(b"\r") for line in text.split(b"\n"))
    return b"".join(
        line + b"\n" for line in lines if line.strip() and not line.startswith((b"!", b"#"))
    )


def _beginning(text: bytes) -> bytes:
    """Return the first bytes of the lines that say something."""
    said, start = b"", 0
    while start < len(text) and len(said) < _BEGINNING:
        end = text.find(b"\n", start + _BEGINNING) + 1 or len(text)
        said += _lines_that_say(text[start:end])
        start = end
    return said[:_BEGINNING]


def _look(
    found: Found, name: str, forced_format: str | None, access: s3.Access, stored: bytes | None
) -> _Seen:
    """Find out what a file is; its first bytes may be known."""
    row = found.row
    if not found.bytes:
        advice = "did the command before it fail?" if found.sha256 else "remove it"
        raise InputError(f"{found.name}: expected annotation lines, got 0 bytes ({advice})")
    stored = stored or read_stored(found, access, SNIFFED_BYTES)
    compression = compression_of(stored)
    text = _text(found, stored, compression, access)
    form = forced_format or row.format
    if form is not None and form not in registry.FORMATS:
        raise InputError(f"{found.uri}: expected a known format in the sheet, got {form!r}")
    try:
        sniffed = registry.sniff(text, found.name, form)
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
        sha256=found.sha256,
        taxon_id=row.taxon_id or 0,
        organism=row.organism,
        compare=row.compare,
        complete=row.complete is not False,
        companion=row.companion,
        layout=sniffed.layout,
    )
    _check_needs(listed)
    text = text[:SNIFFED_BYTES]  # as much, however it is compressed
    beginning = _beginning(text[: text.rfind(b"\n") + 1] or text)
    return _Seen(listed, hashlib.sha256(beginning).hexdigest() if beginning else "")


def _check_needs(listed: ListedInput) -> None:
    """Say here, not in a task, what the format of a file needs besides the file."""
    if listed.companion.startswith(s3.SCHEME):
        return
    try:
        registry.make_reader(
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


def _text(found: Found, stored: bytes, compression: str, access: s3.Access) -> bytes:
    """Return the beginning of what a file holds."""
    if compression in ("bzip2", "zstd") and found.bytes > len(stored):
        stored = read_stored(found, access, _PACKED_BYTES)
    try:
        return _inflate(stored, compression)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InputError(
            f"{found.name}: expected a {compression} file, got a damaged one ({error}; "
            "get it again)"
        ) from error


def _inflate(stored: bytes, compression: str) -> bytes:
    """Return what the first bytes of a file hold; it may be cut anywhere."""
    if compression == "gzip":
        return _members(lambda: zlib.decompressobj(wbits=31), stored)
    if compression == "bzip2":
        return _members(bz2.BZ2Decompressor, stored)
    if compression == "zstd":
        from gafreduce.inputs import zstd

        return zstd.beginning(io.BytesIO(stored), SNIFFED_BYTES)
    return stored


def _members(inflater: Callable[[], Any], stored: bytes) -> bytes:
    """Return what the first members of a file hold: the first of them may be empty.

    Raises:
        EOFError: Nothing comes out, and not because there is nothing.
    """
    text = b""
    while stored and len(text) < SNIFFED_BYTES:
        member = inflater()
        text += member.decompress(stored, SNIFFED_BYTES - len(text))
        if not member.eof:
            if not text:
                raise EOFError("cut short")
            break
        stored = member.unused_data
    return text
