"""Ancestors of terms over the relations that propagate, by positions in the term file."""

from __future__ import annotations

from collections.abc import Iterable

from gafreduce.ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES, TermFile

ASPECTS = ("P", "F", "C")


class Ancestors:
    """Finds the ancestors of terms; terms are numbers: their positions in the term file."""

    def __init__(self, terms: TermFile) -> None:
        """Prepare for the terms of a run; sets of ancestors are cached as they are needed."""
        self._terms = terms
        self._closed: dict[int, frozenset[int]] = {}

    def find_number(self, go_id: str) -> int | None:
        """Return the number of a current term; None for an obsolete or unknown one."""
        number = self._terms.index.get(go_id)
        return None if number is None or number in self._terms.obsolete else number

    def list_parents(self, number: int) -> list[int]:
        """Return the parents over the propagating relations."""
        text = self._terms.parents[number]
        return [int(parent) for parent in text.split(",")] if text else []

    def close_term(self, number: int) -> frozenset[int]:
        """Return the term and all its ancestors."""
        known = self._closed.get(number)
        if known is None:
            parents = self.list_parents(number)
            known = frozenset({number}).union(*map(self.close_term, parents))
            self._closed[number] = known
        return known

    def close_terms(self, numbers: Iterable[int]) -> set[int]:
        """Return the terms and all their ancestors."""
        return set().union(*map(self.close_term, numbers))

    def get_aspect(self, number: int) -> str:
        """Return P, F or C."""
        return self._terms.aspects[number]

    def find_roots(self) -> dict[str, int]:
        """Return the root of each aspect: its one term without a parent.

        An aspect with several terms without a parent is absent. They occur when the chosen
        relations connect too few terms; then the count of no single term is the number of all gene
        products of the aspect.
        """
        found: dict[str, list[int]] = {}
        for number, text in enumerate(self._terms.parents):
            if not text and number not in self._terms.obsolete:
                found.setdefault(self.get_aspect(number), []).append(number)
        return {aspect: numbers[0] for aspect, numbers in found.items() if len(numbers) == 1}

    def find_circular(self) -> dict[int, str]:
        """Return the terms that gene products with the target have by definition, with the reason.

        These are the term set (regulators included), its ancestors, and the ancestors of the
        regulators. A gene product of the target that also regulates it has all of them, and they
        add no information. The reasons are values of the column `circular` of `enrichment`.
        """
        targets: list[int] = []
        regulators: list[int] = []
        for term in self._terms.term_set:
            number = self.find_number(term.go_id)
            if number is not None and term.term_class in SUPPORTING_CLASSES:
                targets.append(number)
            elif number is not None and term.term_class in REGULATOR_CLASSES:
                regulators.append(number)
        reasons = dict.fromkeys(self.close_terms(regulators), "regulator_ancestor")
        reasons |= dict.fromkeys(self.close_terms(targets), "ancestor")
        reasons |= dict.fromkeys((*targets, *regulators), "closure")
        return reasons
