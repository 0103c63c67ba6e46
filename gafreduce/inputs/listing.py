"""List the inputs of a run: find the files that a command line names, and look into each.

A file's format and compression are found by its first bytes, not by its name.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from gafreduce.errors import InputError
from gafreduce.inputs import content, encoding, verify
from gafreduce.inputs.companions import pair_companions
from gafreduce.inputs.discovery import Finder, FoundInput
from gafreduce.inputs.listed_input import InputListing, ListedInput
from gafreduce.inputs.samples import find_main_taxon, number_samples
from gafreduce.inputs.selection import find_selection
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.compression import find_compression
from gafreduce.jobs.formats import detection, registry
from gafreduce.jobs.formats.base import FormatError, LineReader
from gafreduce.jobs.formats.column_choice import NAME_COLUMNS, NO_CHOICE, ColumnChoice
from gafreduce.jobs.runners.process_pool import ProcessPool, TaskError
from gafreduce.jobs.runners.script import SNIFFED_BYTES
from gafreduce.regular_file import check_regular_file
from gafreduce.storage.base import Identity, Storage
from gafreduce.storage.resolve import StorageResolver, local_path
from gafreduce.system import host

#: A bzip2 block holds 900 kB of text, and is unpacked as a whole.
_PACKED_BYTES = 1 << 20
#: For this many files here several processes are faster than one.
_MANY_FILES = 1000
#: Tasks for each process: inputs differ in cost.
_TASKS_PER_CORE = 4


@dataclass(frozen=True)
class InputRequest:
    """The inputs of a command line, and the properties that its options give to all of them."""

    #: Files, folders, glob patterns, URIs, sample sheets, or `-`.
    arguments: tuple[str, ...]
    format: str | None = None  # of all files; found by content when None
    taxon_id: int = 0  # of files whose format has no taxa, where the sheet gives none
    companion: str = ""  # the GPI file of all files, where the sheet gives none
    columns: ColumnChoice = NO_CHOICE  # of delimited text
    is_recursive: bool = False  # search folders in folders
    skips_unknown: bool = False  # go on without files of a folder that no format fits
    reads_sheets: bool = True  # the sample sheet of a folder decides which of its files are read
    #: For files of which the taxon is not known, to look into them; 0: that is an error.
    placeholder_taxon: int = 0

    @classmethod
    def from_options(cls, options: Any) -> InputRequest:
        """Return the request of a command line.

        Args:
            options: An object with the inputs, and the options of `cli.options.add_input_format`.

        Raises:
            InputError: The format is not known, or has no use for the other options.
        """
        return cls(
            tuple(options.inputs),
            options.format,
            options.taxon or 0,
            options.companion or "",
            ColumnChoice(options.delimiter or "", options.id_column or "", options.go_column or ""),
            options.recursive,
            options.skip_unknown,
        )

    def __post_init__(self) -> None:
        """Check the format.

        Raises:
            InputError: It is not known.
        """
        if self.format is not None and self.format not in registry.FORMATS:
            raise InputError(
                f"expected a format of {', '.join(registry.FORMATS)}, got {self.format[:100]!r}"
            )
        if self.columns != NO_CHOICE and self.format not in (None, *registry.WITH_CHOICE):
            raise InputError(
                f"expected no --delimiter, --id-column or --go-column for {self.format}, which has "
                f"columns of its own (leave them out, or --format; they are for "
                f"{', '.join(registry.WITH_CHOICE)})"
            )

    def complete_row(self, found: FoundInput) -> FoundInput:
        """Return a file with the options where its row of the sample sheet is empty."""
        if not self.companion:
            return found
        row = found.row._replace(companion=found.row.companion or _absolute(self.companion))
        return found._replace(row=row)


class _Inspected(NamedTuple):
    """An input that was looked into."""

    listed: ListedInput
    first_lines: str  # digest; empty when there are no lines but headers


class _Stranger(NamedTuple):
    """A file of a folder that no format fits."""

    found: FoundInput
    source_file: str
    error: FormatError

    def describe(self) -> str:
        """Return name and reason in one line, without advice that is the same for most files."""
        reason = str(self.error).removeprefix(f"{self.found.label}: ").removesuffix(NAME_COLUMNS)
        return f"{self.source_file}: {reason.removeprefix('expected annotation lines, got ')}"


def list_inputs(request: InputRequest, resolver: StorageResolver, scratch: Path) -> InputListing:
    """Return the input files that a command line names.

    Args:
        request: The command line.
        resolver: Finds the storage of each.
        scratch: A folder for standard input.

    Raises:
        InputError: A file is missing, damaged, no annotation file, or named twice; or a sample
            sheet is wrong.
        S3Error: A request to S3 failed.
        HadoopError: A call of Hadoop failed.
    """
    finder = Finder(
        resolver, scratch, is_recursive=request.is_recursive, reads_sheets=request.reads_sheets
    )
    found = [
        request.complete_row(each)
        for argument in request.arguments
        for each in finder.find(argument)
    ]
    _check_named_once(found)
    found, notes = pair_companions(found, bool(request.taxon_id))
    companions = _identify_companions({each.row.companion for each in found} - {""}, resolver)
    inspected, notes_on_strangers = _leave_strangers(
        _inspect_all(found, request, resolver, scratch), request, finder
    )
    listed = [
        each.listed._replace(companion_identity=companions[each.listed.companion])
        if each.listed.companion
        else each.listed
        for each in inspected
    ]
    first_lines = [each.first_lines for each in inspected]
    verify.check_distinct(listed, first_lines, resolver)
    numbered, organisms, notes_on_samples = number_samples(listed)
    all_notes = (*finder.notes, *notes_on_strangers, *notes, *notes_on_samples)
    return InputListing(numbered, all_notes, organisms)


def _leave_strangers(
    results: Sequence[_Inspected | _Stranger], request: InputRequest, finder: Finder
) -> tuple[list[_Inspected], list[str]]:
    """Return the inputs without strangers, and a note on each.

    Raises:
        InputError: There are strangers, and the request does not skip them, or nothing else.
    """
    inspected = [each for each in results if isinstance(each, _Inspected)]
    strangers = [each for each in results if isinstance(each, _Stranger)]
    if not strangers:
        return inspected, []
    lines = [each.describe() for each in strangers]
    if inspected and request.skips_unknown:
        names = input_list.shortest_names([each.listed.uri for each in inspected])
        renamed = [
            each._replace(listed=each.listed._replace(source_file=name))
            for each, name in zip(inspected, names, strict=True)
        ]
        return renamed, [f"not read (--skip-unknown): {line}" for line in lines]
    folders = "" if inspected else finder.describe_folders()
    if len(strangers) == 1:
        error = strangers[0].error
        other = "or go on without it: --skip-unknown" if inspected else folders
        error.details = [*error.details, *filter(None, [other])]
        raise error
    advice = "remove them, or go on without them: --skip-unknown" if inspected else "remove them"
    refusal = InputError(
        f"{', '.join(request.arguments)[:200]}: expected annotation files, got {len(strangers):,} "
        f"others ({advice})"
    )
    refusal.details = [*lines, *filter(None, [folders])]
    raise refusal


def _absolute(path: str) -> str:
    """Return the absolute path of a file: tasks have working folders of their own."""
    local = local_path(path)
    return local.absolute().as_posix() if path and local is not None else path


def _identify_companions(
    companions: Iterable[str], resolver: StorageResolver
) -> dict[str, Identity]:
    identities = {}
    for companion in companions:
        found = resolver.open(companion).stat([companion])
        if companion not in found:
            raise InputError(f"{companion}: expected a GPI file, got nothing of that name")
        if (path := local_path(companion)) is not None:
            check_regular_file(path)
        identities[companion] = found[companion].identity
    return identities


def _check_named_once(found: Iterable[FoundInput]) -> None:
    seen: dict[str, str] = {}
    for each in found:
        key = each.entry.unique_key
        if key in seen:
            raise InputError(
                f"{each.uri}: expected each file once, got it also as {seen[key]} "
                "(its lines would count twice)"
            )
        seen[key] = each.uri


def _inspect_all(
    found: Sequence[FoundInput],
    request: InputRequest,
    resolver: StorageResolver,
    scratch: Path,
) -> list[_Inspected | _Stranger]:
    """Look into each file: in turn, by threads where reading is waiting, by processes for many."""
    names = input_list.shortest_names([each.uri for each in found])
    by_uri = {each.uri: each for each in found}
    storages: dict[str, Storage] = {}
    stored: dict[str, bytes] = {}
    n_readers = 1
    for storage, uris in resolver.group(by_uri):
        storages |= dict.fromkeys(uris, storage)
        read = storage.read_beginnings([by_uri[uri].entry for uri in uris], SNIFFED_BYTES)
        if len(read) < len(uris):
            n_readers = max(n_readers, storage.n_readers)
        stored |= read
    tasks = [
        _Task(each, name, request, storages[each.uri], stored.get(each.uri))
        for each, name in zip(found, names, strict=True)
    ]
    if n_readers > 1:
        return _inspect_by_threads(tasks, n_readers)
    if len(tasks) >= _MANY_FILES and not stored:
        return _inspect_by_processes(tasks, scratch)
    return [_inspect(task) for task in tasks]


class _Task(NamedTuple):
    """A file to look into; it can be sent to another process."""

    found: FoundInput
    source_file: str
    request: InputRequest
    storage: Storage
    stored: bytes | None  # its first bytes, when they are known

    def read(self, n_bytes: int) -> bytes:
        """Return the first stored bytes."""
        return self.storage.read(self.found.uri, self.found.entry.identity, n_bytes)


def _inspect_by_threads(tasks: Sequence[_Task], n_threads: int) -> list[_Inspected | _Stranger]:
    from concurrent.futures import ThreadPoolExecutor  # most runs need none

    with ThreadPoolExecutor(n_threads) as pool:
        try:
            return list(pool.map(_inspect, tasks))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _inspect_by_processes(tasks: Sequence[_Task], scratch: Path) -> list[_Inspected | _Stranger]:
    """Look into files by processes that end with this one, even when it is killed."""
    n_cores = host.count_cores()
    size = -(-len(tasks) // (n_cores * _TASKS_PER_CORE))
    parts = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    paths = [scratch / f"inspected-{number}" for number in range(len(parts))]
    work = [partial(_write_inspected, *each) for each in zip(parts, paths, strict=True)]
    try:
        with ProcessPool(work, min(n_cores, len(work))) as workers:
            for _ in workers.run():
                pass
        return [each for path in paths for each in pickle.loads(path.read_bytes())]
    except TaskError:  # again in turn, to raise the error of the first file that has one
        return [_inspect(task) for task in tasks]
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _write_inspected(tasks: Sequence[_Task], path: Path) -> None:
    path.write_bytes(pickle.dumps([_inspect(task) for task in tasks]))


def _inspect(task: _Task) -> _Inspected | _Stranger:
    """Return a file with its format and compression; check that its format has all it needs.

    A file of a folder that no format fits is no error yet: the others are looked into first.
    """
    found, row = task.found, task.found.row
    if not found.entry.bytes:
        advice = "did the command before it fail?" if found.is_stdin else "remove it"
        empty = FormatError(f"{found.label}: expected annotation lines, got 0 bytes ({advice})")
        return _refuse(task, empty)
    stored = task.stored or task.read(SNIFFED_BYTES)
    compression = find_compression(stored)
    if compression in ("bzip2", "zstd") and found.entry.bytes > len(stored):
        stored = task.read(_PACKED_BYTES)
    text = content.inflate(stored, compression, found.label)
    text_encoding = encoding.find_encoding(text)
    text = encoding.convert_beginning(text, text_encoding)
    known_format = task.request.format or row.format
    if known_format is not None and known_format not in registry.FORMATS:
        raise InputError(f"{found.uri}: expected a known format in the sheet, got {known_format!r}")
    is_free = known_format is None or known_format in registry.WITH_CHOICE
    columns = task.request.columns if is_free else NO_CHOICE
    try:
        sniffed = detection.sniff(text, found.label, known_format, columns)
    except FormatError as error:
        return _refuse(task, error)
    listed = ListedInput(
        uri=found.uri,
        source_file=task.source_file,
        format=sniffed.format,
        compression=compression,
        identity=found.entry.identity,
        taxon_id=row.taxon_id or task.request.taxon_id or task.request.placeholder_taxon,
        sheet_taxon=row.taxon_id or 0,
        organism=row.organism,
        sample=row.sample,
        pool_taxa=row.pool_taxa,
        group=row.group,
        compare=row.compare,
        complete=row.complete,
        selection=find_selection(text.decode("utf-8", "replace")),
        companion=row.companion,
        layout=sniffed.layout,
        encoding=text_encoding,
        header=tuple(detection.read_header_facts(text).items()),
    )
    if not listed.companion or local_path(listed.companion):  # checked here, not in a task
        reader = registry.make_reader(listed.input_file())
        listed = _find_sample_taxon(listed, reader, text)
    elif listed.sample and not listed.sheet_taxon:
        raise InputError(f"{found.label}: expected a taxon_id beside `sample`, got none (write it)")
    return _Inspected(listed, content.hash_first_lines(text))


def _refuse(task: _Task, error: FormatError) -> _Stranger:
    """Return a file of a folder as a stranger.

    Raises:
        FormatError: The user named the file itself.
    """
    if task.found.is_named:
        raise error
    return _Stranger(task.found, task.source_file, error)


def _find_sample_taxon(listed: ListedInput, reader: LineReader, text: bytes) -> ListedInput:
    """Return a file with the taxon of its sample: in the sheet, in its first lines, or --taxon."""
    if not listed.sample:
        return listed
    taxon_id = listed.sheet_taxon or find_main_taxon(reader, text) or listed.taxon_id
    if not taxon_id:
        raise InputError(
            f"{listed.uri}: expected a taxon for sample {listed.sample}, got none in the first "
            "lines (write it into the column `taxon_id` of the sample sheet)"
        )
    return listed._replace(sample_taxon=taxon_id)
