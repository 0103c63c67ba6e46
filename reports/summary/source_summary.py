"""What remains of the gene products of an organism without each source of annotations.

Read from the table `robustness`; standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.reports.evidence.retired_sources import RetiredSource, read_retired_sources
from gafreduce.reports.tables.reader import Row

#: The source of gene products with the flag `keyword_only`.
KEYWORDS = "UniProt keywords"


@dataclass(frozen=True)
class SourceLoss:
    """What remains of an organism without one source."""

    source: str
    n_left: int  # gene products that keep the target term
    n_left_negative_regulators: int  # of these, also negative regulators
    verdict: str  # without the source


@dataclass(frozen=True)
class RetiredLoss:
    """Gene products that rest only on a source that GO stopped using."""

    source: str
    words: str  # what the source is, with its article
    retired: str  # YYYY-MM
    references: tuple[str, ...]  # addresses
    n_lost: int


@dataclass(frozen=True)
class SourceSummary:
    """How much of an organism's answer rests on single sources."""

    n_gene_products: int  # with the target term
    n_negative_regulators: int  # of these, also negative regulators
    largest: tuple[SourceLoss, ...]  # that with the largest loss, or several; empty without a loss
    deciding: tuple[str, ...]  # sources without which the verdict changes
    #: Sources without which the verdict changes when negative regulators are left out as well.
    deciding_without_negative_regulators: tuple[str, ...]
    rests_on_negative_regulators: bool  # the verdict changes when they alone are left out
    retired: tuple[RetiredLoss, ...]  # those on which a gene product rests


def summarise_sources(rows: Iterable[Row]) -> dict[str, SourceSummary]:
    """Return the summary of each organism that has rows in `robustness`, by its id.

    Args:
        rows: Rows of `robustness`; text cells.
    """
    by_organism: dict[str, list[Row]] = {}
    for row in rows:
        if row["kind"] in ("none", "source", "retired"):
            by_organism.setdefault(row["organism_id"], []).append(row)
    return {organism_id: _summarise(found) for organism_id, found in by_organism.items()}


def _summarise(rows: list[Row]) -> SourceSummary:
    (everything,) = (row for row in rows if row["kind"] == "none")
    sources = [row for row in rows if row["kind"] == "source"]
    losses = [int(row["n_gene_products_lost"]) for row in sources]
    most = max(losses, default=0)
    verdict = everything["verdict"]
    rests_on_regulators = everything["verdict_without_negative_regulators"] != verdict
    return SourceSummary(
        n_gene_products=int(everything["n_target_gene_products"]),
        n_negative_regulators=int(everything["n_also_negative_regulators"]),
        largest=tuple(
            SourceLoss(
                row["source"],
                int(row["n_target_gene_products"]),
                int(row["n_also_negative_regulators"]),
                row["verdict"],
            )
            for row, n_lost in zip(sources, losses, strict=True)
            if n_lost == most > 0
        ),
        deciding=tuple(row["source"] for row in sources if row["changes_verdict"] == "true"),
        deciding_without_negative_regulators=tuple(
            row["source"]
            for row in sources
            if row["verdict_without_negative_regulators"] != verdict and not rests_on_regulators
        ),
        rests_on_negative_regulators=rests_on_regulators,
        retired=tuple(_list_retired(rows)),
    )


def _list_retired(rows: Iterable[Row]) -> Iterator[RetiredLoss]:
    known = {each.source: each for each in read_retired_sources()}
    for row in rows:
        n_lost = int(row["n_gene_products_lost"])
        if row["kind"] == "retired" and n_lost and row["source"] in known:
            yield _make_loss(known[row["source"]], n_lost)


def _make_loss(source: RetiredSource, n_lost: int) -> RetiredLoss:
    return RetiredLoss(source.source, source.words, source.retired, source.references, n_lost)


def find_keyword_loss(n_by_keyword: int, organism: str, taxon_id: int) -> tuple[RetiredLoss, ...]:
    """Return the loss of an organism of which only the flag `keyword_only` is known.

    Args:
        n_by_keyword: Gene products with the flag.
        organism: Name of the organism.
        taxon_id: NCBI taxonomy id.
    """
    if not n_by_keyword:
        return ()
    names = (organism, TaxonNames().find(taxon_id) or "")
    return tuple(
        _make_loss(each, n_by_keyword)
        for each in read_retired_sources()
        if each.source == KEYWORDS and each.applies_to(*names)
    )
