"""The notes of the statistics in words: what was sampled, capped or left out, said beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gafreduce.reports.summary.run_tables import RunTables

_ASPECTS = {"P": "biological process", "F": "molecular function", "C": "cellular component"}

#: Reasons for an empty table, or for an organism without rows.
_REASONS = {
    "fewer_than_two_complete_organisms": "fewer than two organisms have complete files",
    "no_components_file": "no file of components was given, and none comes with this target",
    "no_context": "the lines beyond the closure were not read",
    "no_term_sets": "the gene products' sets of terms were not read",
    "no_single_root": "the ontology has no single root there",
    "scope_target": "--scope target keeps the closure only, and this needs the whole of GO",
}

_Values = Mapping[str, str]  # of one table and subject, by key


def in_words(tables: RunTables, name: str) -> Iterator[str]:
    """Yield what must be said with a statistics table, a sentence each.

    Args:
        tables: Of the run; `statistics_notes` among them.
        name: Of the table.
    """
    by_subject: dict[str, dict[str, str]] = {}
    for row in tables.rows("statistics_notes"):
        if row["table"] == name:
            by_subject.setdefault(row["subject"], {})[row["key"]] = row["value"]
    whole = by_subject.pop("", {})
    for say in (_sampled, _asked, _pooled, _drawn):
        yield from say(whole)
    sizes = [
        f"{_ASPECTS.get(subject, subject)} {int(values['pool_gene_products']):,}"
        for subject, values in by_subject.items()
        if "pool_gene_products" in values
    ]
    if any(values.get("pool_gene_products", "0") != "0" for values in by_subject.values()):
        yield f"Gene products in that pool: {', '.join(sizes)}."
    yield from _of_organisms(tables, by_subject)
    for subject, values in by_subject.items():
        if "n_sets" in values:
            yield (
                f"Sets of {subject}: the {int(values['n_sets_shown']):,} largest of "
                f"{int(values['n_sets']):,} are listed."
            )


def _sampled(values: _Values) -> Iterator[str]:
    if "reason" in values:
        yield f"There is nothing to show: {_reason(values['reason'])}."
    shown, complete = values.get("n_organisms_shown"), values.get("n_organisms_complete")
    if shown is None or complete is None or shown == complete:
        return
    how = "those that come first by a hash of their id, whatever they have"
    yield f"Shown are {int(shown):,} of {int(complete):,} complete organisms: {how}."


def _asked(values: _Values) -> Iterator[str]:
    if "alpha" in values:
        yield (
            f"Tested are terms of at least {values['min_population']} gene products that could "
            f"come below p = {values['alpha']} at all; that choice is made before looking at the "
            "target's gene products."
        )
    if "min_terms" in values:
        yield f"A measure is left empty where a set has fewer than {values['min_terms']} terms."
    if "max_entries" in values:
        yield (
            f"Of an organism the {values['max_entries']} With/From entries of most lines are left "
            "out one by one."
        )


def _pooled(values: _Values) -> Iterator[str]:
    if values.get("pool_organisms", "0") != "0":
        yield (
            f"Information content comes from the {int(values['pool_organisms']):,} complete "
            f"organisms of this run (pool {values['pool']}): with others it would be another."
        )


def _drawn(values: _Values) -> Iterator[str]:
    if "n_rounds" in values and values.get("n_organisms_shown", "0") != "0":
        yield (
            f"As many gene products as the smallest organism has are drawn from each, "
            f"{values['n_rounds']} times (seed {values['seed']}); shown are the smallest, the "
            "median and the largest value."
        )
    if "n_orthologs_without_lines" in values:
        n_without = int(values["n_orthologs_without_lines"])
        yield f"Named orthologs that no line is about: {n_without:,}."


def _of_organisms(tables: RunTables, by_subject: Mapping[str, _Values]) -> Iterator[str]:
    """Say which organisms lack rows, those of one reason together."""
    said: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("reason", lambda value: f"Left out, {_reason(value)}"),
        ("incomplete", lambda _: "Chosen by the outcome, so that terms are missing"),
    )
    for key, words in said:
        subjects: dict[str, list[str]] = {}
        for subject, values in by_subject.items():
            if key in values:
                subjects.setdefault(values[key], []).append(subject)
        for value, found in subjects.items():
            names = [_ASPECTS.get(each) or tables.label(each) for each in found[:10]]
            more = f" and {len(found) - 10:,} more" if len(found) > 10 else ""
            yield f"{words(value)}: {', '.join(names)}{more}."


def _reason(code: str) -> str:
    """Return a reason in words.

    >>> _reason("more_than_50000_lines")
    'more than 50,000 lines'
    """
    words = _REASONS.get(code, code.replace("_", " "))
    return " ".join(f"{int(word):,}" if word.isdigit() else word for word in words.split(" "))
