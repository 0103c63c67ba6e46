"""The core tables of a run, from the output of the main job; large tables pass as streams."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import filterfalse
from typing import NamedTuple

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import CountedFinding
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.model.organisms import Organisms
from gafreduce.jobs.runners import process_pool
from gafreduce.ontology.termfile import TermFile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables import schema
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.tables.organism_cells import make_transform
from gafreduce.reports.tables.organisms import (
    Comparison,
    Labels,
    count_by_file,
    decide_comparison,
    make_organism_rows,
)
from gafreduce.reports.tables.reader import read_columns
from gafreduce.reports.tables.taxon_counter import TaxonCounter, make_counter
from gafreduce.reports.tables.writer import copy_tables, encode_row, load_arrow, write_table

#: Organisms listed in a row of `terms`, and taxa listed in a row of `inputs`.
N_ORGANISMS_LISTED = 1000
N_TAXA_LISTED = 20


#: Tables that do not depend on the target.
_WITHOUT_TARGET = (schema.PROFILE, schema.INPUTS, schema.REJECTIONS, schema.FINDINGS)


class OrganismRow(NamedTuple):
    """The columns of `organisms` that the run record and its warnings need."""

    organism_id: str
    organism: str
    compared: bool
    verdict: str
    n_annotations: int
    n_filtered_lines: int
    taxon_id: str = ""
    file_label: str = ""


class CoreResults(NamedTuple):
    """The results in the core tables that the summary and the run record need."""

    organisms: Iterable[OrganismRow]
    n_terms_by_status: dict[str, int]  # terms of `profile`: current, obsolete, unknown


@dataclass
class SameJob:
    """Common parts of the tables of all targets of one job."""

    folder: RunFolder | None = None  # of the first target
    n_terms: TaxonCounter | None = None
    n_terms_by_status: dict[str, int] = field(default_factory=dict)


def read_totals(output: JobOutput) -> dict[int, FileTotal]:
    """Return the totals of each input file, by position in the input list."""
    totals = {}
    for line in output.read(records.FILE):
        key, _, value = line.split(b"\t", 2)
        totals[int(key)] = FileTotal.decode(value)
    return totals


def make_tables(
    output: JobOutput,
    files: Mapping[int, FileTotal],
    inputs: Sequence[InputFile],
    terms: TermFile,
    labels: Labels,
    target_only: bool,
    folder: RunFolder,
    *,
    is_forked: bool = False,
    same_job: SameJob | None = None,
) -> CoreResults:
    """Write every core table into a run folder, as TSV and Parquet.

    Args:
        output: The output of the main job.
        files: The totals of each input, reconciled.
        inputs: The input list.
        terms: The term file of the run.
        labels: Names and comparison from the command line and the sample sheet.
        target_only: Whether the profile contains the term set only.
        folder: The run folder.
        is_forked: Whether a second process may write the tables that do not depend on others.
        same_job: Common parts of the tables of all targets; filled by the first one.
    """
    first = same_job.folder if same_job is not None else None
    by_file = count_by_file(output, labels)
    load_arrow()  # once for both processes, and before Arrow starts a thread

    def write_independent_tables() -> None:
        # a record ends with `-` where the row has no flags
        product_lines = output.read(records.GENE_PRODUCT)
        product_rows = (line.replace(b"\t-\n", b"\t\n") for line in product_lines)
        profile_blocks = output.read_blocks(records.PROFILE)
        annotation_lines = output.read(records.ROW)
        leading = make_transform(labels.organisms, is_leading=True)
        in_profile = make_transform(labels.organisms, is_leading=False)
        write_table(schema.GENE_PRODUCTS, product_rows, folder, leading)
        write_table(schema.ANNOTATIONS, annotation_lines, folder, leading)
        write_table(schema.TERM_SET, _make_term_set_rows(terms), folder)
        if first is not None:
            copy_tables(_WITHOUT_TARGET, first, folder)
            return
        write_table(schema.PROFILE, profile_blocks, folder, in_profile)
        write_table(schema.INPUTS, _make_input_rows(files, inputs, labels.organisms), folder)
        write_table(schema.REJECTIONS, _make_rejection_rows(files, inputs), folder)
        write_table(schema.FINDINGS, _encode_finding_rows(files, inputs), folder)

    with process_pool.run_concurrently(write_independent_tables, is_forked):
        comparison = decide_comparison(output, labels)
        if same_job is not None and first is not None:
            n_terms = same_job.n_terms
        else:
            n_terms = None if target_only else _count_terms(output)
        complete: set[int] = set()
        organisms = make_organism_rows(
            output, files, labels, comparison, n_terms, terms, complete, by_file
        )
        encoded = (encode_row(schema.ORGANISMS, cells) for cells in organisms)
        write_table(schema.ORGANISMS, encoded, folder)
        if same_job is not None and first is not None:
            write_table(schema.TERMS, _replace_classes(first, terms), folder)
            return CoreResults(_WrittenOrganisms(folder), same_job.n_terms_by_status)
        if same_job is not None:
            same_job.n_terms = n_terms
        del n_terms  # a counter of a million organisms
        term_rows = _TermRows(output, terms, comparison, complete, labels.organisms)
        write_table(schema.TERMS, term_rows, folder)
    n_by_status = dict(term_rows.n_by_status)
    if same_job is not None:
        same_job.folder, same_job.n_terms_by_status = folder, n_by_status
    return CoreResults(_WrittenOrganisms(folder), n_by_status)


def _replace_classes(first: RunFolder, terms: TermFile) -> Iterator[bytes]:
    """Yield the rows of `terms` of another target of the same job: only the class differs."""
    classes = {term.go_id.encode(): term.term_class.encode() for term in terms.term_set}
    place = schema.TERMS.column_names.index("term_class")
    with first.table(schema.TERMS.name).open("rb") as stream:
        next(stream)
        for line in stream:
            cells = line.split(b"\t", place + 1)
            term_class = classes.get(cells[0], b"")
            if cells[place] == term_class:
                yield line
            else:
                cells[place] = term_class
                yield b"\t".join(cells)


@dataclass(frozen=True)
class _WrittenOrganisms:
    """The rows of `organisms`, read from the table each time, because there may be a million."""

    folder: RunFolder

    def __iter__(self) -> Iterator[OrganismRow]:
        rows = read_columns(self.folder, schema.ORGANISMS.name, OrganismRow._fields)
        for organism_id, organism, compared, verdict, n_annotations, n_filtered, *names in rows:
            yield OrganismRow(
                organism_id,
                organism,
                compared == "true",
                sys.intern(verdict),
                int(n_annotations),
                int(n_filtered),
                *names,
            )


def _count_terms(output: JobOutput) -> TaxonCounter:
    """Return the number of terms with a direct gene product, for each organism."""
    counter = make_counter()
    for record in output.read_terms():
        for organisms in record.direct:
            counter.add(organisms)
    return counter


class _TermRows:
    """The rows of `terms`; they count the terms by status while they are read."""

    def __init__(
        self,
        output: JobOutput,
        terms: TermFile,
        comparison: Comparison,
        complete: Set[int],
        organisms: Organisms,
    ) -> None:
        """Prepare the rows; nothing is read yet."""
        self._output = output
        self._terms = terms
        self._n_compared = comparison.n_compared
        self._not_compared = {b"%d" % number for number in comparison.not_compared}
        self._complete = {b"%d" % number for number in complete}
        self._samples = {
            b"%d" % organisms.number_of(name): name.encode() for name in organisms.samples
        }
        self._classes = {term.go_id: term.term_class for term in terms.term_set}
        #: Terms by status; complete when all rows have been read.
        self.n_by_status: Counter[str] = Counter()

    def __iter__(self) -> Iterator[bytes]:
        aspects = self._read_unknown_aspects()
        terms = self._terms
        for record in self._output.read_terms():
            go_id = record.go_id.decode()
            number = terms.index.get(go_id)
            if number is None:
                name, aspect, status = "", aspects[go_id], "unknown"
            else:
                name, aspect = terms.names[number], terms.aspects[number]
                status = "obsolete" if number in terms.obsolete else "current"
            self.n_by_status[status] += 1
            cells = [go_id, name, aspect, status, self._classes.get(go_id, "")]
            yield (
                "\t".join(cells).encode()
                + self._encode_membership(record.direct)
                + self._encode_membership(record.propagated)
                + b"\n"
            )

    def _encode_membership(self, organisms: Iterable[bytes]) -> bytes:
        return encode_membership(
            organisms, self._n_compared, self._not_compared, self._complete, self._samples
        )

    def _read_unknown_aspects(self) -> dict[str, str]:
        """Return the aspect of each term that the ontology does not have, by id; may be empty."""
        aspects: dict[str, str] = {}
        for line in self._output.read(records.UNKNOWN_TERM):
            go_id, letter, _ = line.decode().split("\t")
            aspects.setdefault(go_id, "" if letter == "?" else letter)
        return aspects


def encode_membership(
    organisms: Iterable[bytes],
    n_compared: int,
    not_compared: Set[bytes],
    complete: frozenset[bytes] | set[bytes],
    samples: Mapping[bytes, bytes],
) -> bytes:
    r"""Return three cells of `terms`, each after a tab: number of organisms, membership, organisms.

    Args:
        organisms: Numbers of the organisms with the term, as texts with `|` between them.
        n_compared: Number of compared organisms.
        not_compared: The other organisms.
        complete: The compared organisms with complete files: others do not show that a term is
            missing.
        samples: Names of samples by their numbers.

    >>> encode_membership([b"1|2", b"3"], 3, {b"2"}, {b"1", b"3", b"4"}, {b"3": b"A"})
    b'\t2\tshared\t1|A'
    """
    all_complete = len(complete) == n_compared
    n_found = n_complete = 0
    listed: list[bytes] = []
    for text in organisms:
        found = text.split(b"|")
        if not_compared:
            found = list(filterfalse(not_compared.__contains__, found))
        n_found += len(found)
        if not all_complete:
            n_complete += len(complete.intersection(found))
        listed += found[: N_ORGANISMS_LISTED + 1 - len(listed)]
    if all_complete:
        n_complete = n_found
    if n_compared < 2 or not n_found:
        membership = b""
    elif not n_complete:
        membership = b"partial_only"
    elif n_complete == len(complete) > 1:
        membership = b"core"
    else:
        membership = b"unique" if n_found == 1 else b"shared"
    listed[N_ORGANISMS_LISTED:] = [b"..."] * (n_found > N_ORGANISMS_LISTED)
    if samples:
        listed = [samples.get(number, number) for number in listed]
    return b"\t%d\t%s\t%s" % (n_found, membership, b"|".join(listed))


def _make_input_rows(
    files: Mapping[int, FileTotal], inputs: Sequence[InputFile], organisms: Organisms
) -> Iterator[bytes]:
    def find_taxon(number: int) -> int:
        return organisms.taxon_of(organisms.id_of(number))

    for source, total in _sort_by_name(files, inputs):
        yield encode_row(
            schema.INPUTS,
            {
                "source_file": source.source_file,
                "format": source.format,
                "compression": source.compression,
                "bytes": source.bytes,
                "n_lines": total.n_lines,
                "n_header": total.n_header,
                "n_blank": total.n_blank,
                "n_kept": total.n_kept,
                "n_rejected": total.n_rejected,
                "n_filtered": total.n_filtered,
                "layout": source.layout,
                "n_taxa": total.n_taxa,
                "main_taxon_id": find_taxon(total.main_taxon_id) or None,
                "taxon_ids": sorted(map(find_taxon, total.taxon_ids))[:N_TAXA_LISTED],
            },
        )


def _make_rejection_rows(
    files: Mapping[int, FileTotal], inputs: Sequence[InputFile]
) -> Iterator[bytes]:
    for source, total in _sort_by_name(files, inputs):
        for reason, refused in sorted(total.refused.items()):
            yield encode_row(
                schema.REJECTIONS,
                {
                    "source_file": source.source_file,
                    "reason": reason,
                    "rule": refused.gorule,
                    "n_lines": refused.n_lines,
                    **_make_example_cells(refused),
                },
            )


def _encode_finding_rows(
    files: Mapping[int, FileTotal], inputs: Sequence[InputFile]
) -> Iterator[bytes]:
    for cells in make_finding_rows(files, inputs):
        yield encode_row(schema.FINDINGS, cells)


def make_finding_rows(
    files: Mapping[int, FileTotal], inputs: Sequence[InputFile]
) -> Iterator[dict[str, object]]:
    """Yield the rows of `findings`, in the order of the table.

    Args:
        files: The totals of each input, by position in the input list.
        inputs: The input list.
    """
    for source, total in _sort_by_name(files, inputs):
        for found in sorted(total.found, key=lambda found: (found.gorule, found)):
            yield {
                "source_file": source.source_file,
                "rule": found.gorule,
                "finding": found.word,
                "value": found.value,
                "becomes": found.becomes,
                "severity": found.severity,
                "n_lines": found.n_lines,
                **_make_example_cells(found),
            }


def _make_example_cells(found: CountedFinding) -> dict[str, str]:
    return {f"example_{number}": text for number, text in enumerate(found.examples, 1)}


def _sort_by_name(
    files: Mapping[int, FileTotal], inputs: Sequence[InputFile]
) -> list[tuple[InputFile, FileTotal]]:
    """Return each input with its totals, in the order of the tables."""
    pairs = [(inputs[number], total) for number, total in files.items()]
    return sorted(pairs, key=lambda pair: pair[0].source_file.encode())


def _make_term_set_rows(terms: TermFile) -> Iterator[bytes]:
    for term in terms.term_set:
        yield encode_row(schema.TERM_SET, term._asdict())
