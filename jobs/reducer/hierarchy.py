"""The parents and levels of terms, which propagation in Python follows."""

from __future__ import annotations

from typing import Dict, Tuple

from gafreduce.ontology.termfile import TermFile


class Hierarchy(Dict[int, Tuple[Tuple[int, int], ...]]):
    """The parents of each term with their levels, read from the term file at first access.

    The level of a term is the length of its longest path to a root: parents have lower levels.
    """

    def __init__(self, terms: TermFile) -> None:
        super().__init__()
        self._texts = terms.parents
        self._levels: Dict[int, int] = {}
        self.aspects = terms.aspects

    def level(self, term: int) -> int:
        """Return the level of a term."""
        level = self._levels.get(term)
        if level is None:
            level = 1 + max((level for _, level in self[term]), default=-1)
            self._levels[term] = level
        return level

    def __missing__(self, term: int) -> Tuple[Tuple[int, int], ...]:
        text = self._texts[term]
        parents = map(int, text.split(",")) if text else ()
        above = self[term] = tuple((parent, self.level(parent)) for parent in parents)
        return above
