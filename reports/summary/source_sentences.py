"""Sentences on the sources of annotations: what remains without one, and what GO stopped using.

Every function takes values that were counted elsewhere and returns text. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gafreduce.reports.summary.sentences import format_count, list_names
from gafreduce.reports.summary.source_summary import RetiredLoss, SourceSummary

#: Groups of organisms with the same remainder that one sentence lists.
_MAX_GROUPS = 5


def write_remaining(found: SourceSummary) -> str:
    """Return what remains without the largest source, or without each of the largest ones.

    >>> from gafreduce.reports.summary.source_summary import SourceLoss
    >>> loss = SourceLoss("InterPro", 3, 2, "electronic_only")
    >>> write_remaining(SourceSummary(6, 2, (loss,), (), (), False, ()))
    '3 of 6 remain without InterPro, 2 of them also negative regulators'
    """
    if not found.n_gene_products:
        return ""
    if not found.largest:
        return (
            f"{found.n_gene_products:,} of {found.n_gene_products:,} remain without any one source"
        )
    sources_of: dict[tuple[int, int], list[str]] = {}
    for each in found.largest:
        sources_of.setdefault((each.n_left, each.n_left_negative_regulators), []).append(
            each.source
        )
    return "; ".join(
        f"{n_left:,} of {found.n_gene_products:,} {'remains' if n_left == 1 else 'remain'} without "
        f"{list_alternatives(sources)}{_write_regulators(n_regulators)}"
        for (n_left, n_regulators), sources in sources_of.items()
    )


def _write_regulators(count: int) -> str:
    if not count:
        return ""
    words = "a negative regulator" if count == 1 else "negative regulators"
    return f", {count:,} of them also {words}"


def list_alternatives(sources: Sequence[str]) -> str:
    """Return names joined by commas and "or".

    >>> list_alternatives(["A"]), list_alternatives(["A", "B", "C"])
    ('A', 'A, B or C')
    """
    *others, last = sources
    return f"{', '.join(others)} or {last}" if others else last


def write_sensitivity(
    sources: Mapping[str, SourceSummary], positive: Sequence[str]
) -> Iterator[str]:
    """Yield what remains without the largest sources, and whether a source carries a verdict.

    Args:
        sources: Of all compared organisms (by name) with a supporting annotation.
        positive: Those among them with a positive verdict.
    """
    organisms_of: dict[str, list[str]] = {}
    for organism, found in sources.items():
        remaining = write_remaining(found)
        if remaining:
            organisms_of.setdefault(remaining, []).append(organism)
    if organisms_of:
        groups = list(organisms_of.items())
        parts = [f"{text} ({list_names(names, 3)})" for text, names in groups[:_MAX_GROUPS]]
        n_others = sum(len(names) for _, names in groups[_MAX_GROUPS:])
        more = f"; and {format_count(n_others, 'other organism')}" if n_others else ""
        yield f"Gene products without the largest source: {'; '.join(parts)}{more}."
    if positive:
        yield write_deciding_sources({name: sources[name] for name in positive})


def write_deciding_sources(positive: Mapping[str, SourceSummary], *, has_names: bool = True) -> str:
    """Return whether a verdict changes without a single source.

    Args:
        positive: The sources of organisms (by name) with a positive verdict.
        has_names: Whether the organisms are named.
    """
    n_all = len(positive)
    deciding = {name: found.deciding for name, found in positive.items() if found.deciding}
    more = {
        name: found.deciding_without_negative_regulators
        for name, found in positive.items()
        if not found.deciding and found.deciding_without_negative_regulators
    }
    regulators = [name for name, found in positive.items() if found.rests_on_negative_regulators]
    has_regulators = any(found.n_negative_regulators for found in positive.values())
    if not (deciding or more or regulators):
        also = ", also when negative regulators are left out" if has_regulators else ""
        which = "the verdict: it is" if n_all == 1 else f"a verdict: all {n_all:,} are"
        return f"No single source carries {which} the same without any one source{also}."
    if not has_names:
        return _count_deciding(len(deciding), len(more), len(regulators), n_all)
    parts = []
    if deciding:
        parts.append(
            f"The verdict of {len(deciding):,} of {format_count(n_all, 'organism')} changes "
            f"without a single source: {_list_sources(deciding)}."
        )
    else:
        parts.append("No verdict changes without a single source while all gene products count.")
    if more:
        parts.append(
            f"When negative regulators are left out, that of {len(more):,} of {n_all:,} changes "
            f"without a single source: {_list_sources(more)}."
        )
    if regulators:
        parts.append(
            f"The verdict of {len(regulators):,} of {n_all:,} changes when negative regulators are "
            f"left out: {list_names(regulators)}."
        )
    return " ".join(parts)


def _count_deciding(n_deciding: int, n_more: int, n_regulators: int, n_all: int) -> str:
    """Return in one sentence how many verdicts change without what.

    >>> _count_deciding(10, 1, 2, 13)  # doctest: +NORMALIZE_WHITESPACE
    'Of 13 verdicts, 10 change without a single source, 1 more without negative regulators and a
    single source, and 2 when only negative regulators are left out.'
    >>> _count_deciding(0, 0, 1, 1_000)
    'Of 1,000 verdicts, 1 changes when only negative regulators are left out.'
    """
    counts = (
        (n_deciding, "", "without a single source"),
        (n_more, " more" if n_deciding else "", "without negative regulators and a single source"),
        (n_regulators, "", "when only negative regulators are left out"),
    )
    found = [(f"{n:,}{more}", n, words) for n, more, words in counts if n]
    number, n, words = found[0]
    parts = [f"{number} {'changes' if n == 1 else 'change'} {words}"]
    parts += [f"{number} {words}" for number, _, words in found[1:]]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    return f"Of {format_count(n_all, 'verdict')}, {text}."


def _list_sources(sources_of: Mapping[str, Sequence[str]]) -> str:
    return list_names([f"{name} ({list_alternatives(each)})" for name, each in sources_of.items()])


#: Organisms up to which all are named with their numbers.
_MAX_NAMED = 4


def write_retired_caveats(
    retired: Mapping[str, tuple[int, Sequence[RetiredLoss]]],
) -> Iterator[str]:
    """Yield a caveat for each source that GO stopped using and on which gene products rest.

    Args:
        retired: Gene products with the target, and those that rest on retired sources, of all
            compared organisms (by name) with a supporting annotation.
    """
    n_all = sum(n_products for n_products, _ in retired.values())
    by_source: dict[str, dict[str, RetiredLoss]] = {}
    for organism, (_, losses_of_organism) in retired.items():
        for loss in losses_of_organism:
            by_source.setdefault(loss.source, {})[organism] = loss
    for losses in by_source.values():
        any_loss = next(iter(losses.values()))
        n_lost = sum(loss.n_lost for loss in losses.values())
        verb = "rests" if n_lost == 1 else "rest"
        organisms = sorted(losses, key=lambda name: (-losses[name].n_lost, name))
        parts = [f"{losses[name].n_lost:,} of {retired[name][0]:,} in {name}" for name in organisms]
        if len(parts) > _MAX_NAMED:
            n_named = _MAX_NAMED - 1
            n_others = sum(losses[name].n_lost for name in organisms[n_named:])
            others = f"{n_others:,} in {len(parts) - n_named:,} other organisms"
            parts = [*parts[:n_named], others]
        is_alone = len(retired) == 1
        where = f" of {organisms[0]}" if is_alone else ""
        each = "" if is_alone else f": {list_names(parts)}"
        yield (
            f"{n_lost:,} of {format_count(n_all, 'gene product')}{where} {verb} only on "
            f"{any_loss.words} that GO stopped using in {format_month(any_loss.retired)}{each}."
        )


def format_month(text: str) -> str:
    """Return a month (YYYY-MM) in words.

    >>> format_month("2026-03")
    'March 2026'
    """
    year, month = map(int, text.split("-"))
    names = (
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    )
    return f"{names[month - 1]} {year}"


def write_negative_regulators(
    sources: Mapping[str, SourceSummary], symbols: Sequence[str]
) -> Iterator[str]:
    """Yield the caveat on gene products that are also negative regulators, if there are any.

    Args:
        sources: Of all compared organisms (by name) with a supporting annotation.
        symbols: Symbols of these gene products.
    """
    n_both = sum(found.n_negative_regulators for found in sources.values())
    n_all = sum(found.n_gene_products for found in sources.values())
    if n_both:
        names = f" ({list_names(symbols, 5)})" if symbols else ""
        verb, what = (
            ("is", "a negative regulator") if n_both == 1 else ("are", "negative regulators")
        )
        yield (
            f"{n_both:,} of {format_count(n_all, 'gene product')}{names} {verb} also annotated as "
            f"{what} of the term, and may act against it."
        )
