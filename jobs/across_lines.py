"""Rules over all lines of a gene product, whatever files and parts of files they stand in."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import Counter as CounterOf
from typing import Dict, FrozenSet, Iterable, Iterator, List, Set, Tuple

from jobs.file_counts import Examples, record_of
from jobs.propagate import merge
from jobs.rules import Finding
from jobs.rules_of_terms import ASPECTS, ROOTS
from ontology.termfile import TermFile

#: Findings held before they are handed on.
_MAX_FINDINGS = 5_000
#: Sets of tokens of which it is known whether a rule could speak: bounds memory.
_MAX_SETS = 10_000

#: What one run of lines says: `=` and the number of its file, its tokens joined by blanks.
Piece = Tuple[bytes, bytes]
_Lines = Dict[int, CounterOf[bytes]]  # tokens by the number of the file


class AcrossLines:
    """Asks the rules of one gene product after another, and counts what they say by file."""

    def __init__(self, terms: TermFile) -> None:
        self._terms = terms
        self._regulated = _regulated(terms)
        self._watched = _watched(self._regulated)
        self._may_speak: Dict[bytes, bool] = {}
        self._found: Dict[Tuple[int, Finding], Examples] = {}

    def ask(self, object_id: bytes, tokens: bytes, pieces: Iterable[Piece]) -> None:
        """Ask the rules of a gene product.

        Args:
            object_id: Its id, the example of what is found.
            tokens: Of all its lines, joined by blanks.
            pieces: The same by file.
        """
        may_speak = self._may_speak.get(tokens)
        if may_speak is None:
            if len(self._may_speak) >= _MAX_SETS:
                self._may_speak.clear()
            may_speak = not self._watched.isdisjoint(tokens.split(b" "))
            self._may_speak[tokens] = may_speak
        if may_speak:
            lines: _Lines = {}
            for kind, said in pieces:
                lines.setdefault(int(kind[1:]), Counter()).update(said.split(b" "))
            self._ask(object_id, lines)

    def _ask(self, object_id: bytes, lines: _Lines) -> None:
        distinct: Set[bytes] = set().union(*lines.values())
        terms: Dict[int, Set[bytes]] = {}
        for token in distinct:
            if token[:-1].isdigit():
                terms.setdefault(int(token[:-1]), set()).add(token)
        aspects = {self._terms.aspects[number] for number in terms}
        for letter in sorted(aspects):
            token = letter.encode()
            if token in distinct:
                self._add(Finding("nd_beside_others", letter), {token}, lines, object_id)
        for regulating in terms:
            for regulated in self._regulated.get(regulating, ()):
                if regulated in terms:
                    go_ids = [self._terms.go_ids[number] for number in (regulated, regulating)]
                    finding = Finding("process_and_regulation", " ".join(go_ids))
                    self._add(finding, terms[regulated] | terms[regulating], lines, object_id)

    def _add(self, finding: Finding, wanted: Set[bytes], lines: _Lines, object_id: bytes) -> None:
        """Count the lines with these tokens in each file; the gene product is the example."""
        for number, counts in lines.items():
            n_lines = sum(counts[token] for token in wanted)
            if n_lines:
                examples = self._found.setdefault((number, finding), Examples(finding.value))
                examples.n_lines += n_lines
                examples.look_at(object_id)

    @property
    def is_full(self) -> bool:
        """Whether it is time to hand on what was found, so that memory stays bounded."""
        return len(self._found) > _MAX_FINDINGS

    def found(self) -> Iterator[bytes]:
        """Return what was found as records of files, and begin again."""
        for (number, finding), examples in self._found.items():
            yield record_of(number, finding, examples)
        self._found.clear()

    def records(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Return records of files: those that are there, and what the rules say.

        Args:
            lines: Records of files and of runs, sorted by key and object id, each ended by LF.
        """
        for is_of_file, group in groupby(lines, lambda line: line.startswith(b"F")):
            if is_of_file:
                yield from (line[:-1] for line in group)
                continue
            records = (line[:-1].split(b"\t", 4) for line in group)
            for (_, object_id), same in groupby(records, itemgetter(0, 1)):
                pieces = [(kind, tokens) for _, _, kind, _, tokens in same]
                self.ask(object_id, merge([tokens for _, tokens in pieces]), pieces)
                if self.is_full:
                    yield from self.found()
        yield from self.found()


def _regulated(terms: TermFile) -> Dict[int, List[int]]:
    """Return what each term regulates, without roots: to have some process says little."""
    found: Dict[int, List[int]] = {}
    for regulating, regulated in terms.regulates:
        if terms.go_ids[regulated] not in ROOTS:
            found.setdefault(regulating, []).append(regulated)
    return found


def _watched(regulating: Iterable[int]) -> FrozenSet[bytes]:
    """Return the tokens without which no rule has anything to say."""
    numbers = [b"%d" % number for number in regulating]
    return frozenset(
        [*(number + end for number in numbers for end in (b"x", b"e")), *map(str.encode, ASPECTS)]
    )
