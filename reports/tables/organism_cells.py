"""Replace the numbers of organisms in records by the cells of tables: the organism's id and taxon.

Tables have millions of such rows, so whole texts of rows are changed at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gafreduce.jobs import records
from gafreduce.jobs.model.organisms import Organisms

#: The number of a taxon begins with zeros, that of a sample with 1; no count is as long.
_NUMBER = rb"([01][0-9]{%d})\t" % (records.ORGANISM_DIGITS - 1)
_LATER = re.compile(rb"\t" + _NUMBER)
_LEADING = re.compile(rb"^" + _NUMBER, re.MULTILINE)
#: Cells that are kept: there may be a million organisms.
_MAX_CELLS = 50_000

#: Changes a text of whole rows.
Transform = Callable[[bytes], bytes]


class _Cells(dict[bytes, bytes]):
    """The two cells of each organism by its number, between tabs."""

    def __init__(self, organisms: Organisms, before: bytes) -> None:
        super().__init__()
        self._organisms = organisms
        self._before = before

    def __missing__(self, number: bytes) -> bytes:
        if len(self) >= _MAX_CELLS:
            self.clear()
        organism_id = self._organisms.id_of(int(number))
        text = f"{organism_id}\t{self._organisms.taxon_of(organism_id)}\t"
        cells = self[number] = self._before + text.encode()
        return cells


def make_transform(organisms: Organisms, *, is_leading: bool) -> Transform:
    r"""Return the function that replaces an organism's number in rows by its id and its taxon.

    Args:
        organisms: The samples of the run.
        is_leading: Whether rows begin with the number; else it is in a later column.

    >>> change = make_transform(Organisms({"A1": 1423}), is_leading=False)
    >>> change(b"GO:0008150\t000000083333\t0\t10\nGO:0008150\t100000000000\t0\t10\n")
    b'GO:0008150\t83333\t83333\t0\t10\nGO:0008150\tA1\t1423\t0\t10\n'
    """
    number = _LEADING if is_leading else _LATER
    cells = _Cells(organisms, b"" if is_leading else b"\t")

    def change(text: bytes) -> bytes:
        # a third of the time of `re.sub` with a template
        parts = number.split(text)
        parts[1::2] = map(cells.__getitem__, parts[1::2])
        return b"".join(parts)

    return change
