"""The rows of the table `organisms`: names, comparison, verdicts, counts and rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from heapq import merge
from typing import NamedTuple

from gafreduce.jobs import records
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.model.organisms import TAXA_ONLY, Organisms, name_unnamed
from gafreduce.jobs.reducer.organism_counts import COUNTS
from gafreduce.reports.tables import verdicts
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.tables.taxon_counter import TaxonCounter
from gafreduce.reports.tables.wilson import compute_rate

#: A taxon with fewer gene products than both bounds is a stray: it is not compared.
MIN_GENE_PRODUCTS = 10
MIN_SHARE_OF_LARGEST = 0.02

_N_GENE_PRODUCTS_AT = COUNTS.index("n_gene_products")


class Labels(NamedTuple):
    """Properties of organisms and files from the command line and the sample sheet."""

    names: Mapping[str, str]  # by organism id
    compared: frozenset[str] | None  # exactly these are compared; None: all except strays
    incomplete_files: frozenset[int]  # positions in the input list of files selected on the target
    organisms: Organisms = TAXA_ONLY


class Comparison(NamedTuple):
    """The organisms that are compared, by number."""

    n_compared: int
    not_compared: Set[int]  # organisms with lines that are not compared: usually few
    without_lines: Set[int]  # compared because the user named them, although they have no line


def decide_comparison(output: JobOutput, labels: Labels) -> Comparison:
    """Return the organisms that are compared.

    All organisms are compared except strays; if the user named organisms, exactly those.
    """
    n_organisms = largest = 0
    small: dict[int, int] = {}  # gene products of organisms that may be strays
    others: set[int] = set()
    named = frozenset(map(labels.organisms.number_of, labels.compared or ()))
    found: set[int] = set()  # organisms named by the user
    for number, value in _read_counts(output):
        if labels.compared is not None:
            (found if number in named else others).add(number)
            continue
        n_gene_products = _decode_n_gene_products(value)
        n_organisms += 1
        largest = max(largest, n_gene_products)
        if n_gene_products < MIN_GENE_PRODUCTS:
            small[number] = n_gene_products
    if labels.compared is not None:
        return Comparison(len(named), others, named - found)
    strays = {number for number, n in small.items() if n < MIN_SHARE_OF_LARGEST * largest}
    return Comparison(n_organisms - len(strays), strays, frozenset())


def make_organism_rows(
    output: JobOutput,
    files: Mapping[int, FileTotal],
    labels: Labels,
    comparison: Comparison,
    n_terms: TaxonCounter | None,
    aspect: str,
) -> Iterator[dict[str, object]]:
    """Yield the rows of `organisms`, in order; they contain further counts too.

    Args:
        output: The output of the main job.
        files: The totals of each input, by position in the input list.
        labels: Names and incomplete files.
        comparison: The organisms that are compared.
        n_terms: Terms with a direct supporting line, by organism; None with --scope target.
        aspect: Aspect letter of the target.
    """
    incomplete = _find_incomplete(files, labels)
    n_foreign = _count_foreign_lines(files)
    empty = ((number, b"0 " * len(COUNTS)) for number in sorted(comparison.without_lines))
    for number, value in merge(_read_counts(output), empty):
        counts = dict(zip(COUNTS, map(int, value.split()), strict=True))
        is_compared = number not in comparison.not_compared
        is_complete = incomplete is not None and number not in incomplete
        organism_id = labels.organisms.id_of(number)
        yield {
            **counts,
            "organism_id": organism_id,
            "taxon_id": labels.organisms.taxon_of(organism_id),
            "organism": labels.names.get(organism_id) or name_unnamed(organism_id),
            "compared": is_compared,
            "complete": is_complete,
            "verdict": verdicts.decide_verdict(counts),
            "contested": verdicts.is_contested(counts),
            "best_group": verdicts.find_best_group(counts),
            "n_terms": None if n_terms is None else n_terms.count(number),
            "n_in_aspect": counts[f"n_in_{aspect}"],
            "n_foreign_in_files": n_foreign.get(number, 0),
            **(_make_rate_cells(counts, aspect) if is_compared and is_complete else {}),
        }


def _read_counts(output: JobOutput) -> Iterator[tuple[int, bytes]]:
    """Yield the number of each organism and its encoded counts: there may be a million."""
    for line in output.read(records.ORGANISM):
        number, _, value = line.split(b"\t")
        yield int(number), value


def _decode_n_gene_products(value: bytes) -> int:
    """Return one of the encoded counts without decoding the others."""
    return int(value.split(b" ", _N_GENE_PRODUCTS_AT + 1)[_N_GENE_PRODUCTS_AT])


def _make_rate_cells(counts: Mapping[str, int], aspect: str) -> dict[str, object]:
    """Return the rate and its interval, by column; nothing without gene products in the aspect."""
    rate = compute_rate(counts["n_target_gene_products"], counts[f"n_in_{aspect}"])
    if rate is None:
        return {}
    return {"rate_per_1000": rate.per_1000, "rate_low": rate.low, "rate_high": rate.high}


def _find_incomplete(files: Mapping[int, FileTotal], labels: Labels) -> set[int] | None:
    """Return the organisms of files selected on the target; None: too many to be listed."""
    taxa: set[int] = set()
    for number in labels.incomplete_files:
        total = files[number]
        if total.n_taxa > len(total.taxon_ids):
            return None
        taxa.update(total.taxon_ids)
    return taxa


def _count_foreign_lines(files: Mapping[int, FileTotal]) -> dict[int, int]:
    """Return the number of lines of other taxa in the files of each main taxon."""
    n_foreign: dict[int, int] = {}
    for total in files.values():
        main = total.main_taxon_id
        n_foreign[main] = n_foreign.get(main, 0) + total.n_kept - total.n_main
    return n_foreign
