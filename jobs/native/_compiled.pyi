"""The C extension, described by the interfaces in Python that it implements."""

from typing import List, Optional, Protocol

from gafreduce.jobs.formats.columnar_block import CellSet as _CellSet
from gafreduce.jobs.formats.columnar_block import ColumnarBlock, Positions
from gafreduce.jobs.reducer.propagation import Propagation

VERSION: int
ORGANISM_DIGITS: int
RUN_FIELDS: int

class _NativeBlock(ColumnarBlock, Protocol):
    @property
    def is_ascii(self) -> bool: ...

def read_columns(
    block: bytes, min_columns: int, positions: Positions
) -> Optional[_NativeBlock]: ...
def encode_runs(
    organisms: List[bytes],
    object_ids: List[bytes],
    starts: List[int],
    tokens: List[bytes],
    file: bytes,
    outside_once: bool,
    n_buckets: int,
) -> bytes: ...
def CellSet() -> _CellSet: ...  # noqa: N802 (a type)
def TermCounts(  # noqa: N802 (a type)
    parents: bytes,
    aspects: bytes,
    go_ids: List[bytes],
    watched: List[bytes],
    target_aspect: str,
    landmarks: List[int],
) -> Propagation: ...

class LineSorter:
    def reserve(self, n_bytes: int) -> None: ...
    def add(
        self, text: bytes, low: Optional[bytes] = None, high: Optional[bytes] = None
    ) -> None: ...
    def sort(self) -> None: ...
    def take(self, n_bytes: int, below: Optional[bytes]) -> bytes: ...

class TaxonCounter:
    def add(self, taxa: bytes, /) -> None: ...
    def count(self, taxon: int, /) -> int: ...
