"""Check the rules over all lines of a gene product, from all files and parts of files."""

from __future__ import annotations

from itertools import groupby
from typing import Counter, Dict, FrozenSet, Iterable, Iterator, List, Tuple

from gafreduce.jobs import records, run_tokens
from gafreduce.jobs.accounting.line_counts import Examples, encode_finding, encode_repeated
from gafreduce.jobs.files.batching import strip_line_ends
from gafreduce.jobs.model.go_terms import ASPECTS, ROOTS
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import TermFile

#: Findings that are held.
_MAX_FINDINGS = 5_000
#: Fields of tokens with known findings that are kept: bounds the memory for hostile input.
_MAX_FIELDS = 10_000

#: A finding, and the tokens of its lines.
_Hit = Tuple[Finding, List[bytes]]


class ProductRuleChecker:
    """Checks one gene product after another, and counts the findings by file."""

    def __init__(self, terms: TermFile) -> None:
        self._terms = terms
        self._regulated = _list_regulated(terms)
        self.watched = _list_watched(self._regulated)  # without one of these tokens: no finding
        self._hits_of: Dict[bytes, List[_Hit]] = {}  # by the tokens of a gene product
        self._examples: Dict[Tuple[int, Finding], Examples] = {}
        self._repeated: Counter[Tuple[int, str]] = Counter()

    def check(self, lines: Iterable[bytes]) -> None:
        """Check a gene product.

        Args:
            lines: All its records, each ended by LF; rows are ignored.
        """
        runs = records.split_runs(lines)
        hits = self._find_hits(run_tokens.merge_tokens([fields[-1] for fields in runs]))
        for _, object_id, file, _, tokens in runs if hits else ():
            number, n_of = records.decode_file(file)[0], Counter(tokens.split(b" "))
            if len(hits) > 1:
                self._count_repeated(number, n_of, hits)
            for finding, wanted in hits:
                n_lines = sum(map(n_of.__getitem__, wanted))
                if n_lines:
                    examples = self._examples.setdefault((number, finding), Examples(finding.value))
                    examples.n_lines += n_lines
                    if examples.may_take(object_id):
                        examples.take(object_id)

    def _count_repeated(self, number: int, n_of: Counter[bytes], hits: List[_Hit]) -> None:
        """Count how often lines of a run count again for another value of a finding."""
        wanted: Dict[str, List[bytes]] = {}
        for finding, tokens in hits:
            wanted.setdefault(finding.word, []).extend(tokens)
        for word, tokens in wanted.items():
            again = sum(map(n_of.__getitem__, tokens)) - sum(map(n_of.__getitem__, set(tokens)))
            if again:
                self._repeated[number, word] += again

    def _find_hits(self, tokens: bytes) -> List[_Hit]:
        """Return the findings of a gene product with these tokens: mostly none."""
        hits = self._hits_of.get(tokens)
        if hits is None:
            if len(self._hits_of) >= _MAX_FIELDS:
                self._hits_of.clear()
            distinct = frozenset(tokens.split(b" "))
            watched = self.watched & distinct
            hits = self._hits_of[tokens] = list(self._check_tokens(watched, distinct))
        return hits

    def _check_tokens(self, watched: Iterable[bytes], distinct: FrozenSet[bytes]) -> Iterator[_Hit]:
        """Return the findings because of watched tokens among all."""
        if not watched:
            return
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
                if not distinct.isdisjoint(run_tokens.support_tokens(regulated)):
                    go_ids = [self._terms.go_ids[number] for number in (regulated, term)]
                    finding = Finding("process_and_regulation", " ".join(go_ids))
                    yield (
                        finding,
                        [*run_tokens.support_tokens(regulated), *run_tokens.support_tokens(term)],
                    )

    @property
    def is_full(self) -> bool:
        """Whether the findings must become records, so that memory stays bounded."""
        return len(self._examples) > _MAX_FINDINGS

    def encode(self) -> Iterator[bytes]:
        """Return the findings as records, and forget them."""
        for (number, finding), examples in self._examples.items():
            yield encode_finding(number, finding, examples)
        for (number, word), n_lines in self._repeated.items():
            yield encode_repeated(number, word, n_lines)
        self._examples.clear()
        self._repeated.clear()

    def reduce(self, lines: Iterable[bytes]) -> Iterator[List[bytes]]:
        """Return the records of files in lists: those among the lines, and the findings.

        Args:
            lines: Records of files and runs, sorted by key and object id, each ended by LF.
        """
        for is_of_file, group in groupby(lines, lambda line: line.startswith(records.FILE)):
            if is_of_file:
                yield from strip_line_ends(group)
                continue
            for _, of_product in groupby(group, records.product_of):
                self.check(of_product)
                if self.is_full:
                    yield list(self.encode())
        yield list(self.encode())


def _list_regulated(terms: TermFile) -> Dict[int, List[int]]:
    """Return the terms that each term regulates, without roots: those are too general."""
    found: Dict[int, List[int]] = {}
    for regulating, regulated in terms.regulates:
        if terms.go_ids[regulated] not in ROOTS:
            found.setdefault(regulating, []).append(regulated)
    return found


def _list_watched(regulating: Iterable[int]) -> FrozenSet[bytes]:
    """Return the tokens of which a gene product with findings has at least one."""
    tokens = [token for number in regulating for token in run_tokens.support_tokens(number)]
    return frozenset([*tokens, *map(str.encode, ASPECTS)])
