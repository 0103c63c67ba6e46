"""Find the input files that the arguments of a command line name, without looking into them."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gafreduce.errors import GafreduceError, InputError
from gafreduce.inputs import sample_sheet
from gafreduce.inputs.sample_sheet import SheetRow
from gafreduce.jobs.files import input_list
from gafreduce.jobs.runners.script import SNIFFED_BYTES
from gafreduce.storage import local
from gafreduce.storage.base import Entry, Folder, Kind, NotReachableError
from gafreduce.storage.resolve import StorageResolver, local_path

SHEET_NAME = "inputs.tsv"
STDIN = "-"
#: Files that are often in the same folder as annotation files.
_OTHER_SUFFIXES = (".md", ".obo", ".obo.gz", ".owl", ".txt.sha256", ".html", ".json", ".py")
_OTHER_NAMES = ("README", "LICENSE", "CHANGELOG", "MANIFEST", "_SUCCESS")
#: Endings of files that are not looked into for a sample sheet.
_ANNOTATION_SUFFIXES = (".gaf", ".gpad", ".gpa", ".gz", ".bz2", ".zst")
_COPIED_BYTES = 1 << 20
#: Of files that no sheet names; one object for all of them.
_NO_ROW = SheetRow("")


@dataclass(frozen=True)
class FoundInput:
    """An input file before anything looked into it, with its row of the sample sheet."""

    entry: Entry
    row: SheetRow = _NO_ROW

    @property
    def uri(self) -> str:
        """The path or URI of the file."""
        return self.entry.uri

    @property
    def is_stdin(self) -> bool:
        """Whether the file is a copy of standard input."""
        return bool(self.entry.identity.sha256)

    @property
    def label(self) -> str:
        """The name of the file in messages."""
        return "standard input" if self.is_stdin else self.uri


class Finder:
    """Follows the arguments of a command line to files.

    Args:
        resolver: Finds the storage of each.
        scratch: A folder for standard input and for sample sheets of other storages.
    """

    def __init__(self, resolver: StorageResolver, scratch: Path) -> None:
        self._resolver = resolver
        self._scratch = scratch
        self._has_read_stdin = False
        self.notes: list[str] = []

    def find(self, argument: str) -> Iterator[FoundInput]:
        """Yield the files that an argument names, and those of the sample sheets that it names.

        Raises:
            InputError: There is none.
        """
        if not argument:  # a path without parts is the working folder
            raise InputError("'': expected an input, got an empty name (an unset variable?)")
        n_found = 0
        for entry in self._find_sheet(argument) or self._find_files(argument):
            n_found += 1
            if self._is_sheet(entry, is_named=argument.endswith(entry.name)):
                yield from self._read_rows(entry)
            else:
                yield FoundInput(entry)
        if not n_found:
            raise InputError(f"{argument}: expected annotation files, got none (only folders?)")

    def _find_sheet(self, argument: str) -> list[Entry]:
        """Return the sample sheet of a folder, if any: it decides which of its files are read."""
        if argument == STDIN:
            return []
        sheet = self._resolver.open(argument).find_in_folder(argument, SHEET_NAME)
        return [] if sheet is None else [sheet]

    def _is_sheet(self, entry: Entry, *, is_named: bool) -> bool:
        """Return whether a file is a sample sheet.

        Args:
            entry: The file.
            is_named: Whether it was named by itself: a sheet may have any name.
        """
        if entry.uri.rpartition("/")[2] == SHEET_NAME:
            return True
        if not entry.bytes or entry.identity.sha256 or entry.uri.endswith(_ANNOTATION_SUFFIXES):
            return False
        if entry.kind is Kind.OTHER or not (is_named or entry.uri.endswith((".tsv", ".csv"))):
            return False
        storage = self._resolver.open(entry.uri)
        beginning = storage.read(entry.uri, entry.identity, SNIFFED_BYTES)
        return sample_sheet.is_sheet(beginning.decode("utf-8-sig", "replace"))

    def _read_rows(self, sheet: Entry) -> Iterator[FoundInput]:
        """Yield the files of a sample sheet. A row that names another sheet is not followed."""
        path, uri = local_path(sheet.uri), sheet.uri
        if path is None:
            path = self._scratch / SHEET_NAME
            path.write_bytes(self._resolver.open(uri).read(uri, sheet.identity))
        rows = sample_sheet.read_sheet(path, uri.rpartition("/")[0], uri)
        with contextlib.suppress(NotReachableError):  # raised again below, with its line
            for storage, paths in self._resolver.group(row.path for row in rows):
                storage.prepare(paths)
        for row in rows:
            try:
                entries = list(self._find_files(row.path))
            except GafreduceError as error:
                raise type(error)(f"{uri}:{row.line}: {error}") from error
            yield from (FoundInput(entry, row) for entry in entries)

    def _find_files(self, argument: str) -> Iterator[Entry]:
        """Yield the files that an argument names."""
        if argument == STDIN:
            yield self._copy_stdin()
            return
        storage = self._resolver.open(argument)
        found = storage.list(argument)
        entries = [entry for entry in found.entries if entry.kind is not Kind.FOLDER]
        if not found.entries and not isinstance(found, Folder):
            raise InputError(
                f"{argument}: expected an annotation file, got nothing of that name "
                f"{storage.location}"
            )
        if isinstance(found, Folder):
            names = self._choose(found.uri, [entry.name for entry in entries])
            entries = [entry for entry in entries if entry.name in names]
        for entry in entries:
            if entry.kind is Kind.OTHER:
                raise InputError(
                    f"{entry.uri}: expected a file, got a pipe or device (send it to standard "
                    "input: ... | gafreduce run -)"
                )
            yield entry

    def _choose(self, folder: str, names: list[str]) -> frozenset[str]:
        """Return the names in a folder that are read; note the others, but for hidden files."""
        visible = [name for name in names if not f"/{name}".count("/.")]
        others = {name for name in visible if _is_other(name)}
        if len(others) == len(visible):
            raise InputError(f"{folder}: expected annotation files in this folder, got none")
        if others:
            listed = ", ".join(map(input_list.decode_name, sorted(others)))
            self.notes.append(f"{input_list.decode_name(folder)}: not read: {listed}")
        return frozenset(visible) - others

    def _copy_stdin(self) -> Entry:
        """Copy standard input, which can be read only once, to a file."""
        if self._has_read_stdin:
            raise InputError("-: expected standard input once, got it twice (name it once)")
        self._has_read_stdin = True
        path = self._scratch / "standard-input"
        digest = hashlib.sha256()
        with path.open("wb") as stream:
            while block := sys.stdin.buffer.read(_COPIED_BYTES):
                digest.update(block)
                stream.write(block)
        entry = local.make_entry(path)
        identity = replace(entry.identity, mtime_ns=None, sha256=digest.hexdigest())
        return replace(entry, identity=identity)


def _is_other(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base == SHEET_NAME or base.endswith(_OTHER_SUFFIXES) or base.startswith(_OTHER_NAMES)
