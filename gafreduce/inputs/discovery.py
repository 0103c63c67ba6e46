"""Find the input files that the arguments of a command line name, without looking into them."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import GafreduceError, InputError
from gafreduce.inputs import sample_sheet
from gafreduce.inputs.sample_sheet import SheetRow
from gafreduce.jobs.files import input_list
from gafreduce.jobs.runners.script import SNIFFED_BYTES
from gafreduce.storage import local
from gafreduce.storage.base import Entry, Folder, Kind, NotReachableError, Storage
from gafreduce.storage.resolve import StorageResolver, local_path

SHEET_NAME = "inputs.tsv"
STDIN = "-"
#: Files that are often in the same folder as annotation files.
_OTHER_SUFFIXES = (".md", ".obo", ".obo.gz", ".owl", ".txt.sha256", ".html", ".json", ".py")
_OTHER_NAMES = ("README", "LICENSE", "CHANGELOG", "MANIFEST", "_SUCCESS")
#: The file and the folder by which a run folder is recognised.
_MANIFEST, _TABLES = "MANIFEST.tsv", "tables/"
#: Folders that a message names, and that are searched for it; files that a note names.
_FOLDERS_SHOWN, _FOLDERS_SEARCHED, _NOTED = 3, 10, 30
#: Endings of files that are not looked into for a sample sheet.
_ANNOTATION_SUFFIXES = (".gaf", ".gpad", ".gpa", ".gz", ".bz2", ".zst")
_COPIED_BYTES = 1 << 20
#: Of files that no sheet names; one object for all of them.
_NO_ROW = SheetRow("")


class FoundInput(NamedTuple):
    """An input file before anything looked into it, with its row of the sample sheet."""

    entry: Entry
    row: SheetRow = _NO_ROW
    is_named: bool = True  # by itself; others are of a folder or fit a pattern

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
        is_recursive: Whether folders in folders are searched.
        reads_sheets: Whether the sample sheet of a folder decides which of its files are read.
    """

    def __init__(
        self,
        resolver: StorageResolver,
        scratch: Path,
        *,
        is_recursive: bool = False,
        reads_sheets: bool = True,
    ) -> None:
        self._resolver = resolver
        self._scratch = scratch
        self._is_recursive = is_recursive
        self._reads_sheets = reads_sheets
        self._has_read_stdin = False
        self._searches: list[_FolderSearch] = []  # of folders whose folders were not searched
        self.notes: list[str] = []

    def describe_folders(self) -> str:
        """Return which folders were not searched and have files, with the option; "" for none."""
        return next(filter(None, (each.describe_folders() for each in self._searches)), "")

    def find(self, argument: str) -> Iterator[FoundInput]:
        """Yield the files that an argument names, and those of the sample sheets that it names.

        Raises:
            InputError: There is none.
        """
        if not argument:  # a path without parts is the working folder
            raise InputError("'': expected an input, got an empty name (an unset variable?)")
        sheet = self._find_sheet(argument)
        found = [FoundInput(sheet)] if sheet else list(self._find_files(argument))
        if not found:
            raise InputError(f"{argument}: expected annotation files, got none (only folders?)")
        sheets: dict[str, Entry] = {}  # by folder
        for each in found:
            is_named = argument.endswith(each.entry.name)
            if not self._is_sheet(each.entry, is_named=is_named):
                continue
            folder = each.uri.rpartition("/")[0]
            if folder in sheets:
                raise InputError(
                    f"{folder}: expected one sample sheet, got {_name(sheets[folder])} and "
                    f"{_name(each.entry)} (name the one that you mean)"
                )
            sheets[folder] = each.entry
        for each in found:
            deciding = [folder for folder in sheets if each.uri.startswith(f"{folder}/")]
            if not deciding:
                yield each
            elif each.entry is sheets[min(deciding)]:  # of the folder that holds the others
                yield from self._read_rows(each.entry)

    def _find_sheet(self, argument: str) -> Entry | None:
        """Return the sample sheet of a folder, if any: it decides which of its files are read."""
        if argument == STDIN or not self._reads_sheets:
            return None
        return self._resolver.open(argument).find_in_folder(argument, SHEET_NAME)

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
        return sample_sheet.is_sheet(beginning)

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
                found = list(self._find_files(row.path))
            except GafreduceError as error:
                raise type(error)(f"{uri}:{row.line}: {error}") from error
            yield from (each._replace(row=row, is_named=True) for each in found)

    def _find_files(self, argument: str) -> Iterator[FoundInput]:
        """Yield the files that an argument names."""
        if argument == STDIN:
            yield FoundInput(self._copy_stdin())
            return
        storage = self._resolver.open(argument)
        found = storage.list(argument)
        if not found.entries and not isinstance(found, Folder):
            raise InputError(
                f"{argument}: expected an annotation file, got nothing of that name "
                f"{storage.location}"
            )
        if isinstance(found, Folder):
            yield from (FoundInput(entry, is_named=False) for entry in self._search(found, storage))
            return
        for entry in found.entries:
            if entry.kind is Kind.OTHER:
                raise InputError(
                    f"{entry.uri}: expected a file, got a pipe or device (send it to standard "
                    "input: ... | gafreduce run -)"
                )
            if entry.kind is Kind.FILE:
                yield FoundInput(entry, is_named=len(found.entries) == 1)

    def _search(self, top: Folder, storage: Storage) -> list[Entry]:
        """Return the files of a folder that are read; note the others, but for hidden files.

        With `--recursive` also those of the folders in it; a sample sheet decides for its folder.
        """
        search = _FolderSearch(top, storage, reads_sheets=self._reads_sheets)
        search.add_files(is_recursive=self._is_recursive)
        if not search.chosen:
            raise InputError(search.describe_nothing())
        self.notes += search.list_notes()
        self._searches += [] if self._is_recursive else [search]
        return search.chosen

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
        return entry._replace(identity=identity)


def _name(entry: Entry) -> str:
    return input_list.decode_name(entry.uri.rpartition("/")[2])


class _FolderSearch:
    """Finds the files in a folder, and in the folders in it.

    Attributes:
        chosen: Files that are read.
    """

    def __init__(self, top: Folder, storage: Storage, *, reads_sheets: bool) -> None:
        self.chosen: list[Entry] = []
        self._top = top
        self._storage = storage
        self._reads_sheets = reads_sheets
        self._others: list[str] = []  # names of files that are not read
        self._run_folders: list[str] = []
        self._folders: list[Entry] = []  # in the folder itself

    def add_files(self, *, is_recursive: bool) -> None:
        """Find the files."""
        waiting = [("", self._top)]
        while waiting:
            place, folder = waiting.pop()  # the folder's name below the first one, with a slash
            if place and self._reads_sheets:
                sheet = self._storage.find_in_folder(folder.uri, SHEET_NAME)
                if sheet is not None:
                    self.chosen.append(sheet)
                    continue
            runs = _find_run_folders([entry.name for entry in folder.entries])
            self._run_folders += [f"{place}{each}".rstrip("/") for each in runs]
            entries = [
                each
                for each in folder.entries
                if not f"/{each.name}".count("/.") and not each.name.startswith(runs)
            ]
            files = [each for each in entries if each.kind is Kind.FILE]
            others = [each.name for each in files if _is_other(each.name)]
            self.chosen += [each for each in files if each.name not in others]
            self._others += [place + name for name in others]
            folders = [each for each in entries if each.kind is Kind.FOLDER]
            if not place:
                self._folders = folders
            for each in reversed(folders) if is_recursive else ():
                found = self._storage.list(each.uri)
                if isinstance(found, Folder):
                    waiting.append((f"{place}{each.name}/", found))

    def list_notes(self) -> Iterator[str]:
        """Yield notes on what is not read."""
        label = input_list.decode_name(self._top.uri)
        for names, what in ((self._others, ""), (self._run_folders, "results of gafreduce: ")):
            if names:
                shown = ", ".join(map(input_list.decode_name, sorted(names)[:_NOTED]))
                more = f" and {len(names) - _NOTED:,} more" if len(names) > _NOTED else ""
                yield f"{label}: not read: {what}{shown}{more}"

    def describe_nothing(self) -> str:
        """Return the message on a folder without annotation files."""
        if "" in self._run_folders:
            return (
                f"{self._top.uri}: expected annotation files, got a run folder of gafreduce (name "
                "the inputs of that run)"
            )
        message = f"{self._top.uri}: expected annotation files in this folder, got none"
        folders = self.describe_folders()
        return f"{message}, but {folders}" if folders else message

    def describe_folders(self) -> str:
        """Return which folders in the folder have files, with the option; "" for none."""
        having = [each.name for each in self._folders[:_FOLDERS_SEARCHED] if self._has_files(each)]
        if not having:
            return ""
        shown = ", ".join(having[:_FOLDERS_SHOWN])
        more = ", ..." if len(having) > _FOLDERS_SHOWN else ""
        return f"files in its folders {shown}{more} (search them too: --recursive)"

    def _has_files(self, folder: Entry) -> bool:
        """Return whether a folder, or one in it, has files that would be read."""
        found = self._storage.list(folder.uri)
        if not isinstance(found, Folder):
            return False
        search = _FolderSearch(found, self._storage, reads_sheets=self._reads_sheets)
        search.add_files(is_recursive=True)
        return bool(search.chosen)


def _find_run_folders(names: Iterable[str]) -> tuple[str, ...]:
    """Return the run folders among names, as the beginnings of the names of their files.

    >>> _find_run_folders(["a.gaf", "my-run/MANIFEST.tsv", "my-run/tables/x.tsv", "b/tables"])
    ('my-run/',)
    """
    with_tables, with_manifest = set(), set()
    for name in names:
        before, tables, _ = f"/{name}/".partition(f"/{_TABLES}")
        if tables:
            with_tables.add(f"{before}/".lstrip("/"))
        if f"/{name}".endswith(f"/{_MANIFEST}"):
            with_manifest.add(name.removesuffix(_MANIFEST))
    return tuple(sorted(with_tables & with_manifest))


def _is_other(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base == SHEET_NAME or base.endswith(_OTHER_SUFFIXES) or base.startswith(_OTHER_NAMES)
