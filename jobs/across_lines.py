"""Rules over all lines of a gene product, whatever files and parts of files they stand in."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import Counter as CounterOf
from typing import Dict, Iterable, Iterator, List, Set, Tuple

from jobs.file_counts import Examples
from jobs.readings import NO_DATA_IN_ASPECT
from jobs.rules import Finding
from ontology.termfile import TermFile

#: Findings held before they are handed on.
_MAX_FINDINGS = 5_000

_Found = Tuple[bytes, Finding]  # number of the file
_Lines = Dict[bytes, CounterOf[bytes]]  # tokens by the number of the file


class AcrossLines:
    """Reads the sorted records of gene products and returns what rules say of them, by file."""

    def __init__(self, terms: TermFile) -> None:
        self._terms = terms
        self._regulated: Dict[int, List[int]] = {}
        for regulating, regulated in terms.regulates:
            self._regulated.setdefault(regulating, []).append(regulated)
        self._found: Dict[_Found, Examples] = {}

    def records(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Return records of files, each without its line end; those of files pass.

        Args:
            lines: Sorted by key and object id, each ended by LF: records of files, and records
                `key, object_id, number of the file, tokens`.
        """
        for is_of_file, group in groupby(lines, lambda line: line.startswith(b"F")):
            if is_of_file:
                yield from (line[:-1] for line in group)
                continue
            records = (line[:-1].split(b"\t", 3) for line in group)
            for (_, object_id), pieces in groupby(records, itemgetter(0, 1)):
                tokens: _Lines = {}
                for _, _, number, said in pieces:
                    tokens.setdefault(number, Counter()).update(said.split(b" "))
                self._ask(object_id, tokens)
                if len(self._found) > _MAX_FINDINGS:
                    yield from self._flush()
        yield from self._flush()

    def _ask(self, object_id: bytes, tokens: _Lines) -> None:
        """Ask the rules of a gene product."""
        distinct = set().union(*tokens.values())
        terms: Dict[int, Set[bytes]] = {}
        for token in distinct:
            if token[:-1].isdigit():
                terms.setdefault(int(token[:-1]), set()).add(token)
        self._ask_no_data(object_id, tokens, distinct, terms)
        self._ask_regulation(object_id, tokens, terms)

    def _ask_no_data(
        self,
        object_id: bytes,
        tokens: _Lines,
        distinct: Set[bytes],
        terms: Dict[int, Set[bytes]],
    ) -> None:
        """GORULE:0000054."""
        no_data = [token for token in distinct if token.startswith(NO_DATA_IN_ASPECT)]
        if not no_data:
            return
        known = {self._terms.aspects[number] for number in terms}
        for token in no_data:
            letter = token[len(NO_DATA_IN_ASPECT) :].decode()
            if letter in known:
                finding = Finding("nd_beside_others", letter)
                self._add(finding, {token}, tokens, object_id)

    def _ask_regulation(
        self, object_id: bytes, tokens: _Lines, terms: Dict[int, Set[bytes]]
    ) -> None:
        """GORULE:0000036."""
        for regulating in terms:
            for regulated in self._regulated.get(regulating, ()):
                if regulated in terms:
                    go_ids = [self._terms.go_ids[number] for number in (regulated, regulating)]
                    finding = Finding("process_and_regulation", " ".join(go_ids))
                    self._add(finding, terms[regulated] | terms[regulating], tokens, object_id)

    def _add(self, finding: Finding, wanted: Set[bytes], tokens: _Lines, object_id: bytes) -> None:
        """Count the lines with these tokens in each file; the gene product is the example."""
        for number, counts in tokens.items():
            n_lines = sum(counts[token] for token in wanted)
            if n_lines:
                examples = self._found.setdefault((number, finding), Examples(finding.value))
                examples.n_lines += n_lines
                examples.look_at(object_id)

    def _flush(self) -> Iterator[bytes]:
        for (number, finding), examples in self._found.items():
            value = json.dumps([examples.n_lines, examples.first])
            yield b"F%s\tfound:%s\t%s" % (
                number,
                "|".join(("kept", *finding)).encode(),
                value.encode(),
            )
        self._found.clear()
