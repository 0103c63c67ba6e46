"""Rules over all lines of a gene product, whatever files and parts of files they stand in."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Dict, FrozenSet, Iterable, Iterator, List, Tuple

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import Examples, encode_finding
from gafreduce.jobs.files.batching import strip_line_ends
from gafreduce.jobs.model.go_terms import ASPECTS, ROOTS
from gafreduce.jobs.rules.catalogue import Finding
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

    def ask(self, lines: Iterable[bytes]) -> None:
        """Ask the rules of a gene product.

        Args:
            lines: All that it has, each ended by LF; rows are passed over.
        """
        runs = list(filter(records.is_run, map(records.split_run, lines)))
        said = self._said_of(records.merge_tokens([tokens for *_, tokens in runs]))
        for _, object_id, file, _, tokens in runs if said else ():
            number, n_of = records.decode_file(file)[0], Counter(tokens.split(b" "))
            for finding, wanted in said:
                n_lines = sum(map(n_of.__getitem__, wanted))
                if n_lines:
                    examples = self._found.setdefault((number, finding), Examples(finding.value))
                    examples.n_lines += n_lines
                    if examples.may_take(object_id):
                        examples.take(object_id)

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
                if not distinct.isdisjoint(records.support_tokens(regulated)):
                    go_ids = [self._terms.go_ids[number] for number in (regulated, term)]
                    finding = Finding("process_and_regulation", " ".join(go_ids))
                    yield (
                        finding,
                        [
                            *records.support_tokens(regulated),
                            *records.support_tokens(term),
                        ],
                    )

    @property
    def is_full(self) -> bool:
        """Whether it is time to hand on what was found, so that memory stays bounded."""
        return len(self._found) > _MAX_FINDINGS

    def found(self) -> Iterator[bytes]:
        """Return what was found as records of files, and begin again."""
        for (number, finding), examples in self._found.items():
            yield encode_finding(number, finding, examples)
        self._found.clear()

    def records(self, lines: Iterable[bytes]) -> Iterator[List[bytes]]:
        """Return records of files in lists: those that are there, and what the rules say.

        Args:
            lines: Records of files and of runs, sorted by key and object id, each ended by LF.
        """
        for is_of_file, group in groupby(lines, lambda line: line.startswith(records.FILE)):
            if is_of_file:
                yield from strip_line_ends(group)
                continue
            for _, runs in groupby(group, records.product_of):
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
    tokens = [token for number in regulating for token in records.support_tokens(number)]
    return frozenset([*tokens, *map(str.encode, ASPECTS)])
