"""What was read of each input file: the counts that must add up before anything is published."""

from __future__ import annotations

import json
from typing import Dict, Iterator, List, NamedTuple, Tuple

from jobs.annotation import Filtered, Rejection, decode

#: What lines are kept with a warning for, in the words of the user.
WARNINGS = {
    "unknown_evidence": "lines have an evidence code or ECO id that GO does not know: unstated",
    "ambiguous_eco_id": "lines have an ECO id that stands for two codes: the weaker one is taken",
    "unknown_relation": "lines have a relation that is none of GO's: it supports nothing",
    "refused_in_part": "lines are kept without those of their annotations that must be refused",
}
#: Bytes of a refused line that are shown as an example, and how many examples a reason has.
EXAMPLE_BYTES = 200
N_EXAMPLES = 3
#: Taxa of a file held before they are handed on; a file may hold a million.
_MAX_TAXA = 50_000
#: Taxa of a file that are named in its sums.
N_TAXA_NAMED = 1000


def keep_examples(examples: List[str], more: List[str]) -> List[str]:
    """Return the first distinct examples in byte order."""
    return sorted({*examples, *more}, key=str.encode)[:N_EXAMPLES]


class Refused(NamedTuple):
    """Lines of one file refused for one reason."""

    rule: str
    n_lines: int
    examples: List[str]


class FileCounts:
    """Counts of one input file, or of the part of it that a task read."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.n_lines = 0
        self.n_header = 0
        self.n_blank = 0
        self.n_kept = 0
        self.n_bytes = 0  # stored bytes consumed; 0 where the task saw only text
        self.sha256 = ""
        self.filtered: Dict[str, int] = {}
        self.refused: Dict[str, Refused] = {}
        self.warned: Dict[str, Refused] = {}
        self.taxa: Dict[bytes, int] = {}

    def refuse(self, rejection: Rejection, line: bytes) -> None:
        """Count one refused line, and keep it when it is among the first in byte order."""
        _add_line(self.refused, rejection.reason, rejection.rule or "", line)

    def leave_out(self, filtered: Filtered, n_lines: int = 1) -> None:
        """Count lines that a filter leaves out."""
        option = filtered.option
        self.filtered[option] = self.filtered.get(option, 0) + n_lines

    def warn(self, warning: str, line: bytes) -> None:
        """Count one line that is kept with a warning, a word of `WARNINGS`."""
        _add_line(self.warned, warning, "", line)

    def keep(self, taxon: bytes, n_lines: int) -> None:
        """Count kept lines of one taxon."""
        self.n_kept += n_lines
        self.taxa[taxon] = self.taxa.get(taxon, 0) + n_lines

    def has_many_taxa(self) -> bool:
        """Tell whether it is time to hand on the counts, so that memory stays bounded."""
        return len(self.taxa) > _MAX_TAXA

    def records(self, number: int) -> Iterator[bytes]:
        """Return the counts as records of the shuffle, and begin again at zero.

        Args:
            number: The file's position in the input list.
        """
        key = f"F{number:06d}"
        totals = [self.n_lines, self.n_header, self.n_blank, self.n_kept, self.n_bytes]
        yield f"{key}\tcounts\t{' '.join(map(str, totals))}".encode()
        if self.sha256:
            yield f"{key}\tsha256\t{self.sha256}".encode()
        for option, n_lines in self.filtered.items():
            yield f"{key}\tfiltered:{option}\t{n_lines}".encode()
        for reason, refused in self.refused.items():
            yield f"{key}\trefused:{reason}\t{json.dumps(refused)}".encode()
        for warning, warned in self.warned.items():
            yield f"{key}\twarned:{warning}\t{json.dumps(warned)}".encode()
        for taxon, n_lines in self.taxa.items():
            yield f"{key}\ttaxon:{taxon.decode()}\t{n_lines}".encode()
        self._clear()


def _add_line(found: Dict[str, Refused], reason: str, rule: str, line: bytes) -> None:
    rule, n_lines, examples = found.get(reason, Refused(rule, 0, []))
    example = decode(line).encode("utf-8")[:EXAMPLE_BYTES].decode("utf-8", "ignore")
    if example not in examples:
        examples = keep_examples(examples, [example])
    found[reason] = Refused(rule, n_lines + 1, examples)


class FileTotals:
    """Sums the records of one file, which come grouped by their second field."""

    def __init__(self) -> None:
        self._totals = [0, 0, 0, 0, 0]
        self._sha256 = ""
        self._filtered: Dict[str, int] = {}
        self._found: Dict[str, Dict[str, Refused]] = {"refused": {}, "warned": {}}
        self._n_taxa = 0
        self._taxon: Tuple[int, int] = (0, 0)  # lines, minus taxon id
        self._main: Tuple[int, int] = (0, 0)
        self._first: List[int] = []

    def add(self, kind: bytes, value: bytes) -> None:
        """Add one record."""
        name, _, detail = kind.decode().partition(":")
        if name == "counts":
            self._totals = [a + int(b) for a, b in zip(self._totals, value.split())]
        elif name == "sha256":
            self._sha256 = value.decode()
        elif name == "filtered":
            self._filtered[detail] = self._filtered.get(detail, 0) + int(value)
        elif name in self._found:
            found = self._found[name]
            rule, n_lines, examples = json.loads(value)
            _, n_before, before = found.get(detail, Refused(rule, 0, []))
            found[detail] = Refused(rule, n_before + n_lines, keep_examples(before, examples))
        else:
            self._add_taxon(int(detail), int(value))

    def _add_taxon(self, taxon_id: int, n_lines: int) -> None:
        if taxon_id != -self._taxon[1]:
            self._taxon = (0, -taxon_id)
            self._n_taxa += 1
            if len(self._first) < N_TAXA_NAMED:
                self._first.append(taxon_id)
        self._taxon = (self._taxon[0] + n_lines, -taxon_id)
        self._main = max(self._main, self._taxon)

    def record(self, key: bytes) -> bytes:
        """Return the sums as one record of the job's output."""
        names = ("n_lines", "n_header", "n_blank", "n_kept", "n_bytes")
        summary = {
            **dict(zip(names, self._totals)),
            "sha256": self._sha256,
            "n_taxa": self._n_taxa,
            "main_taxon_id": -self._main[1],
            "n_main": self._main[0],
            "taxon_ids": self._first,
            "filtered": self._filtered,
            **self._found,
        }
        return key + b"\t-\t" + json.dumps(summary, sort_keys=True).encode()
