"""The rows of `organisms`: counts of the job, names, who is compared, verdicts and rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from heapq import merge

from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.reducer.organism_counts import COUNTS
from gafreduce.reports.tables import verdicts
from gafreduce.reports.tables.job_output import PartRecords
from gafreduce.reports.tables.taxon_counter import Tally
from gafreduce.reports.tables.wilson import compute_rate

#: A taxon with fewer gene products than both is a leak, not an organism of the run.
MIN_GENE_PRODUCTS = 10
MIN_SHARE_OF_LARGEST = 0.02


@dataclass(frozen=True)
class Labels:
    """What the command line and the sample sheet say of organisms and files."""

    names: Mapping[int, str]  # by taxon
    compared: frozenset[int] | None  # exactly these, when said
    incomplete_files: frozenset[int]  # positions in the input list of files chosen by the outcome


def organism_rows(
    records: PartRecords,
    files: Mapping[int, FileTotal],
    labels: Labels,
    n_terms: Tally | None,
    aspect: str,
) -> Iterator[dict[str, object]]:
    """Return the rows of `organisms`, by taxon.

    Args:
        records: The job's output.
        files: The sums of each input.
        labels: Names and comparison, as the user said.
        n_terms: Terms with a direct supporting line, by taxon; None with --scope target.
        aspect: Aspect letter of the target.
    """
    largest = max((_n_gene_products(value) for _, value in _counted(records)), default=0)
    incomplete = _incomplete(files, labels)
    foreign = _foreign(files)
    without_lines = _without_lines(records, labels.compared or frozenset())
    for taxon_id, value in merge(_counted(records), without_lines):
        counts = _decode(value)
        n_gene_products = counts["n_gene_products"]
        if labels.compared is None:
            compared = (
                n_gene_products >= MIN_GENE_PRODUCTS
                or n_gene_products >= MIN_SHARE_OF_LARGEST * largest
            )
        else:
            compared = taxon_id in labels.compared
        complete = incomplete is not None and taxon_id not in incomplete
        yield {
            **counts,
            "taxon_id": taxon_id,
            "organism": labels.names.get(taxon_id, f"taxon:{taxon_id}"),
            "compared": compared,
            "complete": complete,
            "verdict": verdicts.decide_verdict(counts),
            "contested": verdicts.is_contested(counts),
            "best_group": verdicts.find_best_group(counts),
            "n_terms": None if n_terms is None else n_terms.count(taxon_id),
            "n_in_aspect": counts[f"n_in_{aspect}"],
            "n_foreign_in_files": foreign.get(taxon_id, 0),
            **(_rate(counts, aspect) if compared and complete else {}),
        }


def _counted(records: PartRecords) -> Iterator[tuple[int, bytes]]:
    """Return taxa and their counts as text, by taxon: there may be a million."""
    for line in records["O"]:
        taxon, _, value = line.split(b"\t")
        yield int(taxon), value


def _without_lines(records: PartRecords, asked_for: Set[int]) -> list[tuple[int, bytes]]:
    """Return the taxa that are asked for and have no line, by taxon."""
    found = {taxon_id for taxon_id, _ in _counted(records) if taxon_id in asked_for}
    return [(taxon_id, b"0 " * len(COUNTS)) for taxon_id in sorted(asked_for - found)]


_PLACE_OF_GENE_PRODUCTS = COUNTS.index("n_gene_products")


def _n_gene_products(value: bytes) -> int:
    """Return one of the counts without decoding the others."""
    return int(value.split(b" ", _PLACE_OF_GENE_PRODUCTS + 1)[_PLACE_OF_GENE_PRODUCTS])


def _decode(value: bytes) -> dict[str, int]:
    return dict(zip(COUNTS, map(int, value.split()), strict=True))


def _rate(counts: Mapping[str, int], aspect: str) -> dict[str, object]:
    rate = compute_rate(counts["n_target_gene_products"], counts[f"n_in_{aspect}"])
    if rate is None:
        return {}
    return {"rate_per_1000": rate.per_1000, "rate_low": rate.low, "rate_high": rate.high}


def _incomplete(files: Mapping[int, FileTotal], labels: Labels) -> set[int] | None:
    """Return the taxa of files chosen by the outcome; None when they are too many to be known."""
    taxa: set[int] = set()
    for number in labels.incomplete_files:
        total = files[number]
        if total.n_taxa > len(total.taxon_ids):
            return None
        taxa.update(total.taxon_ids)
    return taxa


def _foreign(files: Mapping[int, FileTotal]) -> dict[int, int]:
    """Return the lines of other taxa in the files of each main taxon."""
    foreign: dict[int, int] = {}
    for total in files.values():
        main = total.main_taxon_id
        foreign[main] = foreign.get(main, 0) + total.n_kept - total.n_main
    return foreign
