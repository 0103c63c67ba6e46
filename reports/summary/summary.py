"""The summary of a run: one sentence, a line for each compared organism, and caveats.

Standard library only; the sentences are made in `sentences`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.model.organisms import order_organism
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.summary import sentences
from gafreduce.reports.tables.reader import Row, read_rows

_RANKS = {verdict: rank for rank, verdict in enumerate(sentences.VERDICT_LABELS)}


@dataclass(frozen=True)
class OrganismSummary:
    """Verdict and counts of a compared organism; the fields are keys of `gafreduce run --json`."""

    organism_id: str
    taxon_id: int
    organism: str
    verdict: str
    words: str  # label of the verdict
    n_target_gene_products: int
    best_group: str
    contested: bool
    complete: bool


@dataclass(frozen=True)
class Summary:
    """The summary of a run; the fields are keys of `gafreduce run --json`."""

    run_id: str
    go_id: str
    name: str
    headline: str
    organisms: tuple[OrganismSummary, ...]  # strongest verdict first, then by name
    shared: str
    caveats: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def incomplete(self) -> list[str]:
        """Names of the organisms of which the files hold only a part."""
        return [found.organism for found in self.organisms if not found.complete]

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain data, for JSON."""
        return asdict(self)


def read_summary(folder: RunFolder) -> Summary:
    """Return the summary of a run folder.

    Raises:
        InputError: A table is missing or damaged.
    """
    return make_summary(
        folder.read_record(),
        read_rows(folder, "organisms"),
        (row for row in read_rows(folder, "terms") if row["term_class"]),
    )


def make_summary(record: dict[str, Any], organisms: Iterable[Row], terms: Iterable[Row]) -> Summary:
    """Return the summary of a run.

    Args:
        record: The run record (run.json).
        organisms: Rows of `organisms`; text cells.
        terms: Rows of `terms` that are in the term set.
    """
    compared = [_summarise_organism(row) for row in organisms if row["compared"] == "true"]
    compared.sort(
        key=lambda found: (_RANKS[found.verdict], found.organism, order_organism(found.organism_id))
    )
    target = record["target"]
    verdicts = [found.verdict for found in compared]
    incomplete = [found.organism for found in compared if not found.complete]
    return Summary(
        run_id=record["run_id"],
        go_id=target["go_id"],
        name=target["name"],
        headline=sentences.write_headline(
            verdicts, target["go_id"], target["name"], _has_filters(record)
        ),
        organisms=tuple(compared),
        shared=sentences.write_shared(list(terms), len(compared)),
        caveats=tuple(sentences.write_caveats(incomplete, len(compared))),
        warnings=tuple(record["warnings"]),
    )


def _summarise_organism(row: Row) -> OrganismSummary:
    return OrganismSummary(
        organism_id=row["organism_id"],
        taxon_id=int(row["taxon_id"]),
        organism=row["organism"],
        verdict=row["verdict"],
        words=sentences.VERDICT_LABELS[row["verdict"]],
        n_target_gene_products=int(row["n_target_gene_products"]),
        best_group=row["best_group"],
        contested=row["contested"] == "true",
        complete=row["complete"] == "true",
    )


def _has_filters(record: dict[str, Any]) -> bool:
    """Return whether the run excluded lines by filters."""
    return bool(Filters.from_dict(record.get("options", {}).get("filters", {})).exclusions)
