"""Caches of a block's cells: tokens of combinations, and organisms of taxa.

`interpretation` describes the tokens of lines that are used. Further tokens, which never reach a
record, mark lines that are refused or filtered, and lines that are parsed one by one.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Set, Tuple, Union

from gafreduce.jobs import records
from gafreduce.jobs.formats import gaf
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import Combination as RawCombination
from gafreduce.jobs.formats.columnar_block import new_cells
from gafreduce.jobs.mapper.annotation_row import RowTemplate
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.rule_checker import Marked, check_required_evidence
from gafreduce.jobs.model.annotation import Filtered, Rejection
from gafreduce.jobs.native import loader
from gafreduce.jobs.rules.cell_rules import PLAIN_TAXON

#: Bounds of the caches, for hostile input: raw combinations; interpretations, of half a kilobyte
#: each, which take ten microseconds to make; raw cells of taxa, which take one.
MAX_COMBINATIONS = 100_000
MAX_INTERPRETATIONS = 1 << 14
_MAX_TAXA = 1 << 12

#: The token of a line that is refused.
REFUSED = b"!"
#: First byte of the token of a line that a filter leaves out; the option, a blank and the token of
#: the first shuffle follow.
FILTERED = b"~"
#: First byte of the token of a line that is parsed; a number follows.
_MARKED = b"*"

Combination = Tuple[str, bool, str, str, str]  # as `LineReader.read_combination` returns it
_Outcome = Union[Interpretation, Rejection, Filtered]


class TokenCache(Dict[RawCombination, bytes]):
    """The token of each combination of raw cells in one format."""

    def __init__(self, interpret: Callable[[Combination], _Outcome], reader: LineReader) -> None:
        """Begin empty.

        Args:
            interpret: Returns the interpretation of a combination.
            reader: Of the format; it decodes raw cells.
        """
        super().__init__()
        self._interpret = interpret
        self._reader = reader
        self._marked: Dict[bytes, Interpretation] = {}
        self.templates: Dict[bytes, RowTemplate] = {}  # by the token of lines in the term set
        self.special: Set[bytes] = {REFUSED}
        self.seen = new_cells()  # what the C extension keeps instead of this dict's items

    def make_room(self) -> None:
        """Clear the cache if it is full; not while a block is read that has tokens of it."""
        if max(len(self), len(self.seen)) >= MAX_COMBINATIONS:
            self.clear()
            self.seen.clear()
            self._marked.clear()
            self.templates.clear()
            self.special = {REFUSED}

    def unmark(self, tokens: List[bytes], numbers_of: Dict[bytes, List[int]]) -> Marked:
        """Replace marked tokens by those of records.

        Args:
            tokens: Of all lines of a block; changed in place.
            numbers_of: Numbers of the marked lines, by their tokens.

        Returns:
            The interpretations of marked lines with the numbers of the lines.
        """
        marked = [(self._marked[token], numbers) for token, numbers in numbers_of.items()]
        for interpreted, numbers in marked:
            for number in numbers:
                tokens[number] = interpreted.token
        return marked

    def __missing__(self, cells: RawCombination) -> bytes:
        combination = self._reader.read_combination(cells)
        interpreted = self._interpret(combination)
        if isinstance(interpreted, Rejection):
            token = REFUSED
        elif isinstance(interpreted, Filtered):
            token = b"%s%s %s" % (FILTERED, interpreted.option.encode(), interpreted.token)
            self.special.add(token)
        else:
            more = check_required_evidence(self._reader, combination[3])
            if more:
                interpreted = interpreted._replace(findings=interpreted.findings + more)
            is_marked = interpreted.term_class or interpreted.findings or interpreted.checked_code
            token = self._mark(interpreted) if is_marked else interpreted.token
        if not loader.has_extension():  # else a second copy of what `seen` holds
            self[cells] = token
        return token

    def _mark(self, interpreted: Interpretation) -> bytes:
        """Return a new token for lines in the term set or with a finding."""
        token = _MARKED + b"%d" % len(self._marked)
        self._marked[token] = interpreted
        self.special.add(token)
        return token


class TaxonCache(Dict[bytes, bytes]):
    """The organism of each raw cell, in the form that records have; empty for no organism."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: Set[bytes] = set()  # cells that `PLAIN_TAXON` does not match

    def make_room(self) -> None:
        """Clear the cache if it is full; not while a block is read that has odd cells of it."""
        if len(self) >= _MAX_TAXA:
            self.clear()
            self.odd.clear()

    def __missing__(self, cell: bytes) -> bytes:
        plain = PLAIN_TAXON.fullmatch(cell)
        if plain is not None:  # parsed faster: there may be a million
            organism = records.pad_organism(plain[1])
        else:
            self.odd.add(cell)
            taxon = gaf.read_taxon(cell.decode("utf-8").strip(" "))
            organism = b"" if taxon is None else records.encode_organism(taxon[0])
        self[cell] = organism
        return organism


def split_filtered(token: bytes) -> Filtered:
    """Return option and token of a line that a filter leaves out."""
    option, _, rest = token[len(FILTERED) :].partition(b" ")
    return Filtered(option.decode(), rest)


def group_by_token(tokens: List[bytes], numbers: List[int]) -> Dict[bytes, List[int]]:
    """Return the numbers of some lines by their tokens."""
    numbers_of: Dict[bytes, List[int]] = {}
    for number in numbers:
        numbers_of.setdefault(tokens[number], []).append(number)
    return numbers_of
