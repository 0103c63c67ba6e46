"""The answer in sentences: for the command line and for the head of the page.

Standard library only. What the evidence doesn't say is not said: no annotation is not absence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.ontology.termfile import SUPPORTING_CLASSES
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import Row, read_rows

#: Verdict words as a sentence about an organism says them.
VERDICT_WORDS = {
    "experimental": "annotated, with experimental evidence",
    "high_throughput": "annotated, with high-throughput evidence",
    "curated": "annotated, by curators' judgement (no experiment)",
    "electronic_only": "annotated electronically only",
    "unstated_only": "annotated, evidence not stated",
    "conflicting": "conflicting: annotated and NOT on the same gene product",
    "negated": "the only statements are NOT",
    "other_relation_only": "only acts upstream of it, or a like relation",
    "regulators_only": "only its regulation is annotated",
    "no_data": "curators looked and found nothing (ND)",
    "not_annotated": "no annotation found (which is not absence)",
}
#: Verdicts of organisms that have an annotation to the target.
POSITIVE = ("experimental", "high_throughput", "curated", "electronic_only", "unstated_only")
GROUP_WORDS = {group: group.replace("_", "-") for group in GROUPS}


@dataclass(frozen=True)
class OrganismAnswer:
    """What is known of one compared organism."""

    taxon_id: int
    organism: str
    verdict: str
    words: str
    n_target_gene_products: int
    best_group: str
    contested: bool
    complete: bool


@dataclass(frozen=True)
class Answer:
    """The answer of a run."""

    run_id: str
    go_id: str
    name: str
    headline: str
    organisms: tuple[OrganismAnswer, ...]
    shared: str
    caveats: tuple[str, ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain data, for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the answer as lines of text."""
        width = max((len(found.organism) for found in self.organisms), default=0)
        return [
            self.headline,
            "",
            *(f"  {found.organism:<{width}}  {_details(found)}" for found in self.organisms),
            "",
            self.shared,
            *self.caveats,
            *(f"note: {warning}" for warning in self.warnings),
        ]


def read_answer(folder: RunFolder) -> Answer:
    """Return the answer that the tables and the record of a run folder give.

    Raises:
        TableError: A table is missing or damaged.
    """
    return make_answer(
        folder.read_record(),
        read_rows(folder, "organisms"),
        (row for row in read_rows(folder, "terms") if row["term_class"]),
    )


def make_answer(
    record: dict[str, Any], organisms: Iterable[Row], closure_terms: Iterable[Row]
) -> Answer:
    """Return the answer.

    Args:
        record: The run record.
        organisms: Rows of `organisms`; text cells.
        closure_terms: Rows of `terms` that lie in the closure.
    """
    compared = [_organism(row) for row in organisms if row["compared"] == "true"]
    compared.sort(key=lambda found: (_rank(found), found.organism, found.taxon_id))
    target = record["target"]
    return Answer(
        run_id=record["run_id"],
        go_id=target["go_id"],
        name=target["name"],
        headline=_headline(compared, target, _is_filtered(record)),
        organisms=tuple(compared),
        shared=_shared(list(closure_terms), len(compared)),
        caveats=tuple(_caveats(compared)),
        warnings=tuple(record["warnings"]),
    )


def _organism(row: Row) -> OrganismAnswer:
    return OrganismAnswer(
        taxon_id=int(row["taxon_id"]),
        organism=row["organism"],
        verdict=row["verdict"],
        words=VERDICT_WORDS[row["verdict"]],
        n_target_gene_products=int(row["n_target_gene_products"]),
        best_group=row["best_group"],
        contested=row["contested"] == "true",
        complete=row["complete"] == "true",
    )


def _rank(found: OrganismAnswer) -> int:
    return list(VERDICT_WORDS).index(found.verdict)


def _details(found: OrganismAnswer) -> str:
    parts = [found.words]
    if found.n_target_gene_products:
        parts.append(plural(found.n_target_gene_products, "gene product"))
    if found.best_group:
        parts.append(f"best evidence: {GROUP_WORDS[found.best_group]}")
    if found.contested:
        parts.append("contested by NOT")
    return "; ".join(parts)


def plural(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> plural(1, "organism"), plural(0, "gene product")
    ('1 organism', '0 gene products')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _is_filtered(record: dict[str, Any]) -> bool:
    filters = record.get("options", {}).get("filters", ())  # none in older folders
    return any(name != "supporting_relations" for name in filters)


def _headline(compared: list[OrganismAnswer], target: dict[str, str], is_filtered: bool) -> str:
    what = f"{target['name']} ({target['go_id']})"
    if is_filtered:  # the reader must not take what was left out for what is not there
        what += " among the lines that the filters take"
    if not compared:
        return f"No organism is compared for {what}."
    positive = [found for found in compared if found.verdict in POSITIVE]
    subject = plural(len(compared), "compared organism")
    if not positive:
        return f"None of {subject} has an annotation to {what}; no annotation is not absence."
    verb = "has" if len(positive) == 1 else "have"
    by_experiment = sum(found.verdict == "experimental" for found in positive)
    electronic = sum(found.verdict == "electronic_only" for found in positive)
    if electronic == len(positive):
        evidence = "all of it electronic, none by experiment"
    else:
        evidence = f"{by_experiment} by experiment, {electronic} electronic only"
    return f"{len(positive)} of {subject} {verb} annotations to {what}: {evidence}."


def _shared(terms: list[Row], n_compared: int) -> str:
    """Say which terms of the closure are annotated in all, some or one of the organisms."""
    if n_compared < 2:
        return "Fewer than two organisms are compared: nothing can be shared."
    parts = []
    for word, text in (
        ("core", f"in all {n_compared}"),
        ("shared", "in some"),
        ("unique", "in one only"),
    ):
        found = [row for row in terms if row["membership"] == word]
        if found:
            names = ", ".join(
                f"{row['go_id']} {row['name']}"
                + ("" if row["term_class"] in SUPPORTING_CLASSES else " (regulation)")
                + ("" if word == "core" else f" ({row['n_organisms']})")
                for row in found[:5]
            )
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            parts.append(f"annotated {text}: {names}{more}")
    if not parts:
        return "No term of the closure is annotated in any compared organism."
    return f"Of the closure, {'; '.join(parts)}."


def _caveats(compared: list[OrganismAnswer]) -> Iterable[str]:
    incomplete = [found.organism for found in compared if not found.complete]
    if incomplete:
        which = "all files" if len(incomplete) == len(compared) else ", ".join(incomplete)
        yield (
            f"Chosen by the outcome ({which}): rates and tests would be nonsense and are left out."
        )
