"""Pair the lines of a gene product in two runs: equal ones, changed ones, and what is left over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple

from gafreduce.reports.comparison.line_table import ComparedLine


class LinePair(NamedTuple):
    """A line in both runs, or in one of them, that is not equal in the other."""

    before: ComparedLine | None
    after: ComparedLine | None
    #: Whether the other run has another line of the gene product with the term.
    has_same_term: bool = False

    @property
    def one(self) -> ComparedLine:
        """The line of the later run; else that of the earlier one."""
        line = self.after or self.before
        assert line is not None
        return line

    @property
    def change(self) -> str:
        """The word for the change: new, gone or changed."""
        if self.before is None:
            return "new"
        return "gone" if self.after is None else "changed"


_Key = Callable[[ComparedLine], Hashable]


def pair_lines(
    before: Sequence[ComparedLine], after: Sequence[ComparedLine], merged: Mapping[str, str]
) -> list[LinePair]:
    """Return the differences between the lines of a gene product; equal lines are left out.

    Lines are paired with those that are most alike first: equal in all but the id of the gene
    product, the class of the term, the term that was merged, the relation, the evidence; then with
    any line of the same term.

    Args:
        before: Lines of the earlier run.
        after: Lines of the later run.
        merged: Terms that were merged, each with the one that it was merged into.
    """
    first, second = list(before), list(after)
    all_terms = ({line.go_id for line in before}, {line.go_id for line in after})
    pairs: list[LinePair] = []

    def current(line: ComparedLine) -> str:
        return merged.get(line.go_id, line.go_id)

    keys: tuple[_Key, ...] = (
        lambda line: (line.object_id, line.term_class, line.takes_part, *_describe(line)),
        lambda line: (line.object_id, *_describe(line)),
        _describe,
        lambda line: (current(line), *_describe(line)[1:]),
        lambda line: (line.annotated_go_id, *_describe(line)[1:]),
        lambda line: (line.go_id, _list_evidence(line)),
        lambda line: (line.go_id, line.relation, line.negated, line.evidence_code),
        lambda line: (line.go_id, line.relation, line.negated),
        lambda line: line.go_id,
        current,
    )
    for number, key in enumerate(keys):
        found, first, second = _match(first, second, key)
        if number:
            pairs += found
    pairs += [LinePair(line, None, line.go_id in all_terms[1]) for line in first]
    pairs += [LinePair(None, line, line.go_id in all_terms[0]) for line in second]
    return pairs


def _describe(line: ComparedLine) -> tuple[Hashable, ...]:
    return line.go_id, line.relation, line.negated, *_list_evidence(line)


def _list_evidence(line: ComparedLine) -> tuple[str, ...]:
    return line.evidence_code, line.with_from, line.assigned_by


def _match(
    before: Sequence[ComparedLine], after: Sequence[ComparedLine], key: _Key
) -> tuple[list[LinePair], list[ComparedLine], list[ComparedLine]]:
    """Return pairs of lines with the same key, and the lines of both runs without a partner."""
    waiting: dict[Hashable, list[ComparedLine]] = {}
    for line in reversed(before):
        waiting.setdefault(key(line), []).append(line)
    pairs, left = [], []
    for line in after:
        partners = waiting.get(key(line))
        if partners:
            pairs.append(LinePair(partners.pop(), line))
        else:
            left.append(line)
    rest = {id(line) for lines in waiting.values() for line in lines}
    return pairs, [line for line in before if id(line) in rest], left
