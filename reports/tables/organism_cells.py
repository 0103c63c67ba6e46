"""Replace the numbers of organisms in records by the cells of tables: the organism's id and taxon.

Tables have millions of such rows, so whole texts of rows are changed at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gafreduce.jobs import records
from gafreduce.jobs.model.organisms import Organisms

#: A taxon id has at most ten digits; padded to twelve, it begins with two or more zeros. Counts
#: never begin with a zero.
_TAXON = re.compile(rb"\t00+([0-9]+)")
_LEADING_TAXON = re.compile(rb"^00+([0-9]+)", re.MULTILINE)
#: Samples follow each other from `records.FIRST_SAMPLE`; no count is as large.
_SAMPLE = re.compile(rb"\t(1[0-9]{%d})(?=\t)" % (records.ORGANISM_DIGITS - 1))
_LEADING_SAMPLE = re.compile(rb"^(1[0-9]{%d})(?=\t)" % (records.ORGANISM_DIGITS - 1), re.MULTILINE)

#: Changes a text of whole rows.
Transform = Callable[[bytes], bytes]


def make_transform(organisms: Organisms, *, is_leading: bool) -> Transform:
    r"""Return the function that replaces an organism's number in rows by its id and its taxon.

    Args:
        organisms: The samples of the run.
        is_leading: Whether rows begin with the number; else it is in a later column.

    >>> change = make_transform(Organisms({"A1": 1423}), is_leading=False)
    >>> change(b"GO:0008150\t000000083333\t0\t10\nGO:0008150\t100000000000\t0\t10\n")
    b'GO:0008150\t83333\t83333\t0\t10\nGO:0008150\tA1\t1423\t0\t10\n'
    """
    taxon, sample = (_LEADING_TAXON, _LEADING_SAMPLE) if is_leading else (_TAXON, _SAMPLE)
    tab = b"" if is_leading else b"\t"
    template = tab + rb"\1\t\1"
    cells = {
        b"%d" % organisms.number_of(name): f"{name}\t{organisms.taxon_of(name)}".encode()
        for name in organisms.samples
    }

    def change_taxa(text: bytes) -> bytes:
        return taxon.sub(template, text)

    def change_all(text: bytes) -> bytes:
        return sample.sub(lambda found: tab + cells[found[1]], taxon.sub(template, text))

    return change_all if cells else change_taxa
