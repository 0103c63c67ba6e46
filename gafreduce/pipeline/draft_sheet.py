"""Draft a sample sheet: a row for each input, with what one reading of the file shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import InputError
from gafreduce.inputs.discovery import STDIN
from gafreduce.inputs.download import local_inputs
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.files.splits import Split, read_split
from gafreduce.jobs.formats import registry
from gafreduce.jobs.model.annotation import Rejection, check_object_id
from gafreduce.pipeline.organism_labels import find_stem
from gafreduce.reports.tables.organisms import read_name
from gafreduce.storage.resolve import StorageResolver
from gafreduce.terminal.progress import Progress

#: The root of the NCBI Taxonomy: no organism has it.
NO_TAXON = 1


class SheetDraft(NamedTuple):
    """A row of a sample sheet: its columns, in their order. None: not known."""

    path: str
    format: str
    taxon_id: int | None  # with most annotations in the file
    organism: str
    sample: str
    pool_taxa: bool | None
    group: str
    compare: bool | None
    n_gene_products: int  # of that taxon
    complete: bool | None
    companion: str


class DraftedSheet(NamedTuple):
    """The rows of a sample sheet, and notes on files that are not read."""

    rows: tuple[SheetDraft, ...]
    notes: tuple[str, ...]


def draft_sheet(
    request: InputRequest, resolver: StorageResolver, scratch: Path, progress: Progress
) -> DraftedSheet:
    """Read the inputs of a command line once, and return a sample sheet of them.

    Args:
        request: The command line; sample sheets in folders are not read.
        resolver: Finds the storage of each.
        scratch: A temporary folder.
        progress: Shows the bytes that are read.

    Raises:
        InputError: A file is missing, damaged or no annotation file, or a sheet cannot have its
            name.
        S3Error: A request to S3 failed.
        HadoopError: A call of Hadoop failed.
    """
    if STDIN in request.arguments:
        raise InputError(f"{STDIN}: expected files, which a sample sheet can name, got none")
    request = replace(request, reads_sheets=False, placeholder_taxon=NO_TAXON)
    listing = list_inputs(request, resolver, scratch)
    for found in listing.inputs:
        _check_name(found.uri)
    names = TaxonNames()
    stored = sum(found.bytes for found in listing.inputs)
    progress.plan(("inputs", "job"), stored, sum(each.text_bytes for each in listing.inputs))
    progress.begin("inputs")
    rows: list[SheetDraft] = []
    with local_inputs(listing.inputs, resolver, scratch, progress.count_tasks) as local:
        progress.begin("job")
        n_bytes = 0
        for listed, read in zip(listing.inputs, local, strict=True):
            rows.append(_draft_row(listed, _count_gene_products(read.input_file()), names))
            n_bytes += listed.bytes
            progress.count_bytes(n_bytes)
    return DraftedSheet(tuple(rows), listing.notes)


def _check_name(uri: str) -> None:
    """Check that a sheet can have a path: it is text without tabs and line ends."""
    if not uri.isprintable() or uri != uri.strip():
        raise InputError(
            f"{uri!r}: expected a name of printable characters, which a sample sheet can have, got "
            "another (rename the file or its folder)"
        )


def _count_gene_products(source: InputFile) -> dict[int, tuple[int, int]]:
    """Return annotations and distinct gene products by taxon."""
    reader = registry.make_reader(source)
    n_annotations: dict[int, int] = {}
    products: dict[int, set[str]] = {}
    for line in _read_lines(source):
        if not line.strip() or reader.is_header(line):
            continue
        annotations = reader.parse(line)
        if isinstance(annotations, Rejection):
            continue
        for each in annotations:
            if check_object_id(each) is None:
                n_annotations[each.taxon_id] = n_annotations.get(each.taxon_id, 0) + 1
                products.setdefault(each.taxon_id, set()).add(each.object_id)
    return {taxon_id: (n, len(products[taxon_id])) for taxon_id, n in n_annotations.items()}


def _read_lines(source: InputFile) -> Iterator[bytes]:
    split = Split(source.uri, 0, source.bytes)
    for block in read_split(split, source.version).blocks:
        for line in block.split(b"\n"):
            yield line.rstrip(b"\r")


def _draft_row(
    listed: ListedInput, counts: dict[int, tuple[int, int]], names: TaxonNames
) -> SheetDraft:
    """Return the row of a file; what a sample sheet says of it stays."""
    main = min(counts, key=lambda taxon: (-counts[taxon][0], taxon), default=0)
    taxon_id = listed.sheet_taxon or (main if main != NO_TAXON else 0)
    return SheetDraft(
        path=listed.uri,
        format=listed.format,
        taxon_id=taxon_id or None,
        organism=listed.organism or _find_name(listed, taxon_id, names),
        sample=listed.sample,
        pool_taxa=listed.pool_taxa or None,
        group=listed.group,
        compare=listed.compare,
        n_gene_products=counts[main][1] if main else 0,
        complete=False if listed.selection and listed.complete is None else listed.complete,
        companion=listed.companion,
    )


def _find_name(listed: ListedInput, taxon_id: int, names: TaxonNames) -> str:
    if not taxon_id:
        return ""
    return names.find(taxon_id) or read_name(find_stem(listed.source_file), str(taxon_id))


def list_gaps(rows: Sequence[SheetDraft]) -> Iterator[str]:
    """Yield what has to be written into a sheet, or removed from it, before a run can read it."""
    for row in rows:
        if not row.n_gene_products:
            yield f"{row.path}: no annotation could be read (remove the row)"
        elif row.taxon_id is None:
            yield f"{row.path}: the format has no taxa (write the taxon_id into the row)"
