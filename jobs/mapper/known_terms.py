"""Known terms of plain rows: the token of each term, by the cells that decide beside terms.

Rows with several terms seldom recur, and their terms often do. Rows with equal numbers of terms are
looked up together, term by term, so that a row costs as much as its terms.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import repeat
from operator import itemgetter, methodcaller
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from gafreduce.jobs.formats.base import LineReader, RowPattern, TermPieces
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.go_terms import is_go_id
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.jobs.rules.cell_rules import COMPLEX_DATABASE

#: Entries of a cache: bounds the memory for hostile input.
MAX_ENTRIES = 100_000
#: Where the text of a row is cut.
GO = b"GO:"
#: Stands for the digits of a GO id that cannot be told.
DOUBT = b"?"
#: The cells of a row, with two forms of each where cells may be quoted, one of them empty.
Cells = Tuple[bytes, ...]
#: The organism of a row, and the token of each of its annotations; empty for a row without a term.
Annotations = Union[Tuple[bytes, Tuple[bytes, ...]], Tuple[()]]
Interpreted = Sequence[Tuple[Annotation, Interpretation]]
CheckLine = Callable[[LineReader, bytes, Interpreted], List[Finding]]

_REFUSED_IN_PART = "refused_in_part"


class _OddTerm(NamedTuple):
    """A term with findings."""

    token: Optional[bytes]  # None: the annotation is refused, if its row has others
    findings: Tuple[Finding, ...]


class _Context(NamedTuple):
    """What is known of rows whose deciding cells are equal, but for their terms."""

    organism: bytes
    token_of: Dict[bytes, bytes]  # by the digits of the GO id
    odd: Dict[bytes, _OddTerm]


class FoundRows(NamedTuple):
    """What is known of some rows, by their places."""

    annotations: List[Optional[Annotations]]  # None: a term is not known
    findings: Dict[int, List[Finding]]  # of rows that have any


class KnownTerms:
    """The known terms of one file."""

    def __init__(
        self, reader: LineReader, find_organism: Callable[[int], bytes], check_line: CheckLine
    ) -> None:
        """Know no term yet.

        Args:
            reader: Of the file.
            find_organism: Returns the organism of a taxon, in the form that records have.
            check_line: Returns the findings of some annotations of a line.
        """
        self._reader = reader
        self._find_organism = find_organism
        self._check_line = check_line
        self._contexts: Dict[Cells, _Context] = {}  # by the deciding cells but for terms
        self._n_terms = 0
        self._digits: Optional[TermDigits] = None

    def find(self, pattern: RowPattern, rows: Sequence[Cells]) -> FoundRows:
        """Return the annotations of rows whose terms are all known.

        Args:
            pattern: It split the rows.
            rows: All of their cells.
        """
        result = FoundRows([None] * len(rows), {})
        columns = list(zip(*rows))
        if not columns or not self._contexts or pattern.pieces is None:
            return result
        if self._digits is None:
            self._digits = TermDigits(pattern.pieces)
        tails = None if pattern.tail is None else columns[pattern.tail]
        texts = self._digits.join_cells([columns[place] for place in pattern.terms], tails)
        others = zip(*[columns[place] for place in pattern.others])
        kinds = zip(others if pattern.others else repeat(()), map(methodcaller("count", GO), texts))
        places_of: Dict[Tuple[Cells, int], List[int]] = defaultdict(list)
        for place, kind in enumerate(kinds):
            places_of[kind].append(place)
        for (cells, n_pieces), places in places_of.items():
            context = self._contexts.get(cells)
            if context is not None and n_pieces > 1:
                found = self._digits.find(list(map(texts.__getitem__, places)))
                pieces = [found[number::n_pieces] for number in range(n_pieces)]
                _find_alike(context, places, pieces, result)
        return result

    def learn(
        self,
        line: bytes,
        pattern: RowPattern,
        cells: Cells,
        used: Interpreted,
        findings: Sequence[Finding],
    ) -> None:
        """Learn the terms of a line that was read as any other.

        Args:
            line: Without its line end.
            pattern: It split the line.
            cells: All cells of the line.
            used: The annotations of the line that are used.
            findings: Of the line.
        """
        plain = [each for each in used if is_plain(each[1])]
        if not plain or (findings and plain[0][0].db == COMPLEX_DATABASE):
            return
        if self._n_terms >= MAX_ENTRIES:
            self._contexts.clear()
            self._n_terms = 0
        others = tuple([cells[place] for place in pattern.others])
        context = self._contexts.get(others)
        if context is None:
            organism = self._find_organism(plain[0][0].taxon_id)
            context = self._contexts[others] = _Context(organism, {}, {})
        for annotation, interpreted in plain:
            each = [(annotation, interpreted)]
            found = self._check_line(self._reader, line, each) if findings else ()
            self._learn_term(context, annotation.go_id, interpreted.token, found)
        reasons = [finding for finding in findings if finding.word == _REFUSED_IN_PART]
        annotations = self._reader.parse(line) if len(reasons) == 1 else []
        taken = {annotation.go_id for annotation, _ in used}
        for annotation in annotations if isinstance(annotations, list) else ():
            if annotation.go_id not in taken:
                self._learn_term(context, annotation.go_id, None, reasons)

    def _learn_term(
        self, context: _Context, go_id: str, token: Optional[bytes], findings: Sequence[Finding]
    ) -> None:
        """Learn about a term of a row; nothing of a damaged GO id."""
        if is_go_id(go_id):
            digits = go_id[len(GO) :].encode()
            self._n_terms += not (digits in context.token_of or digits in context.odd)
            if token is not None and not findings:
                context.token_of[digits] = token
            else:
                context.odd[digits] = _OddTerm(token, tuple(findings))


class TermDigits(Dict[bytes, bytes]):
    """The digits of GO ids by the pieces of rows; `DOUBT` for a piece that leaves one."""

    def __init__(self, pieces: TermPieces) -> None:
        """Know no piece yet; `pieces` says how they are read."""
        super().__init__()
        self._pieces = pieces

    def join_cells(
        self, columns: Sequence[Sequence[bytes]], tails: Optional[Sequence[bytes]]
    ) -> List[bytes]:
        """Return a text for each row, which begins with a mark and has all cells with GO ids.

        Args:
            columns: The cells with GO ids.
            tails: Further cells of each row, which may have GO ids.
        """
        if tails is not None:
            columns = [*columns, [tail if GO in tail else b"" for tail in tails]]
        texts = list(map((b"\n" + self._pieces.prefix).join, zip(repeat(GO), *columns)))
        together = b"".join(texts)
        for doubt in self._pieces.doubts:
            if doubt in together:
                texts = [GO if doubt in text else text for text in texts]
        return texts

    def find(self, texts: Sequence[bytes]) -> List[bytes]:
        """Return for each mark and GO id in texts of rows its digits; empty for a mark."""
        if len(self) >= MAX_ENTRIES:
            self.clear()
        pieces = b"".join([b"\n".join(texts), b"\n"]).split(GO)[1:]
        if self._pieces.size is not None:
            pieces = list(map(itemgetter(slice(self._pieces.size)), pieces))
        return list(map(self.__getitem__, pieces))

    def __missing__(self, piece: bytes) -> bytes:
        digits = self._pieces.read(piece)
        found = DOUBT if digits is None else digits
        if len(self) < 2 * MAX_ENTRIES:
            self[piece] = found
        return found


def _find_alike(
    context: _Context, places: Sequence[int], pieces: Sequence[Sequence[bytes]], result: FoundRows
) -> None:
    """Add the annotations of rows with equal numbers of terms.

    Args:
        context: That of all these rows.
        places: Those of the rows.
        pieces: The marks of all rows, the digits of their first terms, of their second ones, ...
        result: Grows.
    """
    marks, *terms = pieces
    tokens = list(zip(*[map(context.token_of.get, column) for column in terms]))
    rows = list(zip(*terms))
    n_distinct = list(map(len, map(set, rows))) if len(terms) > 1 else [1] * len(rows)
    organism, annotations = context.organism, result.annotations
    for number, place in enumerate(places):
        found = tokens[number]
        if marks[number] or n_distinct[number] < len(terms) or None in found:
            _find_odd(context, place, (marks[number], *rows[number]), result)
        else:
            annotations[place] = organism, found


def _find_odd(context: _Context, place: int, pieces: Sequence[bytes], result: FoundRows) -> None:
    """Add the annotations of a row with a repeated term, or one with findings, if all are known.

    Args:
        context: That of the row.
        place: Of the row.
        pieces: Its mark, and the digits of its terms.
        result: Grows.
    """
    tokens: List[bytes] = []
    findings: Dict[Finding, None] = {}
    refused: Dict[Finding, None] = {}
    for digits in dict.fromkeys(pieces):
        token = context.token_of.get(digits)
        if token is None and digits:
            odd = context.odd.get(digits)
            if odd is None:
                return
            (refused if odd.token is None else findings).update(dict.fromkeys(odd.findings))
            token = odd.token
        if token is not None:
            tokens.append(token)
    if tokens:
        result.annotations[place] = context.organism, tuple(tokens)
        if findings or refused:
            result.findings[place] = [*findings, *refused]


def is_plain(interpreted: Interpretation) -> bool:
    """Return whether all annotations of an interpretation are equal but for their gene product."""
    return not (interpreted.term_class or interpreted.checked_code)
