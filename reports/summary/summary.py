"""The summary of a run: one sentence, a line for each compared organism, and caveats.

Standard library only; the sentences are made in `sentences`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.model.organisms import order_organism
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.summary import answer_sentences, sentences, source_sentences
from gafreduce.reports.summary.answer_sentences import Answer
from gafreduce.reports.summary.organism_names import list_other_names
from gafreduce.reports.summary.source_summary import (
    SourceSummary,
    find_keyword_loss,
    summarise_sources,
)
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.reader import Row, parse_count, read_rows, split_list

_RANKS = {verdict: rank for rank, verdict in enumerate(sentences.VERDICT_LABELS)}


@dataclass(frozen=True)
class OrganismSummary:
    """Verdict and counts of a compared organism; the fields are keys of `gafreduce run --json`."""

    organism_id: str
    taxon_id: int
    organism: str
    verdict: str
    words: str  # label of the verdict
    n_target_gene_products: int | None  # None: its files name gene products by different ids
    best_group: str
    contested: bool
    complete: str  # true, false or suspect
    partial_reasons: tuple[str, ...]
    n_in_aspect: int | None
    n_upstream_or_within_only: int | None
    #: None without statistics, and for organisms with too many annotations for them.
    sources: SourceSummary | None = None
    remaining: str = ""  # what remains without the largest source, in words


@dataclass(frozen=True)
class Summary:
    """The summary of a run; the fields are keys of `gafreduce run --json`."""

    run_id: str
    go_id: str
    name: str
    headline: str
    #: In the order of --tree; else by group, strongest verdict and name.
    organisms: tuple[OrganismSummary, ...]
    shared: str
    caveats: tuple[str, ...]  # the most important first
    warnings: tuple[str, ...]
    sensitivity: tuple[str, ...] = ()  # to single sources; empty without statistics

    @property
    def incomplete(self) -> list[str]:
        """Names of the organisms of which the files hold only a part."""
        return [found.organism for found in self.organisms if found.complete != COMPLETE]

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain data, for JSON."""
        return asdict(self)


def list_answer(organisms: Iterable[OrganismSummary], record: dict[str, Any]) -> list[str]:
    """Return the sentences of the headline of a run.

    Args:
        organisms: The compared ones.
        record: The run record (run.json).
    """
    answers = [
        Answer(each.organism, each.verdict, each.complete == COMPLETE, each.best_group)
        for each in organisms
    ]
    target = record["target"]
    return answer_sentences.list_answer(
        answers, target["go_id"], target["name"], is_filtered=_has_filters(record)
    )


def read_summary(folder: RunFolder) -> Summary:
    """Return the summary of a run folder.

    Raises:
        InputError: A table is missing or damaged.
    """
    return make_summary(
        folder.read_record(),
        read_rows(folder, "organisms"),
        (row for row in read_rows(folder, "terms") if row["term_class"]),
        read_rows(folder, "robustness") if folder.has_table("robustness") else (),
        read_rows(folder, "gene_products"),
    )


def make_summary(
    record: dict[str, Any],
    organisms: Iterable[Row],
    terms: Iterable[Row],
    robustness: Iterable[Row] = (),
    gene_products: Iterable[Row] = (),
) -> Summary:
    """Return the summary of a run.

    Args:
        record: The run record (run.json).
        organisms: Rows of `organisms`; text cells.
        terms: Rows of `terms` that are in the term set.
        robustness: Rows of `robustness`; none without statistics.
        gene_products: Rows of `gene_products`; read only to name negative regulators, and to count
            those by keyword of organisms without rows in `robustness`.
    """
    sources = summarise_sources(robustness)
    rows = [row for row in organisms if row["compared"] == "true"]
    compared = [_summarise_organism(row, sources.get(row["organism_id"])) for row in rows]
    places = {each: place for place, each in enumerate(record.get("organism_order", ()))}
    groups = {row["organism_id"]: row.get("group", "") for row in rows}
    compared.sort(
        key=lambda found: (
            places.get(found.organism_id, len(places)),
            not groups[found.organism_id],
            groups[found.organism_id],
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
        if 0 < (found.n_target_gene_products or 0) == found.n_upstream_or_within_only
    ]
    labels = _label_organisms(compared)
    known = {
        labels[found.organism_id]: found.sources
        for found in compared
        if found.sources is not None and found.sources.n_gene_products
    }
    positive = [
        labels[found.organism_id]
        for found in compared
        if found.verdict in sentences.POSITIVE_VERDICTS and labels[found.organism_id] in known
    ]
    annotated = [found for found in compared if found.n_target_gene_products]
    not_known = {found.organism_id for found in annotated if found.sources is None}
    regulators: list[str] = []
    by_keyword: Counter[str] = Counter()
    if not_known or any(found.n_negative_regulators for found in known.values()):
        regulators, by_keyword = _read_flags(gene_products, labels)
    retired = {
        labels[found.organism_id]: (
            found.n_target_gene_products or 0,
            find_keyword_loss(by_keyword[found.organism_id], found.organism, found.taxon_id)
            if found.sources is None
            else found.sources.retired,
        )
        for found in annotated
    }
    other_names = sentences.write_other_names(list(list_other_names(rows, TaxonNames().find)))
    return Summary(
        run_id=record["run_id"],
        go_id=target["go_id"],
        name=target["name"],
        headline=" ".join(list_answer(compared, record)),
        organisms=tuple(compared),
        shared=sentences.write_shared(list(terms), len(compared), len(compared) - len(partial)),
        caveats=(
            *source_sentences.write_retired_caveats(retired),
            *answer_sentences.write_partial_caveat(partial, len(compared)),
            *source_sentences.write_negative_regulators(known, regulators),
            *answer_sentences.write_evidence_caveats(
                upstream_only,
                has_electronic=any(each.best_group == "electronic" for each in compared),
            ),
        ),
        warnings=(*record["warnings"], *([other_names] if other_names else ())),
        sensitivity=tuple(source_sentences.write_sensitivity(known, positive)),
    )


def _label_organisms(organisms: Iterable[OrganismSummary]) -> dict[str, str]:
    """Return the name of each organism by its id, with the id where several have the same name."""
    found = [(each.organism_id, each.organism) for each in organisms]
    names = Counter(name for _, name in found)
    return {
        organism_id: name if names[name] == 1 else f"{name} ({organism_id})"
        for organism_id, name in found
    }


def _read_flags(
    gene_products: Iterable[Row], organism_ids: Container[str]
) -> tuple[list[str], Counter[str]]:
    """Return what the flags of gene products say.

    Args:
        gene_products: Rows of `gene_products`.
        organism_ids: The compared organisms.

    Returns:
        The symbols of negative regulators, without repeats, and the number of gene products of each
        organism that rest only on keywords.
    """
    symbols: list[str] = []
    by_keyword: Counter[str] = Counter()
    for row in gene_products:
        flags = split_list(row["flags"]) if row["organism_id"] in organism_ids else []
        by_keyword[row["organism_id"]] += "keyword_only" in flags
        if "also_negative_regulator" in flags and row["symbol"]:
            symbols.append(row["symbol"])
    spelling = {symbol.lower(): symbol for symbol in reversed(symbols)}
    return [spelling[each] for each in sorted(spelling)], by_keyword


def _summarise_organism(row: Row, sources: SourceSummary | None) -> OrganismSummary:
    return OrganismSummary(
        organism_id=row["organism_id"],
        taxon_id=int(row["taxon_id"]),
        organism=row["organism"],
        verdict=row["verdict"],
        words=answer_sentences.label_verdict(
            row["verdict"], row["best_group"], is_complete=row["complete"] == COMPLETE
        ),
        n_target_gene_products=parse_count(row["n_target_gene_products"]),
        best_group=row["best_group"],
        contested=row["contested"] == "true",
        complete=row["complete"],
        partial_reasons=tuple(split_list(row["partial_reasons"])),
        n_in_aspect=parse_count(row["n_in_aspect"]),
        n_upstream_or_within_only=parse_count(row["n_upstream_or_within_only"]),
        sources=sources,
        remaining=source_sentences.write_remaining(sources) if sources else "",
    )


def _has_filters(record: dict[str, Any]) -> bool:
    """Return whether the run excluded lines by filters."""
    return bool(Filters.from_dict(record.get("options", {}).get("filters", {})).exclusions)
