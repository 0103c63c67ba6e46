"""The first screen of the page: the answer, its caveats, and the matrix of organisms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.figures import data
from gafreduce.reports.figures.evidence_figures import MAX_GROUPS, EvidenceRow
from gafreduce.reports.figures.groups import (
    ALL,
    MAX_ORGANISMS,
    OTHERS,
    OrganismGroup,
    group_compared,
)
from gafreduce.reports.figures.style import GROUP_STYLES
from gafreduce.reports.html.page import EvidencePart, FirstScreen, MatrixRow, StripPart
from gafreduce.reports.html.table_views import MAX_STORED_BY_TABLE
from gafreduce.reports.summary import answer_sentences, sentences, source_sentences
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.summary import OrganismSummary, list_answer
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.reader import Row, split_list

#: Caveats beside the answer; the others are below the matrix.
MAX_CAVEATS = 2
#: Organisms up to which those without an annotation have a row of their own.
_MAX_EMPTY = 12
#: Organisms with an annotation up to which the line of support names them.
_MAX_NAMED = 4
#: Widths of the bars in units of their drawing.
_BAR, _EVIDENCE, _MIN_LETTER = 90.0, 118.0, 13.0
_DEPTH, _CELL = 44.0, 7.0
#: Organisms of a group up to which each has a cell of its own.
_MAX_CELLS = 40


def make_first_screen(results: RunResults) -> FirstScreen:
    """Return the first screen of a run with its statistics."""
    summary = results.summary
    rows = data.make_evidence_rows(results, results.rows("gene_products"))
    by_id = {row["organism_id"]: row for row in results.organisms}
    is_grouped = len(rows) > MAX_ORGANISMS
    dates, n_lines = _find_dates(results)
    regulators = _Regulators(by_id, results.rows("gene_products"), n_lines)
    made: list[MatrixRow]
    empty: list[str] = []
    n_more = 0
    if is_grouped:
        groups = group_compared(results)
        made = list(_make_group_rows(groups, summary.organisms, rows, by_id, regulators))
        n_more = max(0, len(made) - MAX_GROUPS)
        made = made[:MAX_GROUPS]
    else:
        shown = list(zip(summary.organisms, rows, strict=True))
        if len(rows) > _MAX_EMPTY:
            empty = [row.name for found, row in shown if _is_empty(found, by_id)]
            shown = [(found, row) for found, row in shown if not _is_empty(found, by_id)]
        largest = _find_scale([row for _, row in shown])
        deepest = _find_deepest([found for found, _ in shown])
        made = [
            _make_row(found, row, by_id[row.organism_id]["group"], (largest, deepest), regulators)
            for found, row in shown
        ]
    counts = [(row.total, row.is_complete) for row in rows]
    n_contested = sum(int(row["n_conflicting_gene_products"] or 0) for row in by_id.values())
    support = [
        answer_sentences.write_support(counts),
        answer_sentences.write_contested(n_contested),
        *_write_stability(results),
    ]
    used = [group for group in GROUPS if any(row.counts.get(group) for row in rows)]
    release = str(results.record["ontology"]["data_version"] or "")
    caveats = (
        *summary.caveats,
        *answer_sentences.write_date_gap(release, dates[-1] if dates else ""),
        sentences.NO_ABSENCE,
    )
    return FirstScreen(
        tuple(list_answer(summary.organisms, results.record)),
        " ".join(filter(None, support)),
        caveats[:MAX_CAVEATS],
        caveats[MAX_CAVEATS:],
        tuple(made),
        sentences.list_names(empty),
        n_more,
        is_grouped,
        "tree" if results.has_tree else "number of organisms" if is_grouped else results.order,
        tuple((group, GROUP_STYLES[group].letter, sentences.GROUP_LABELS[group]) for group in used),
        regulators.list_marks(),
        any(row.regulators for row in made),
        any(row.remaining for row in made),
        any(not row.is_complete for row in rows),
        sentences.write_months(dates[0], dates[-1]) if dates else "",
    )


def _find_dates(results: RunResults) -> tuple[list[str], int]:
    """Return the dates of the annotation lines, the earliest first, and the number of lines."""
    dates: set[str] = set()
    n_lines = 0
    for row in results.rows("annotations"):
        n_lines += 1
        dates.add(row["date"])
    return sorted(filter(is_date, dates)), n_lines


def _write_stability(results: RunResults) -> Iterator[str]:
    """Yield whether verdicts rest on a single source; few organisms are named."""
    positive = {
        results.label(each.organism_id): each.sources
        for each in results.summary.organisms
        if each.sources and each.verdict in sentences.POSITIVE_VERDICTS
    }
    if positive:
        has_names = len(positive) <= _MAX_NAMED
        yield source_sentences.write_deciding_sources(positive, has_names=has_names)


def is_date(text: str) -> bool:
    """Return whether a text is a date, YYYYMMDD."""
    return len(text) == 8 and text.isascii() and text.isdigit()


def _is_empty(found: OrganismSummary, by_id: dict[str, Row]) -> bool:
    row = by_id[found.organism_id]
    has_regulators = row["n_regulator_gene_products"] not in ("", "0")
    return found.verdict in ("not_annotated", "no_data") and not has_regulators


def _find_scale(rows: Sequence[EvidenceRow]) -> int:
    complete = max((row.total for row in rows if row.is_complete), default=0)
    return complete or max((row.total for row in rows), default=0) or 1


def _find_deepest(organisms: Sequence[OrganismSummary]) -> int:
    return max(
        (each.n_in_aspect or 0 for each in organisms if each.complete == COMPLETE), default=0
    )


def _find_share_left(found: OrganismSummary) -> float | None:
    sources = found.sources
    if not sources or not sources.largest:
        return None
    return sources.largest[0].n_left / sources.n_gene_products


class _Regulators:
    """Numbers of regulators and of gene products with NOT, with the marks of the regulators."""

    def __init__(
        self, by_id: Mapping[str, Row], gene_products: Iterable[Row], n_lines: int
    ) -> None:
        self._by_id = by_id
        self._classes: dict[str, set[str]] = {}
        for row in gene_products:
            found = sentences.REGULATION_MARKS.keys() & split_list(row["term_classes"])
            self._classes.setdefault(row["organism_id"], set()).update(found)
        self._has_lines = n_lines <= MAX_STORED_BY_TABLE["annotations"]

    def list_marks(self) -> tuple[str, ...]:
        """Return the marks of all organisms, each with its meaning."""
        used = set().union(*self._classes.values())
        return tuple(
            sentences.format_term_class(each) for each in sentences.REGULATION_MARKS if each in used
        )

    def count(self, organism_ids: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return the numbers of some organisms together: what each leads to, and its text."""
        listed = list(organism_ids)
        n_regulators, n_negated = (
            sum(int(self._by_id[each][f"n_{name}_gene_products"] or 0) for each in listed)
            for name in ("regulator", "negated")
        )
        used = set().union(*(self._classes.get(each, set()) for each in listed))
        marks = [mark for name, mark in sentences.REGULATION_MARKS.items() if name in used]
        kind = "regulator" if self._has_lines else ""
        parts = [(kind, " ".join([f"{n_regulators:,}", *marks]))] * bool(n_regulators)
        return (*parts, *[("negated", f"{n_negated:,} NOT")] * bool(n_negated))


def _make_row(
    found: OrganismSummary,
    evidence: EvidenceRow,
    group: str,
    scales: tuple[int, int],
    regulators: _Regulators,
) -> MatrixRow:
    """Return the row of an organism; scales are the largest number and the deepest annotation."""
    largest, deepest = scales
    is_complete = found.complete == COMPLETE
    return MatrixRow(
        key=found.organism_id,
        name=evidence.name,
        organisms=found.organism_id,
        mark="" if is_complete else "partial file",
        verdict=answer_sentences.label_verdict_briefly(
            found.verdict, found.best_group, is_complete=is_complete
        ),
        sign=found.verdict,
        n_products=_format(found.n_target_gene_products),
        has_target=bool(found.n_target_gene_products),
        bar=min(_BAR, _BAR * evidence.total / largest),
        is_complete=is_complete,
        is_broken=evidence.total > largest,
        evidence=tuple(_divide(evidence.counts)),
        regulators=regulators.count([found.organism_id]),
        remaining=found.remaining,
        share_left=_find_share_left(found),
        depth=_format(found.n_in_aspect),
        depth_bar=_measure_depth(found.n_in_aspect or 0, deepest) if is_complete else 0.0,
        numbers=(found.n_target_gene_products or 0, found.n_in_aspect or 0),
        group=group,
    )


def _measure_depth(depth: float, deepest: float) -> float:
    return min(_DEPTH, _DEPTH * depth / (deepest or 1))


def _make_group_rows(
    groups: Sequence[OrganismGroup],
    organisms: Sequence[OrganismSummary],
    rows: Sequence[EvidenceRow],
    by_id: dict[str, Row],
    regulators: _Regulators,
) -> Iterator[MatrixRow]:
    """Yield a row for each group; partial files are left out of its counts."""
    evidence = {row.organism_id: row for row in rows}
    complete = {found.organism_id: found for found in organisms if found.complete == COMPLETE}
    members = {
        group.name: [complete[each] for each in group.organism_ids if each in complete]
        for group in groups
    }
    totals = {
        name: sum(evidence[each.organism_id].total for each in found)
        for name, found in members.items()
    }
    largest = max(totals.values(), default=0) or 1
    depths = {
        name: median([each.n_in_aspect or 0 for each in found])
        for name, found in members.items()
        if found
    }
    deepest = max(depths.values(), default=0)
    for group in groups:
        found = members[group.name]
        if not found:
            continue
        counts: Counter[str] = Counter()
        for each in found:
            counts.update(evidence[each.organism_id].counts)
        positive = [each for each in found if each.verdict in sentences.POSITIVE_VERDICTS]
        n_deciding = sum(bool(each.sources and each.sources.deciding) for each in positive)
        depth = depths[group.name]
        yield MatrixRow(
            key=group.name,
            name=group.name,
            organisms=",".join(each.organism_id for each in found),
            mark=sentences.format_count(len(found), "organism"),
            verdict=f"{len(positive):,} of {len(found):,}",
            sign="group",
            n_products=f"{totals[group.name]:,}",
            has_target=totals[group.name] > 0,
            bar=_BAR * totals[group.name] / largest,
            is_complete=True,
            is_broken=False,
            evidence=tuple(_divide(counts)),
            regulators=regulators.count(each.organism_id for each in found),
            remaining=answer_sentences.write_changing(n_deciding, len(positive)),
            share_left=None,
            depth=f"{depth:,.0f}",
            depth_bar=_measure_depth(depth, deepest),
            numbers=(totals[group.name], int(depth)),
            strip=tuple(_make_strip(found, evidence)),
            is_species=group.name not in (ALL, OTHERS)
            and not any(each["group"] for each in by_id.values()),
        )


def _make_strip(
    found: Sequence[OrganismSummary], evidence: Mapping[str, EvidenceRow]
) -> Iterator[StripPart]:
    """Yield a cell for each organism of a group, the strongest evidence first."""
    groups = [each.best_group if evidence[each.organism_id].total else "" for each in found]
    order = {group: place for place, group in enumerate(GROUPS)}
    places = sorted(range(len(found)), key=lambda place: order.get(groups[place], len(order)))
    if len(found) <= _MAX_CELLS:
        for number, place in enumerate(places):
            each = found[place]
            words = answer_sentences.label_verdict_briefly(
                each.verdict, each.best_group, is_complete=True
            )
            title = f"{evidence[each.organism_id].name}: {words}"
            yield StripPart(number * _CELL, _CELL - 1, groups[place], each.organism_id, title)
        return
    x = 0.0
    for group, count in Counter(groups[place] for place in places).items():
        width = round(_CELL * _MAX_CELLS * count / len(found), 1)
        words = sentences.GROUP_LABELS[group] if group else "without annotation"
        yield StripPart(x, width, group, "", f"{count:,} of {len(found):,} organisms: {words}")
        x = round(x + width, 1)


def _divide(counts: Mapping[str, int]) -> Iterator[EvidencePart]:
    """Yield the parts of a bar of evidence."""
    total = sum(counts.values())
    x = 0.0
    for group in GROUPS:
        count = counts.get(group, 0)
        if count:
            width = _EVIDENCE * count / total
            letter = GROUP_STYLES[group].letter if width > _MIN_LETTER else ""
            title = f"{count:,} of {total:,}: {sentences.GROUP_LABELS[group]}"
            yield EvidencePart(round(x, 2), round(width, 2), group, letter, title)
            x += width


def _format(count: int | None) -> str:
    """Return a number; words where files name gene products by different ids."""
    return "no total" if count is None else f"{count:,}"


def list_patterns() -> list[tuple[str, str, str]]:
    """Return the patterns of the evidence groups: group, colour, and tile of 4 x 4 units as SVG."""
    return [(group, style.colour, style.pattern) for group, style in GROUP_STYLES.items()]
