"""Rules over all lines of a gene product, whatever files and parts of files they stand in."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Dict, FrozenSet, Iterable, Iterator, List, Tuple

from gafreduce.jobs.accounting.line_counts import Examples, record_of
from gafreduce.jobs.files.batching import without_ends
from gafreduce.jobs.reducer.propagation import merge
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.jobs.rules.term_rules import ASPECTS, ROOTS
from gafreduce.ontology.termfile import TermFile

#: Findings held before they are handed on.
_MAX_FINDINGS = 5_000
#: Sets of tokens of which it is known whether a rule could speak: bounds memory.
_MAX_SETS = 10_000

#: What a rule says, and the tokens of the lines of which it says so.
_Said = Tuple[Finding, List[bytes]]


class AcrossLines:
    """Asks the rules of one gene product after another, and counts what they say by file."""

    def __init__(self, terms: TermFile) -> None:
        self._terms = terms
        self._regulated = _regulated(terms)
        self.watched = _watched(self._regulated)  # tokens without which no rule says anything
        self._said: Dict[bytes, List[_Said]] = {}  # by the tokens of a gene product
        self._found: Dict[Tuple[int, Finding], Examples] = {}

    def ask(self, records: Iterable[bytes]) -> None:
        """Ask the rules of a gene product.

        Args:
            records: All that it has, each ended by LF; rows are passed over.
        """
        cells = [record[:-1].split(b"\t", 4) for record in records]
        object_id = cells[0][1]
        pieces = [(kind, tokens) for _, _, kind, _, tokens in cells if kind.startswith(b"=")]
        said = self._said_of(merge([tokens for _, tokens in pieces]))
        for kind, of_file in pieces if said else ():
            number, lines = int(kind[1:].partition(b"/")[0]), Counter(of_file.split(b" "))
            for finding, wanted in said:
                n_lines = sum(map(lines.__getitem__, wanted))
                if n_lines:
                    examples = self._found.setdefault((number, finding), Examples(finding.value))
                    examples.n_lines += n_lines
                    if examples.may_take(object_id):
                        examples.look_at(object_id)

    def _said_of(self, tokens: bytes) -> List[_Said]:
        """Return what rules say of a gene product with these tokens: nearly always nothing."""
        said = self._said.get(tokens)
        if said is None:
            if len(self._said) >= _MAX_SETS:
                self._said.clear()
            distinct = frozenset(tokens.split(b" "))
            watched = self.watched & distinct
            said = self._said[tokens] = list(self._ask(watched, distinct)) if watched else []
        return said

    def _ask(self, watched: Iterable[bytes], distinct: FrozenSet[bytes]) -> Iterator[_Said]:
        """Return what rules say because of watched tokens among all."""
        aspects = {
            self._terms.aspects[int(token[:-1])] for token in distinct if token[:-1].isdigit()
        }
        regulating = set()
        for token in watched:
            if token[:-1].isdigit():
                regulating.add(int(token[:-1]))
            elif token.decode() in aspects:
                yield Finding("nd_beside_others", token.decode()), [token]
        for term in regulating:
            for regulated in self._regulated[term]:
                if not distinct.isdisjoint(_tokens_of(regulated)):
                    go_ids = [self._terms.go_ids[number] for number in (regulated, term)]
                    finding = Finding("process_and_regulation", " ".join(go_ids))
                    yield finding, [*_tokens_of(regulated), *_tokens_of(term)]

    @property
    def is_full(self) -> bool:
        """Whether it is time to hand on what was found, so that memory stays bounded."""
        return len(self._found) > _MAX_FINDINGS

    def found(self) -> Iterator[bytes]:
        """Return what was found as records of files, and begin again."""
        for (number, finding), examples in self._found.items():
            yield record_of(number, finding, examples)
        self._found.clear()

    def records(self, lines: Iterable[bytes]) -> Iterator[List[bytes]]:
        """Return records of files in lists: those that are there, and what the rules say.

        Args:
            lines: Records of files and of runs, sorted by key and object id, each ended by LF.
        """
        for is_of_file, group in groupby(lines, lambda line: line.startswith(b"F")):
            if is_of_file:
                yield from without_ends(group)
                continue
            for _, runs in groupby(group, lambda line: line.split(b"\t", 2)[:2]):
                self.ask(runs)
                if self.is_full:
                    yield list(self.found())
        yield list(self.found())


def _regulated(terms: TermFile) -> Dict[int, List[int]]:
    """Return what each term regulates, without roots: to have some process says little."""
    found: Dict[int, List[int]] = {}
    for regulating, regulated in terms.regulates:
        if terms.go_ids[regulated] not in ROOTS:
            found.setdefault(regulating, []).append(regulated)
    return found


def _watched(regulating: Iterable[int]) -> FrozenSet[bytes]:
    """Return the tokens without which no rule has anything to say."""
    tokens = [token for number in regulating for token in _tokens_of(number)]
    return frozenset([*tokens, *map(str.encode, ASPECTS)])


def _tokens_of(number: int) -> Tuple[bytes, bytes]:
    """Return the tokens of lines that support a term."""
    return b"%dx" % number, b"%de" % number
