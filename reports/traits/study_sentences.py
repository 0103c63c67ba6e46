"""Sentences on a study: all classes that are not empty are named, and add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from gafreduce.reports.figures.traits_figure import TraitLine
from gafreduce.reports.summary.sentences import (
    NO_ABSENCE,
    POSITIVE_VERDICTS,
    VERDICT_LABELS,
    format_count,
    list_names,
)
from gafreduce.reports.tables.reader import Row, split_list


def write_title(lines: Sequence[TraitLine], rows: Sequence[Row]) -> str:
    """Return the title of the figure: traits by the complete organisms that have them."""
    complete = [row for row in rows if row["complete"] == "true"]
    n_organisms = len({row["organism_id"] for row in complete})
    n_traits = len(lines)
    if not n_organisms:
        return f"{format_count(n_traits, 'trait')}: all files are partial"
    having = Counter(row["trait"] for row in complete if row["verdict"] in POSITIVE_VERDICTS)
    in_all = sum(having[line.go_id] == n_organisms for line in lines)
    in_none = sum(having[line.go_id] == 0 for line in lines)
    traits = f"Of {format_count(n_traits, 'trait')}, "
    if n_organisms == 1:
        return f"{traits}{in_all} annotated in the one organism with a complete file"
    every = f"all {n_organisms} organisms with complete files"
    classes = {every: in_all, "some": n_traits - in_all - in_none, "none": in_none}
    (first, n_first), *others = [(words, n) for words, n in classes.items() if n]
    if first != every:
        first += f" of {n_organisms} organisms with complete files"
    if not others:
        return f"{traits}all are annotated in {first}"
    rest = "".join(f", {n} in {words}" for words, n in others)
    return f"{traits}{n_first} {'is' if n_first == 1 else 'are'} annotated in {first}{rest}"


def write_numbers(lines: Sequence[TraitLine], rows: Sequence[Row]) -> str:
    """Return the numbers of traits and organisms."""
    organisms = {row["organism_id"]: row["complete"] == "true" for row in rows}
    partial = len(organisms) - sum(organisms.values())
    text = f"{format_count(len(lines), 'trait')} in {format_count(len(organisms), 'organism')}"
    if partial:
        text += f", {partial} of them with partial files"
    return f"{text}: {format_count(len(rows), 'pair')} of a trait and an organism."


def write_pairs(rows: Sequence[Row]) -> Iterator[str]:
    """Yield sentences on pairs of traits and organisms, complete and partial files apart."""
    for is_complete, words in ((True, "complete files"), (False, "partial files")):
        counts = Counter(
            row["verdict"] for row in rows if (row["complete"] == "true") == is_complete
        )
        if counts:
            classes = [
                f"{counts[word]} {_label(word, is_complete=is_complete)}"
                for word in VERDICT_LABELS
                if counts[word]
            ]
            total = format_count(counts.total(), "pair")
            yield f"Of {total} in organisms with {words}: {'; '.join(classes)}."


def _label(word: str, *, is_complete: bool) -> str:
    if not is_complete and word in POSITIVE_VERDICTS:
        return f"{VERDICT_LABELS[word].replace(' only', '')} in the file"
    return VERDICT_LABELS[word]


def write_overlaps(
    rows: Sequence[Row], shared: Sequence[Row], names: Mapping[str, str]
) -> Iterator[str]:
    """Yield why the numbers of traits do not add up, and that absence is not shown."""
    nested = {(row["trait"], above) for row in rows for above in split_list(row["nested_in"])}
    if nested:
        pairs = [f"{names[one]} in {names[above]}" for one, above in sorted(nested)]
        yield (
            f"{format_count(len(pairs), 'pair')} of traits are nested, by the ontology: "
            f"{list_names(pairs)}."
        )
    others = {(row["trait_a"], row["trait_b"]) for row in shared if not row["nested"]}
    if others:
        verb = "shares" if len(others) == 1 else "share"
        traits = "other traits" if nested else "traits"
        yield (
            f"{format_count(len(others), 'pair')} of {traits} {verb} gene products in some "
            "organism (table shared_products). Numbers of different traits must not be added."
        )
    yield NO_ABSENCE
