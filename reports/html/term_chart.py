"""The chart of the term: its ancestors, descendants and regulators, as an indented list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.sentences import REGULATION_MARKS, format_code, format_count
from gafreduce.reports.tables.reader import Row

#: Ancestors, descendants and regulators that are listed; the others are counted.
MAX_LISTED = 12
_MAX_DEPTH = 4


class ChartLine(NamedTuple):
    """A line of the chart."""

    depth: int  # steps below the parents
    go_id: str  # empty for the number of further terms
    name: str
    relation: str  # to the line above it with less depth
    n_organisms: str


def make_term_chart(results: RunResults) -> tuple[ChartLine, ...]:
    """Return the lines of the chart, ancestors and parents first."""
    parents = {
        row["go_id"]: row["name"] for row in results.rows("neighbours") if row["place"] == "parent"
    } | dict(_list_above(results.record.get("ancestors"), is_nearest=True))
    n_organisms = {row["go_id"]: int(row["n_organisms"]) for row in results.list_term_set()}
    total = len(results.compared)
    target = next(row for row in results.term_set if row["term_class"] == "target")

    def make_line(depth: int, go_id: str, name: str, relation: str) -> ChartLine:
        found = n_organisms.get(go_id, 0)
        return ChartLine(depth, go_id, name, relation, f"{found:,} of {total:,}" if found else "")

    above = [
        each for each in list_ancestors(results.record.get("ancestors")) if each[0] not in parents
    ]
    n_more = len(above) - MAX_LISTED
    lines = []
    if n_more > 0:
        lines.append(ChartLine(0, "", f"{format_count(n_more, 'ancestor')} above these", "", ""))
    lines += [ChartLine(0, go_id, name, "ancestor", "") for go_id, name in above[-MAX_LISTED:]]
    lines += [ChartLine(0, go_id, name, "parent", "") for go_id, name in sorted(parents.items())]
    depth = 1 if parents else 0
    lines.append(make_line(depth, target["go_id"], target["name"], ""))
    descendants = list(_sort_descendants(results.term_set, target["go_id"]))
    for steps, row in descendants[:MAX_LISTED]:
        relation = format_code(_get_relation(row))
        lines.append(make_line(depth + min(steps, _MAX_DEPTH), row["go_id"], row["name"], relation))
    lines += _count_others(len(descendants), depth + 1, "descendant")
    regulators = [row for row in results.term_set if row["term_class"] in REGULATION_MARKS]
    regulators.sort(key=lambda row: (row["relation_path"].count("->"), row["name"]))
    for row in regulators[:MAX_LISTED]:
        mark = REGULATION_MARKS[row["term_class"]]
        lines.append(make_line(depth + 1, row["go_id"], row["name"], f"{mark} regulates"))
    lines += _count_others(len(regulators), depth + 1, "regulator")
    return tuple(lines)


def list_ancestors(recorded: object) -> list[tuple[str, str]]:
    """Return the ancestors in a run record, if it has them, without the nearest; farthest first."""
    return _list_above(recorded, is_nearest=False)


def _list_above(recorded: object, *, is_nearest: bool) -> list[tuple[str, str]]:
    """Return the recorded ancestors: those one step away, or the others."""
    if not isinstance(recorded, list):
        return []
    found = [
        (int(each["steps"]), str(each["go_id"]), str(each["name"]))
        for each in recorded
        if isinstance(each, dict) and {"go_id", "name"} <= each.keys()
        if isinstance(each.get("steps"), int) and (each["steps"] == 1) == is_nearest
    ]
    found.sort(key=lambda each: (-each[0], each[1]))
    return [(go_id, name) for _, go_id, name in found]


def _count_others(n_all: int, depth: int, noun: str) -> list[ChartLine]:
    if n_all <= MAX_LISTED:
        return []
    more = format_count(n_all - MAX_LISTED, f"further {noun}")
    return [ChartLine(depth, "", f"and {more}, in the table below", "", "")]


def _get_relation(row: Row) -> str:
    """Return the first relation of a path such as `GO:a -part_of-> GO:b`."""
    return row["relation_path"].split(" ")[1].strip("->") if row["relation_path"] else ""


def _sort_descendants(term_set: Sequence[Row], target: str) -> Iterator[tuple[int, Row]]:
    """Yield the descendants below each other, with their steps from the target."""
    below: dict[str, list[Row]] = {}
    for row in term_set:
        if row["term_class"] == "core":
            above = row["relation_path"].split(" ")[2]
            below.setdefault(above, []).append(row)
    yield from _walk(below, target, 1)


def _walk(below: Mapping[str, list[Row]], go_id: str, steps: int) -> Iterator[tuple[int, Row]]:
    for row in sorted(below.get(go_id, ()), key=lambda row: (row["name"], row["go_id"])):
        yield steps, row
        yield from _walk(below, row["go_id"], steps + 1)
