"""The request of the second job: the lines and sets of terms that statistics need.

Source: docs/statistics.md#what-the-statistics-need
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import FrozenSet, Tuple, Union

from gafreduce.errors import InputError

_ENTRY_END = re.compile(r"[|,]")


@dataclass(frozen=True)
class ContextRequest:
    """The lines that the second job keeps, and the organisms that it makes `term_sets` of.

    A line is kept when its object_id is in `object_ids`, or an entry of its raw With/From (split at
    `|` and `,`, stripped) is in `families`, or its symbol or one of its synonyms (split at `|`,
    stripped, lower case) is in `symbols`. Each line is decided by itself.
    """

    object_ids: FrozenSet[str]
    families: FrozenSet[str]  # in every spelling of a database's name
    symbols: FrozenSet[str]
    term_set_organisms: Tuple[int, ...]

    def names_family(self, with_from: Union[str, bytes]) -> bool:
        """Return whether an entry of a raw With/From is a wanted family."""
        entries = _ENTRY_END.split(_decode(with_from))
        return any(entry.strip() in self.families for entry in entries)

    def names_symbol(self, names: Union[str, bytes]) -> bool:
        """Return whether a cell, split at `|`, has a wanted symbol: a symbol with `|` has none."""
        return any(name.strip().lower() in self.symbols for name in _decode(names).split("|"))

    def is_empty(self) -> bool:
        """Return whether no line can be kept, so that no job needs to run."""
        return not (self.object_ids or self.families or self.symbols or self.term_set_organisms)


def _decode(cell: Union[str, bytes]) -> str:
    return cell.decode("utf-8") if isinstance(cell, bytes) else cell


def write_request(request: ContextRequest, path: Path) -> None:
    """Write a request as JSON, ASCII only."""
    known = {
        "object_ids": sorted(request.object_ids),
        "families": sorted(request.families),
        "symbols": sorted(request.symbols),
        "term_set_organisms": list(request.term_set_organisms),
    }
    path.write_bytes(json.dumps(known).encode("ascii"))


def read_request(path: Path) -> ContextRequest:
    """Read a request that `write_request` wrote.

    Raises:
        InputError: It is not such a file.
    """
    try:
        known = json.loads(path.read_text(encoding="ascii"))
        return ContextRequest(
            frozenset(known["object_ids"]),
            frozenset(known["families"]),
            frozenset(known["symbols"]),
            tuple(int(number) for number in known["term_set_organisms"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: expected a request of context, got {error}") from error
