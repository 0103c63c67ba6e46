"""The rows of the table `organisms`: names, comparison, verdicts, counts and rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from heapq import merge
from typing import NamedTuple

from gafreduce.jobs import records
from gafreduce.jobs.accounting.reconcile import FileTotal
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

    names: Mapping[int, str]  # by taxon
    compared: frozenset[int] | None  # exactly these are compared; None: all except strays
    incomplete_files: frozenset[int]  # positions in the input list of files selected on the target


class Comparison(NamedTuple):
    """The organisms that are compared."""

    n_compared: int
    not_compared: Set[int]  # taxa with lines that are not compared: usually few
    without_lines: Set[int]  # compared because the user named them, although they have no line


def decide_comparison(output: JobOutput, labels: Labels) -> Comparison:
    """Return the organisms that are compared.

    All organisms are compared except strays; if the user named organisms, exactly those.
    """
    n_taxa = largest = 0
    small: dict[int, int] = {}  # gene products of taxa that may be strays
    others: set[int] = set()
    found: set[int] = set()  # taxa named by the user
    for taxon_id, value in _read_counts(output):
        if labels.compared is not None:
            (found if taxon_id in labels.compared else others).add(taxon_id)
            continue
        n_gene_products = _decode_n_gene_products(value)
        n_taxa += 1
        largest = max(largest, n_gene_products)
        if n_gene_products < MIN_GENE_PRODUCTS:
            small[taxon_id] = n_gene_products
    if labels.compared is not None:
        return Comparison(len(labels.compared), others, labels.compared - found)
    strays = {taxon for taxon, n in small.items() if n < MIN_SHARE_OF_LARGEST * largest}
    return Comparison(n_taxa - len(strays), strays, frozenset())


def make_organism_rows(
    output: JobOutput,
    files: Mapping[int, FileTotal],
    labels: Labels,
    comparison: Comparison,
    n_terms: TaxonCounter | None,
    aspect: str,
) -> Iterator[dict[str, object]]:
    """Yield the rows of `organisms`, by taxon; they contain further counts too.

    Args:
        output: The output of the main job.
        files: The totals of each input, by position in the input list.
        labels: Names and incomplete files.
        comparison: The organisms that are compared.
        n_terms: Terms with a direct supporting line, by taxon; None with --scope target.
        aspect: Aspect letter of the target.
    """
    incomplete = _find_incomplete(files, labels)
    n_foreign = _count_foreign_lines(files)
    empty = ((taxon_id, b"0 " * len(COUNTS)) for taxon_id in sorted(comparison.without_lines))
    for taxon_id, value in merge(_read_counts(output), empty):
        counts = dict(zip(COUNTS, map(int, value.split()), strict=True))
        is_compared = taxon_id not in comparison.not_compared
        is_complete = incomplete is not None and taxon_id not in incomplete
        yield {
            **counts,
            "taxon_id": taxon_id,
            "organism": labels.names.get(taxon_id, f"taxon:{taxon_id}"),
            "compared": is_compared,
            "complete": is_complete,
            "verdict": verdicts.decide_verdict(counts),
            "contested": verdicts.is_contested(counts),
            "best_group": verdicts.find_best_group(counts),
            "n_terms": None if n_terms is None else n_terms.count(taxon_id),
            "n_in_aspect": counts[f"n_in_{aspect}"],
            "n_foreign_in_files": n_foreign.get(taxon_id, 0),
            **(_make_rate_cells(counts, aspect) if is_compared and is_complete else {}),
        }


def _read_counts(output: JobOutput) -> Iterator[tuple[int, bytes]]:
    """Yield each taxon and its encoded counts, by taxon: there may be a million."""
    for line in output.read(records.ORGANISM):
        taxon, _, value = line.split(b"\t")
        yield int(taxon), value


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
    """Return the taxa of files selected on the target; None: too many taxa to be listed."""
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
