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
from gafreduce.reports.summary import answer_sentences, sentences
from gafreduce.reports.summary.answer_sentences import Answer
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.reader import Row, read_rows, split_list

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
    complete: str  # true, false or suspect
    partial_reasons: tuple[str, ...]
    n_in_aspect: int
    n_upstream_or_within_only: int


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
        return [found.organism for found in self.organisms if found.complete != COMPLETE]

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain data, for JSON."""
        return asdict(self)


def _make_answer(found: OrganismSummary) -> Answer:
    return Answer(found.organism, found.verdict, found.complete == COMPLETE, found.best_group)


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
        key=lambda found: (
            _RANKS[found.verdict],
            found.complete != COMPLETE,
            found.organism,
            order_organism(found.organism_id),
        )
    )
    target = record["target"]
    partial = {
        found.organism: found.partial_reasons for found in compared if found.complete != COMPLETE
    }
    upstream_only = [
        found.organism
        for found in compared
        if 0 < found.n_target_gene_products == found.n_upstream_or_within_only
    ]
    return Summary(
        run_id=record["run_id"],
        go_id=target["go_id"],
        name=target["name"],
        headline=answer_sentences.write_headline(
            list(map(_make_answer, compared)),
            target["go_id"],
            target["name"],
            is_filtered=_has_filters(record),
        ),
        organisms=tuple(compared),
        shared=sentences.write_shared(list(terms), len(compared), len(compared) - len(partial)),
        caveats=tuple(
            answer_sentences.write_caveats(
                partial,
                upstream_only,
                len(compared),
                has_electronic=any(each.best_group == "electronic" for each in compared),
            )
        ),
        warnings=tuple(record["warnings"]),
    )


def _summarise_organism(row: Row) -> OrganismSummary:
    return OrganismSummary(
        organism_id=row["organism_id"],
        taxon_id=int(row["taxon_id"]),
        organism=row["organism"],
        verdict=row["verdict"],
        words=answer_sentences.label_verdict(
            row["verdict"], row["best_group"], is_complete=row["complete"] == COMPLETE
        ),
        n_target_gene_products=int(row["n_target_gene_products"]),
        best_group=row["best_group"],
        contested=row["contested"] == "true",
        complete=row["complete"],
        partial_reasons=tuple(split_list(row["partial_reasons"])),
        n_in_aspect=int(row["n_in_aspect"]),
        n_upstream_or_within_only=int(row["n_upstream_or_within_only"]),
    )


def _has_filters(record: dict[str, Any]) -> bool:
    """Return whether the run excluded lines by filters."""
    return bool(Filters.from_dict(record.get("options", {}).get("filters", {})).exclusions)
