"""Sentences about results for the terminal, the page, JSON and MultiQC.

Every function takes values that were counted elsewhere and returns text. A sentence never claims
more than its numbers: a missing annotation is not evidence of absence. The notes below sections of
the page are in `section_notes`. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.ontology.termfile import SUPPORTING_CLASSES
from gafreduce.reports.tables.reader import Row

#: Labels of verdicts, the strongest first.
VERDICT_LABELS = {
    "experimental": "annotated, by experiment",
    "high_throughput": "annotated, by high-throughput experiment",
    "curated": "annotated; curated, not experimental",
    "electronic_only": "annotated only electronically (IEA)",
    "unstated_only": "annotated, evidence not stated",
    "conflicting": "conflicting: a gene product has both an annotation and a NOT annotation",
    "partial_file": "partial file: nothing can be said",
    "filtered_out": "filters exclude its annotations",
    "negated": "only NOT annotations",
    "other_relation_only": "annotated only with another relation (e.g. acts_upstream_of)",
    "regulators_only": "only its regulation is annotated",
    "not_understood": "only lines with a relation that GO does not define",
    "no_data": "curators found no data (ND)",
    "not_annotated": "no annotation found (not evidence of absence)",
}
#: Verdicts of organisms with a supporting annotation to the target term or a descendant.
POSITIVE_VERDICTS = (
    *("experimental", "high_throughput", "curated"),
    *("electronic_only", "unstated_only"),
)
GROUP_LABELS = dict(
    zip(
        GROUPS,
        (
            *("experiment", "high-throughput experiment", "phylogenetic", "sequence-based"),
            *("author statement", "curator inference", "electronic", "not stated"),
        ),
        strict=True,
    )
)
ELECTRONIC = "no experiment is cited, and no curator checked the individual annotations"
#: Marks of regulators by the sign of the regulation, as in the Systems Biology Graphical Notation.
REGULATION_MARKS = {"negative_regulator": "⊣", "positive_regulator": "→", "regulator": "◇"}
ASPECT_LABELS = {"P": "biological process", "F": "molecular function", "C": "cellular component"}

NO_ABSENCE = (
    "A missing annotation does not show that the trait is missing: perhaps nobody has studied it."
)
#: Names listed in one sentence; the number of the others follows.
MAX_LISTED = 10


def format_count(count: int, noun: str) -> str:
    """Return a count with its noun in the singular or plural.

    >>> format_count(1, "organism"), format_count(0, "gene product")
    ('1 organism', '0 gene products')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def count_all(count: int, noun: str) -> str:
    """Return that all of a number are meant.

    >>> count_all(1, "organism"), count_all(2, "organism"), count_all(3, "organism")
    ('the only organism', 'both organisms', 'all 3 organisms')
    """
    return {1: f"the only {noun}", 2: f"both {noun}s"}.get(count, f"all {count:,} {noun}s")


def list_names(names: Sequence[str], limit: int = MAX_LISTED) -> str:
    """Return names joined by commas; those after the limit are counted.

    >>> list_names(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def format_code(code: str) -> str:
    """Return a word of a table (such as `negative_regulator`) as text."""
    return code.replace("_", " ")


def format_term_class(term_class: str) -> str:
    """Return a class of the term set as text; regulators begin with the mark of their sign.

    >>> format_term_class("negative_regulator"), format_term_class("core")
    ('⊣ negative regulator', 'descendant')
    """
    if term_class == "core":
        return "descendant"
    return f"{REGULATION_MARKS.get(term_class, '')} {format_code(term_class)}".lstrip()


# The summary


def list_remarks(verdict: str, best_group: str, contested: bool) -> list[str]:
    """Return what is to be known of an organism in addition to its verdict.

    >>> list_remarks("curated", "phylogenetic", True)
    ['best evidence: phylogenetic', 'contested by NOT']
    """
    is_known = verdict.removesuffix("_only") == best_group  # the verdict names its evidence
    best = [f"best evidence: {GROUP_LABELS[best_group]}"] if best_group and not is_known else []
    is_contested = contested and verdict not in ("conflicting", "negated")
    return [*best, "contested by NOT"] if is_contested else best


def write_other_names(names: Sequence[tuple[str, str, bool]]) -> str:
    """Return the note on organisms with another species name; empty for none.

    Args:
        names: The name, the other name, and whether a file has it, else the NCBI Taxonomy.
    """
    if not names:
        return ""
    found = [
        f"{name}, in the {'file' if is_of_file else 'NCBI Taxonomy'} {other}"
        for name, other, is_of_file in names
    ]
    more = f"; and {len(found) - MAX_LISTED:,} more" if len(found) > MAX_LISTED else ""
    return f"species with another name: {'; '.join(found[:MAX_LISTED])}{more}"


def write_shared(terms: Sequence[Row], n_compared: int, n_complete: int) -> str:
    """Return the sentence on terms of the term set that all, some or one of the organisms have.

    Args:
        terms: Rows of `terms` in the term set.
        n_compared: Number of compared organisms.
        n_complete: Number of those with complete files.
    """
    if n_compared < 2:
        return "Fewer than two organisms are compared, so no term can be shared."
    parts = []
    for membership, where in (
        ("core", f"in {count_all(n_complete, 'organism')} with complete files"),
        ("shared", "in some"),
        ("unique", "in only one"),
        ("partial_only", "in partial files only"),
    ):
        found = [row for row in terms if row["membership"] == membership]
        if found:
            names = "; ".join(_name_shared_term(row, membership) for row in found[:5])
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            be = "is" if len(found) == 1 else "are"
            parts.append(f"{len(found):,} {be} annotated {where}: {names}{more}.")
    if not parts:
        return (
            "No compared organism is annotated to the term, one of its descendants or regulators."
        )
    return f"Of the term, its descendants and regulators, {' '.join(parts)}"


def _name_shared_term(row: Row, membership: str) -> str:
    marks = [] if row["term_class"] in SUPPORTING_CLASSES else ["regulation"]
    marks += (
        []
        if membership not in ("shared", "partial_only")
        else [format_count(int(row["n_organisms"]), "organism")]
    )
    return f"{row['go_id']} {row['name']}" + (f" ({', '.join(marks)})" if marks else "")


def write_terms(n_direct: int, n_general: int) -> str:
    """Return how many terms are annotated, directly and by more specific terms alone.

    >>> write_terms(2, 1)
    'Every one of the 3 terms in the data: 2 annotated directly, 1 only by more specific terms.'
    """
    return (
        f"Every one of the {n_direct + n_general:,} terms in the data: {n_direct:,} annotated "
        f"directly, {n_general:,} only by more specific terms."
    )


def write_candidates(n_candidates: int, n_members: int) -> str:
    """Return the statement on gene products of known components without the annotation.

    Args:
        n_candidates: Gene products without the annotation.
        n_members: Gene products with the family or symbol of a known component.
    """
    verb = "is" if n_candidates == 1 else "are"
    return (
        f"{n_candidates:,} of {format_count(n_members, 'gene product')} with the family or gene "
        f"symbol of a known component {verb} not annotated to the target term: differences in "
        "counts may reflect annotation effort rather than biology."
    )


# Leads of sections (titles of figures: figure_titles)


def write_enrichment(
    all_products: tuple[int, int], without_regulators: tuple[int, int] | None
) -> str:
    """Return how many terms are enriched, summed over the organisms.

    Args:
        all_products: Enriched terms and tested terms.
        without_regulators: The same without gene products that are also negative regulators;
            None if there are none.

    >>> write_enrichment((2, 31), None)
    '2 of 31 tested terms are enriched, summed over the organisms (false discovery rate below \
0.05; circular terms are left out).'
    """
    n_enriched, n_tests = all_products
    if not n_tests:
        return "Only circular terms were tested for enrichment."
    be = "is" if n_enriched == 1 else "are"
    text = (
        f"{n_enriched:,} of {format_count(n_tests, 'tested term')} {be} enriched, summed over the "
        "organisms (false discovery rate below 0.05; circular terms are left out)."
    )
    if without_regulators is None:
        return text
    n_enriched, n_tests = without_regulators
    be = "is" if n_enriched == 1 else "are"
    return (
        f"{text} Without gene products that are also negative regulators of the target term, "
        f"{n_enriched:,} of {n_tests:,} {be}."
    )


def write_pairs(n_different: int, n_pairs: int) -> str:
    """Return how many comparisons of two organisms differ."""
    none = "" if n_different else "No difference was detected: "
    return (
        f"{none}{n_different:,} of {format_count(n_pairs, 'comparison')} of two organisms (on all "
        "evidence and on each kind of evidence) differ in the share of gene products annotated to "
        "the target term, at a false discovery rate below 0.05."
    )


def write_line_counts(counts: Mapping[str, int]) -> str:
    """Return the numbers of input lines by kind; `counts` are those of run.json."""
    n_filtered = counts.get("n_filtered", 0)  # older run folders have none
    filtered = f"{n_filtered:,} excluded by filters, " if n_filtered else ""
    return (
        f"{format_count(counts['n_lines'], 'line')} read: {counts['n_kept']:,} annotation lines "
        f"kept, {filtered}{counts['n_rejected']:,} rejected, {counts['n_header']:,} header lines, "
        f"{counts['n_blank']:,} blank."
    )


def write_months(first: str, last: str) -> str:
    """Return the months of the first and the last date (YYYYMMDD).

    >>> write_months("20190105", "20191231")
    '2019-01 to 2019-12'
    """
    first, last = (f"{date[:4]}-{date[4:6]}" for date in (first, last))
    return first if first == last else f"{first} to {last}"


def write_dates(first: str, last: str) -> str:
    """Return the dates of the annotations; dates are YYYYMMDD."""
    first, last = (f"{date[:4]}-{date[4:6]}-{date[6:]}" for date in (first, last))
    when = first if first == last else f"from {first} to {last}"
    return (
        f"Annotations to the term, its descendants and regulators are dated {when} (GAF column 14)."
    )
