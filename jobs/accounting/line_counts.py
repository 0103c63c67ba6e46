"""Counts of the lines of each input file; they must add up before anything is published."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from gafreduce.jobs import records
from gafreduce.jobs.accounting.id_sample import IdSample
from gafreduce.jobs.files.splits import ReadBytes
from gafreduce.jobs.model.annotation import Filtered, Rejection, decode
from gafreduce.jobs.rules.catalogue import REJECT, REPAIR, RULES, Finding

#: Bytes of a line in an example, and examples of a finding.
EXAMPLE_BYTES = 200
N_EXAMPLES = 3
#: Bytes of two lines that can be compared before they are cut at the end of a character.
_COMPARED_BYTES = EXAMPLE_BYTES - 8
#: Findings, and bytes of quarantined lines, that are held; a file may have millions.
_MAX_FINDINGS = 5_000
_MAX_QUARANTINED = 1 << 22
#: Taxa that the sums of a file list, and values of one finding.
N_TAXA_NAMED = 1000
N_VALUES_NAMED = 10_000
#: The value of all further findings.
OTHER_VALUES = "..."

_TOTALS = (
    *("n_lines", "n_header", "n_blank", "n_kept", "n_bytes", "n_without_term"),
    "n_text_bytes",
)
#: Fields of a finding, and before them whether its lines are refused.
_Key = Tuple[bool, str, str, str]


def keep_examples(examples: List[str], more: List[str], at_most: int = N_EXAMPLES) -> List[str]:
    """Return the first distinct examples in byte order."""
    return sorted({*examples, *more}, key=str.encode)[:at_most]


def limit_examples(value: str, is_refused: bool) -> int:
    """Return the number of examples of a finding: one if it has a value, as there may be many."""
    return 1 if value and not is_refused else N_EXAMPLES


class CountedFinding(NamedTuple):
    """A finding of one file, with the number of its lines."""

    word: str  # of `catalogue.RULES`
    value: str
    becomes: str
    is_refused: bool
    n_lines: int
    examples: List[str]

    @property
    def gorule(self) -> str:
        """GORULE id, or empty."""
        return RULES[self.word].gorule

    @property
    def severity(self) -> str:
        """Treatment of the lines, one of `catalogue.SEVERITIES`."""
        return REJECT if self.is_refused else RULES[self.word].severity


def sum_by_reason(found: Iterable[CountedFinding]) -> Dict[str, CountedFinding]:
    """Return the findings of refused lines, those of all values of a word added up."""
    sums: Dict[str, CountedFinding] = {}
    for each in found:
        if each.is_refused:
            before = sums.get(each.word)
            n_lines = each.n_lines + (before.n_lines if before else 0)
            examples = keep_examples(before.examples if before else [], each.examples)
            sums[each.word] = CountedFinding(each.word, "", "", True, n_lines, examples)
    return sums


class Examples:
    """The number of lines of a finding, and the first distinct lines in byte order, cut."""

    __slots__ = ("_first", "_last", "_n_examples", "n_lines")

    def __init__(self, value: str = "", is_refused: bool = False) -> None:
        """Begin at zero.

        Args:
            value: Of the finding.
            is_refused: Whether the lines are refused for it.
        """
        self.n_lines = 0
        self._n_examples = limit_examples(value, is_refused)
        self._first: List[str] = []
        self._last = b""  # the last example, if there are as many as there may be

    def add(self, line: bytes) -> None:
        """Count a line, and keep it if it is among the first."""
        self.n_lines += 1
        if not self._last or not line.isascii() or self.may_take(line):
            self.take(line)

    def take(self, line: bytes) -> None:
        """Keep a line if it is among the first."""
        example = decode(line).encode("utf-8")[:EXAMPLE_BYTES].decode("utf-8", "ignore")
        if example not in self._first:
            self._first = keep_examples(self._first, [example], self._n_examples)
            if len(self._first) == self._n_examples:
                self._last = self._first[-1].encode("utf-8")

    def may_take(self, start: bytes) -> bool:
        """Return whether a line in UTF-8 with this beginning may be among the first.

        If not, no line behind it in byte order is.
        """
        return not self._last or start[:_COMPARED_BYTES] <= self._last[:_COMPARED_BYTES]

    @property
    def first(self) -> List[str]:
        """The examples."""
        return self._first


def encode_finding(
    number: int, finding: Finding, examples: Examples, is_refused: bool = False
) -> bytes:
    """Return the counts of a finding in one file as a record."""
    name = "refused" if is_refused else "kept"
    value = json.dumps([examples.n_lines, examples.first])
    return records.encode_file_counts(number, f"found:{'|'.join((name, *finding))}", value)


def encode_repeated(number: int, word: str, n_lines: int) -> bytes:
    """Return as a record how often lines of a file were counted again for a finding."""
    return records.encode_file_counts(number, f"repeated:{word}", str(n_lines))


class FileCounts:
    """Counts of one input file, or of the part of it that a task read."""

    def __init__(self, number: int, has_quarantine: bool = False) -> None:
        """Begin at zero.

        Args:
            number: The file's position in the input list.
            has_quarantine: Whether refused and repaired lines become records.
        """
        self.number = number
        self._has_quarantine = has_quarantine
        self._clear()

    def _clear(self) -> None:
        self.n_lines = 0
        self.n_header = 0
        self.n_blank = 0
        self.n_without_term = 0  # of `n_blank`: lines with a gene product and without a term
        self.n_kept = 0
        self.n_bytes = 0  # stored bytes that were read; 0 if the task got text only
        self.n_text_bytes = 0
        self.sha256 = ""
        self.filtered: Dict[str, int] = {}
        self._repeated: Dict[str, int] = {}
        self._examples: Dict[_Key, Examples] = {}
        self._quarantined: List[bytes] = []
        self._n_quarantined = 0  # bytes

    def add_read_bytes(self, read_bytes: Optional[ReadBytes]) -> None:
        """Add the stored bytes that were read; None if the task got text only."""
        if read_bytes is not None:
            self.n_bytes += read_bytes.n_bytes
            self.sha256 = read_bytes.sha256

    def add_rejection(self, rejection: Rejection, line: bytes) -> None:
        """Count a refused line."""
        self.get_examples(Finding(rejection.reason, rejection.value), True).add(line)
        if self._has_quarantine:
            self._quarantine(rejection.reason, line)

    def add_finding(self, finding: Finding, line: bytes) -> None:
        """Count a kept line with a finding."""
        self.get_examples(finding).add(line)
        if self.is_quarantined(finding):
            self._quarantine(finding.word, line)

    def add_findings(self, findings: Sequence[Finding], line: bytes) -> None:
        """Count a kept line with all of its findings."""
        for finding in findings:
            self.add_finding(finding, line)
        if len(findings) > 1:
            words = [finding.word for finding in findings]
            for word in set(words):
                self.add_repeated(word, words.count(word) - 1)

    def add_repeated(self, word: str, n_lines: int) -> None:
        """Count how often lines were counted again for another value of the same finding."""
        if n_lines:
            self._repeated[word] = self._repeated.get(word, 0) + n_lines

    def is_quarantined(self, finding: Finding) -> bool:
        """Return whether kept lines with a finding become records: they are repaired."""
        return self._has_quarantine and RULES[finding.word].severity == REPAIR

    def get_examples(self, finding: Finding, is_refused: bool = False) -> Examples:
        """Return the number of lines and the examples of a finding, to be added to."""
        key = (is_refused, *finding)
        examples = self._examples.get(key)
        if examples is None:
            examples = self._examples[key] = Examples(finding.value, is_refused)
        return examples

    @property
    def found(self) -> List[CountedFinding]:
        """The findings, those of refused lines included."""
        return [
            CountedFinding(*key[1:], key[0], examples.n_lines, examples.first)
            for key, examples in self._examples.items()
        ]

    @property
    def refused(self) -> Dict[str, CountedFinding]:
        """The findings of refused lines, by reason."""
        return sum_by_reason(self.found)

    def add_filtered(self, filtered: Filtered, n_lines: int = 1) -> None:
        """Count lines that a filter leaves out."""
        option = filtered.option
        self.filtered[option] = self.filtered.get(option, 0) + n_lines

    def is_full(self) -> bool:
        """Return whether the counts must become records, so that memory stays bounded."""
        return len(self._examples) > _MAX_FINDINGS or self._n_quarantined > _MAX_QUARANTINED

    def encode(self) -> Iterator[bytes]:
        """Return the counts as records, and set them to zero."""
        number = self.number
        totals = [getattr(self, name) for name in _TOTALS]
        yield records.encode_file_counts(number, "counts", " ".join(map(str, totals)))
        if self.sha256:
            yield records.encode_file_counts(number, "sha256", self.sha256)
        for option, n_lines in self.filtered.items():
            yield records.encode_file_counts(number, f"filtered:{option}", str(n_lines))
        for word, n_lines in self._repeated.items():
            yield encode_repeated(number, word, n_lines)
        for (is_refused, *finding), examples in self._examples.items():
            yield encode_finding(number, Finding(*finding), examples, is_refused)
        for line in self._quarantined:
            yield records.encode_quarantined(number, line)
        self._clear()

    def _quarantine(self, word: str, line: bytes) -> None:
        kept = b"%s\t%s" % (word.encode(), b64encode(line))  # a line may have any bytes
        self._quarantined.append(kept)
        self._n_quarantined += len(kept)


class FileSums:
    """Adds up the records of one file, which are sorted by their second field."""

    def __init__(self) -> None:
        self._totals = [0] * len(_TOTALS)
        self._sha256 = ""
        self._filtered: Dict[str, int] = {}
        self._repeated: Dict[str, int] = {}
        self._ids = IdSample()
        self._found: Dict[str, Tuple[int, List[str]]] = {}
        self._n_values: Dict[str, int] = {}
        self._n_taxa = 0
        self._taxon: Tuple[int, int] = (0, 0)  # lines, minus taxon id
        self._main: Tuple[int, int] = (0, 0)
        self._first: List[int] = []
        self._kept: List[int] = []  # lines of those taxa that are kept

    def add(self, kind: bytes, value: bytes) -> None:
        """Add one record."""
        name, _, detail = kind.decode().partition(":")
        if name == "counts":
            self._totals = [a + int(b) for a, b in zip(self._totals, value.split())]
        elif name == "sha256":
            self._sha256 = value.decode()
        elif name == "filtered":
            self._filtered[detail] = self._filtered.get(detail, 0) + int(value)
        elif name == "repeated":
            self._repeated[detail] = self._repeated.get(detail, 0) + int(value)
        elif name == "ids":
            self._ids.add(json.loads(value))
        elif name == "found":
            self._add_found(detail, *json.loads(value))
        else:
            self._add_taxon(int(detail), *map(int, value.split()))

    def _add_found(self, detail: str, n_lines: int, examples: List[str]) -> None:
        """Add lines of a finding; values behind the first `N_VALUES_NAMED` are one sum."""
        status, word, value, _ = detail.split("|")
        if detail not in self._found:
            kind = f"{status}|{word}"
            self._n_values[kind] = self._n_values.get(kind, 0) + 1
            if self._n_values[kind] > N_VALUES_NAMED:
                detail = f"{kind}|{OTHER_VALUES}|"
        n_before, before = self._found.get(detail, (0, []))
        kept = keep_examples(before, examples, limit_examples(value, status == "refused"))
        self._found[detail] = (n_before + n_lines, kept)

    def _add_taxon(self, taxon_id: int, n_kept: int, n_excluded: int) -> None:
        if taxon_id != -self._taxon[1]:
            self._taxon = (0, -taxon_id)
            self._n_taxa += 1
            if len(self._first) < N_TAXA_NAMED:
                self._first.append(taxon_id)
                self._kept.append(0)
        if self._n_taxa <= N_TAXA_NAMED:
            self._kept[-1] += n_kept
        self._taxon = (self._taxon[0] + n_kept + n_excluded, -taxon_id)
        self._main = max(self._main, self._taxon)

    def encode(self, key: bytes) -> bytes:
        """Return the sums as one record; `key` is the first field of the records."""
        summary = {
            **dict(zip(_TOTALS, self._totals)),
            "sha256": self._sha256,
            "n_taxa": self._n_taxa,
            "main_taxon_id": -self._main[1],
            "taxon_ids": self._first,
            "ids": self._ids.list_ids(),
            "n_kept_of_taxa": self._kept,
            "filtered": self._filtered,
            "repeated": self._repeated,
            "found": [
                CountedFinding(word, value, becomes, status == "refused", n_lines, examples)
                for (status, word, value, becomes), (n_lines, examples) in (
                    (detail.split("|"), sums) for detail, sums in sorted(self._found.items())
                )
            ],
        }
        return records.encode_file_sums(key, json.dumps(summary, sort_keys=True).encode())
