"""From the job's output to the contract tables; everything large goes through as a stream."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import filterfalse
from typing import NamedTuple

from gafreduce.jobs.accounting.line_counts import Found
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.runners import process_pool
from gafreduce.ontology.termfile import TermFile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables import schema
from gafreduce.reports.tables.job_output import PartRecords
from gafreduce.reports.tables.organisms import Labels, organism_rows
from gafreduce.reports.tables.reader import read_columns
from gafreduce.reports.tables.taxon_counter import Tally, new_tally
from gafreduce.reports.tables.writer import (
    load_arrow,
    row,
    unpad_leading_taxa,
    unpad_taxa,
    write_table,
)

#: Organisms named in a row of `terms`, and taxa named in a row of `inputs`.
N_ORGANISMS_NAMED = 1000
N_TAXA_NAMED = 20


class OrganismRow(NamedTuple):
    """Of a row of `organisms` what the run record and its warnings need."""

    taxon_id: int
    organism: str
    compared: bool
    verdict: str
    n_annotations: int
    rate_per_1000: float | None


class Made(NamedTuple):
    """What the tables say, for the answer and the run record."""

    organisms: Iterable[OrganismRow]
    n_terms_by_status: dict[str, int]  # terms of `profile`: current, obsolete, unknown


def read_totals(records: PartRecords) -> dict[int, FileTotal]:
    """Return the sums of each input file, by position in the input list."""
    return {
        int(key): FileTotal.decode(value)
        for key, _, value in (line.split(b"\t", 2) for line in records["F"])
    }


def make_tables(
    records: PartRecords,
    files: Mapping[int, FileTotal],
    inputs: Sequence[InputFile],
    terms: TermFile,
    labels: Labels,
    target_only: bool,
    folder: RunFolder,
    *,
    is_forked: bool = False,
) -> Made:
    """Write every contract table into a run folder, as TSV and Parquet.

    Args:
        records: The job's output.
        files: The sums of each input, reconciled.
        inputs: The input list.
        terms: The term file of the run.
        labels: Names and comparison, as the user said.
        target_only: Whether the profile holds the closure only.
        folder: The run folder.
        is_forked: Whether a second process may make the tables that need no other.
    """
    load_arrow()  # once for both processes, and before any thread of Arrow's runs
    statuses: Counter[str] = Counter()
    n_compared = 0
    others: set[bytes] = set()  # taxa that are not compared, mostly few; no others are held

    def organism_lines() -> Iterator[bytes]:
        nonlocal n_compared
        n_terms = None if target_only else _count_terms(records)
        for values in organism_rows(records, files, labels, n_terms, terms.target_aspect):
            if values["compared"]:
                n_compared += 1
            else:
                others.add(str(values["taxon_id"]).encode())
            yield row(schema.ORGANISMS, values)

    def other_tables() -> None:
        product_lines = (line.replace(b"\t-\n", b"\t\n") for line in records["G"])
        write_table(schema.PROFILE, records.texts("P"), folder, unpad_taxa)
        write_table(schema.GENE_PRODUCTS, product_lines, folder, unpad_leading_taxa)
        write_table(schema.ANNOTATIONS, records["A"], folder, unpad_leading_taxa)
        write_table(schema.INPUTS, _inputs(files, inputs), folder)
        write_table(schema.REJECTIONS, _rejections(files, inputs), folder)
        write_table(schema.FINDINGS, _findings(files, inputs), folder)
        write_table(schema.TERM_SET, _term_set(terms), folder)

    with process_pool.beside(other_tables, is_forked):
        write_table(schema.ORGANISMS, organism_lines(), folder)
        write_table(schema.TERMS, _terms(records, terms, n_compared, others, statuses), folder)
    return Made(_Organisms(folder), dict(statuses))


@dataclass(frozen=True)
class _Organisms:
    """The organisms that were written, read whenever they are asked for: none is held."""

    folder: RunFolder

    def __iter__(self) -> Iterator[OrganismRow]:
        rows = read_columns(self.folder, schema.ORGANISMS.name, OrganismRow._fields)
        for taxon_id, organism, compared, verdict, n_annotations, rate in rows:
            yield OrganismRow(
                int(taxon_id),
                organism,
                compared == "true",
                sys.intern(verdict),
                int(n_annotations),
                float(rate) if rate else None,
            )


def _count_terms(records: PartRecords) -> Tally:
    """Return how many terms each taxon has a direct gene product of."""
    tally = new_tally()
    for record in records.terms():
        for some in record.direct:
            tally.add(some)
    return tally


def _terms(
    records: PartRecords,
    terms: TermFile,
    n_compared: int,
    others: Set[bytes],
    statuses: Counter[str],
) -> Iterator[bytes]:
    """Return the rows of `terms`; counts the terms of each status."""
    classes = {term.go_id: term.term_class for term in terms.term_set}
    unknown: dict[str, str] = {}
    for line in records["U"]:
        go_id, letter, _ = line.decode().split("\t")
        unknown.setdefault(go_id, "" if letter == "?" else letter)
    for record in records.terms():
        go_id = record.go_id.decode()
        number = terms.index.get(go_id)
        if number is None:
            name, aspect, status = "", unknown[go_id], "unknown"
        else:
            name, aspect = terms.names[number], terms.aspects[number]
            status = "obsolete" if number in terms.obsolete else "current"
        statuses[status] += 1
        cells = [go_id, name, aspect, status, classes.get(go_id, "")]
        yield (
            "\t".join(cells).encode()
            + _membership(record.direct, n_compared, others)
            + _membership(record.propagated, n_compared, others)
            + b"\n"
        )


def _membership(taxa: Iterable[bytes], n_compared: int, others: Set[bytes]) -> bytes:
    r"""Return three cells, each after a tab: how many organisms, membership, which.

    Args:
        taxa: Organisms with the term, as texts of some with bars between them.
        n_compared: How many organisms are compared.
        others: Those that are not.

    >>> _membership([b"1|2", b"3"], 3, {b"2"})
    b'\t2\tshared\t1|3'
    """
    n_found = 0
    named: list[bytes] = []
    for some in taxa:
        found = some.split(b"|")
        if others:
            found = list(filterfalse(others.__contains__, found))
        n_found += len(found)
        named += found[: N_ORGANISMS_NAMED + 1 - len(named)]
    if n_compared < 2 or not n_found:
        word = b""
    elif n_found == n_compared:
        word = b"core"
    else:
        word = b"unique" if n_found == 1 else b"shared"
    named[N_ORGANISMS_NAMED:] = [b"..."] * (n_found > N_ORGANISMS_NAMED)
    return b"\t%d\t%s\t%s" % (n_found, word, b"|".join(named))


def _inputs(files: Mapping[int, FileTotal], inputs: Sequence[InputFile]) -> Iterator[bytes]:
    for source, total in _by_name(files, inputs):
        yield row(
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
                "main_taxon_id": total.main_taxon_id or None,
                "taxon_ids": total.taxon_ids[:N_TAXA_NAMED],
            },
        )


def _rejections(files: Mapping[int, FileTotal], inputs: Sequence[InputFile]) -> Iterator[bytes]:
    for source, total in _by_name(files, inputs):
        for reason, refused in sorted(total.refused.items()):
            yield row(
                schema.REJECTIONS,
                {
                    "source_file": source.source_file,
                    "reason": reason,
                    "rule": refused.rule,
                    "n_lines": refused.n_lines,
                    **_examples(refused),
                },
            )


def _findings(files: Mapping[int, FileTotal], inputs: Sequence[InputFile]) -> Iterator[bytes]:
    for values in finding_values(files, inputs):
        yield row(schema.FINDINGS, values)


def finding_values(
    files: Mapping[int, FileTotal], inputs: Sequence[InputFile]
) -> Iterator[dict[str, object]]:
    """Return the rows of `findings`, in its order."""
    for source, total in _by_name(files, inputs):
        for found in sorted(total.found, key=lambda found: (found.rule, found)):
            yield {
                "source_file": source.source_file,
                "rule": found.rule,
                "finding": found.word,
                "value": found.value,
                "becomes": found.becomes,
                "severity": found.severity,
                "n_lines": found.n_lines,
                **_examples(found),
            }


def _examples(found: Found) -> dict[str, str]:
    return {f"example_{n}": text for n, text in enumerate(found.examples, 1)}


def _by_name(
    files: Mapping[int, FileTotal], inputs: Sequence[InputFile]
) -> list[tuple[InputFile, FileTotal]]:
    pairs = [(inputs[number], total) for number, total in files.items()]
    return sorted(pairs, key=lambda pair: pair[0].source_file.encode())


def _term_set(terms: TermFile) -> Iterator[bytes]:
    for term in terms.term_set:
        yield row(schema.TERM_SET, vars(term))
