"""What stands for a line while its block is read as columns: tokens, and taxa as keys have them.

`readings` describes the tokens of lines that are used. Others, and marks that are gone before a
record is written, are here.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Tuple, Union

from gafreduce.jobs import records
from gafreduce.jobs.formats import gaf
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import TaxaByCell, TokensByCombination
from gafreduce.jobs.mapper.interpretation import Reading
from gafreduce.jobs.mapper.rule_checker import Marked, required_evidence
from gafreduce.jobs.model.annotation import Filtered, Rejection
from gafreduce.jobs.native import loader
from gafreduce.jobs.rules.cell_rules import PLAIN_TAXON

#: Raw combinations whose tokens are held at once: bounds the memory that hostile input can take.
MAX_COMBINATIONS = 100_000
#: Readings held at once, each of half a kilobyte: one that is not takes some ten microseconds.
MAX_READINGS = 1 << 14
#: The token of a line that is refused.
REFUSED = b"!"
#: Begins the token of a line that a filter leaves out; the option follows.
FILTERED = b"~"

#: Raw cells of taxa held at once: one that is not takes a microsecond. The twin asks of odd ones.
_MAX_TAXA = 1 << 12

Combination = Tuple[str, bool, str, str, str]  # as `LineReader.read_combination` returns it
_Said = Union[Reading, Rejection, Filtered]


class Tokens(TokensByCombination):
    """The token of each combination of raw cells, worked out when it is first met."""

    def __init__(self, reading: Callable[[Combination], _Said], reader: LineReader) -> None:
        """Take what is asked of a combination.

        Args:
            reading: Says what it says.
            reader: Takes the raw cells of a format apart.
        """
        super().__init__()
        self._reading = reading
        self._reader = reader
        self._marked: Dict[bytes, Reading] = {}
        self.special = {REFUSED}

    def make_room(self) -> None:
        """Forget all when it is much; not while a block is read, whose tokens point here."""
        if max(len(self), len(self.seen)) >= MAX_COMBINATIONS:
            self.clear()
            self.seen.clear()
            self._marked.clear()
            self.special = {REFUSED}

    def unmark(self, tokens: List[bytes], numbers_of: Dict[bytes, List[int]]) -> Marked:
        """Return the readings of marked lines with their numbers; the tokens lose their marks.

        Args:
            tokens: Of all lines of a block.
            numbers_of: The numbers of the marked lines, by their tokens.
        """
        marked = [(self._marked[token], numbers) for token, numbers in numbers_of.items()]
        for reading, numbers in marked:
            for number in numbers:
                tokens[number] = reading.token
        return marked

    def __missing__(self, cells: Tuple[bytes, bytes, bytes, bytes]) -> bytes:
        combination = self._reader.read_combination(cells)
        reading = self._reading(combination)
        if isinstance(reading, Rejection):
            token = REFUSED
        elif isinstance(reading, Filtered):
            token = FILTERED + reading.option.encode()
            self.special.add(token)
        else:
            more = required_evidence(self._reader, combination[3])
            if more:
                reading = reading._replace(findings=reading.findings + more)
            is_marked = reading.term_class or reading.findings or reading.looked_at
            token = self._mark(reading) if is_marked else reading.token
        if loader.module is None:  # the twin remembers it in `seen`
            self[cells] = token
        return token

    def _mark(self, reading: Reading) -> bytes:
        """Return a token for lines that are looked at: in the closure, or with a finding."""
        token = b"*%d" % len(self._marked)
        self._marked[token] = reading
        self.special.add(token)
        return token


class Taxa(TaxaByCell):
    """The twelve-digit taxon of each raw cell; empty when the cell names none."""

    def make_room(self) -> None:
        """Forget all when it is much; not while a block is read, whose odd cells are here."""
        if len(self) >= _MAX_TAXA:
            self.clear()
            self.odd.clear()

    def __missing__(self, cell: bytes) -> bytes:
        plain = PLAIN_TAXON.fullmatch(cell)
        if plain is not None:  # there may be a million
            value = records.pad_organism(plain[1])
        else:
            self.odd.add(cell)
            taxon = gaf.read_taxon(cell.decode("utf-8").strip(" "))
            value = b"" if taxon is None else records.encode_organism(taxon[0])
        self[cell] = value
        return value
