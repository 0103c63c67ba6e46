"""Ancestors of terms over the relations that propagate, as sets of positions in the term file."""

from __future__ import annotations

from collections.abc import Iterable

from gafreduce.ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES, TermFile

ASPECTS = ("P", "F", "C")


class Ancestors:
    """Looks up what an annotation to a term also says; remembers what it has looked up."""

    def __init__(self, terms: TermFile) -> None:
        self._terms = terms
        self._closed: dict[int, frozenset[int]] = {}

    def number(self, go_id: str) -> int | None:
        """Return the position of a current term; None for an obsolete or unknown one."""
        number = self._terms.index.get(go_id)
        return None if number is None or number in self._terms.obsolete else number

    def parents(self, number: int) -> list[int]:
        """Return the parents over the propagating relations."""
        text = self._terms.parents[number]
        return [int(parent) for parent in text.split(",")] if text else []

    def closed(self, number: int) -> frozenset[int]:
        """Return the term and all its ancestors."""
        known = self._closed.get(number)
        if known is None:
            known = frozenset({number}).union(*(self.closed(p) for p in self.parents(number)))
            self._closed[number] = known
        return known

    def close(self, numbers: Iterable[int]) -> set[int]:
        """Return the terms and all their ancestors."""
        return set().union(*(self.closed(number) for number in numbers))

    def aspect(self, number: int) -> str:
        """Return P, F or C."""
        return self._terms.aspects[number]

    def roots(self) -> dict[str, int]:
        """Return the one term of each aspect that has no parent; an aspect with several is absent.

        With relations that leave terms without a way up there are several, and then no number of a
        root counts all gene products of its aspect.
        """
        found: dict[str, list[int]] = {}
        for number, text in enumerate(self._terms.parents):
            if not text and number not in self._terms.obsolete:
                found.setdefault(self.aspect(number), []).append(number)
        return {aspect: numbers[0] for aspect, numbers in found.items() if len(numbers) == 1}

    def circular(self) -> dict[int, str]:
        """Return the terms that go with the target by definition, and why.

        The closure (regulators among it), its ancestors, and the regulators' ancestors: a product
        of the target that also regulates has all of them without saying anything new.
        """
        classes = {term.go_id: term.term_class for term in self._terms.term_set}
        members: dict[str, list[int]] = {"target": [], "regulator": []}
        for go_id, term_class in classes.items():
            number = self.number(go_id)
            if number is not None and term_class in SUPPORTING_CLASSES:
                members["target"].append(number)
            elif number is not None and term_class in REGULATOR_CLASSES:
                members["regulator"].append(number)
        reasons = dict.fromkeys(self.close(members["regulator"]), "regulator_ancestor")
        reasons |= dict.fromkeys(self.close(members["target"]), "ancestor")
        reasons |= dict.fromkeys((*members["target"], *members["regulator"]), "closure")
        return reasons
