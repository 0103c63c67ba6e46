"""Read scientific names and ranks of the NCBI Taxonomy from the table in the package.

The table is described in `gafreduce/data/README.md`; `docs/make_names.py` makes it.
"""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from gafreduce import package_files
from gafreduce.errors import TransientError
from gafreduce.inputs import zstd

NAMES = Path(package_files.__file__).parent / "data" / "names.tsv.zst"
#: Of a skippable frame: its magic number and the bytes that follow.
_HEADER = struct.Struct("<II")


class _Taxon(NamedTuple):
    name: str
    rank: str  # empty for species


class TaxonNames:
    """Scientific names and ranks by taxon id; unpacks the part of the table that has the taxon."""

    def __init__(self, path: Path = NAMES) -> None:
        """Read nothing yet.

        Args:
            path: The table.
        """
        self._path = path
        self._block = -1
        self._rows: list[str] = []  # of the block
        self._taxon_ids: list[int] = []  # of the rows

    def find(self, taxon_id: int) -> str | None:
        """Return the name of a taxon, None when the table has none; fastest in sorted order.

        Raises:
            TransientError: The table is damaged, as by a full disk when it was installed.
        """
        taxon = self._find_taxon(taxon_id)
        return taxon.name if taxon else None

    def find_rank(self, taxon_id: int) -> str:
        """Return the rank of a taxon, such as `strain`, empty when the table lacks the taxon.

        Raises:
            TransientError: The table is damaged.
        """
        taxon = self._find_taxon(taxon_id)
        return (taxon.rank or "species") if taxon else ""

    def find_taxa(self, name: str) -> list[int]:
        """Return the taxa with a name, in any case; the whole table is searched: 0.2 s.

        Raises:
            TransientError: The table is damaged.
        """
        found = []
        wanted = f"\t{name}\t".casefold()
        for taxon_id in self._first_ids:
            self._find_taxon(taxon_id)
            if wanted in "\n".join(self._rows).casefold():
                found += [
                    taxon_id
                    for taxon_id, row in zip(self._taxon_ids, self._rows, strict=True)
                    if wanted in row.casefold()
                ]
        return found

    def _find_taxon(self, taxon_id: int) -> _Taxon | None:
        try:
            block = bisect_right(self._first_ids, taxon_id) - 1
            if block != self._block:
                text = self._read_block(block)
                self._rows = text.split("\n")
                # one split of all cells takes a fifth of the time of one for each row
                steps = map(int, text.replace("\n", "\t").split("\t")[:-1:3])
                self._block, self._taxon_ids = block, list(accumulate(steps))
                if text and len(self._taxon_ids) != len(self._rows):
                    raise ValueError("expected three columns")
        except (zstd.ZstdError, struct.error, ValueError) as error:
            raise TransientError(
                f"{self._path}: expected the table of the package, got a damaged file "
                "(install gafreduce again)"
            ) from error
        place = bisect_left(self._taxon_ids, taxon_id)
        if self._taxon_ids[place : place + 1] != [taxon_id]:
            return None
        return _Taxon(*self._rows[place].split("\t")[1:])

    @property
    def _first_ids(self) -> list[int]:
        return self._index[0]

    @cached_property
    def _index(self) -> tuple[list[int], list[int]]:
        """Return the first taxon id of each block, and the bytes before each and the end."""
        with self._path.open("rb") as stream:
            _, n_bytes = _HEADER.unpack(stream.read(_HEADER.size))
            rows = [line.split(b"\t") for line in stream.read(n_bytes).splitlines()]
        sizes = (int(size) for _, size in rows)
        return [int(first) for first, _ in rows], [
            *accumulate(sizes, initial=_HEADER.size + n_bytes)
        ]

    def _read_block(self, number: int) -> str:
        """Return the rows of a block, without comments before them."""
        if number < 0:
            return ""
        start, end = self._index[1][number : number + 2]
        with self._path.open("rb") as stream:
            stream.seek(start)
            stored = stream.read(end - start)
        decompressor = zstd.ZstdDecompressor()
        text = decompressor.decompress(stored).decode("utf-8")
        if not decompressor.eof:
            raise ValueError("cut short")
        while text.startswith("#"):
            text = text.partition("\n")[2]
        return text.removesuffix("\n")
