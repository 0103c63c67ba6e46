"""The request of the second job: the lines and sets of terms that statistics need.

Source: docs/statistics.md#what-the-statistics-need
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import FrozenSet, Tuple

from gafreduce.errors import InputError


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

    def is_empty(self) -> bool:
        """Return whether no line can be kept, so that no job needs to run."""
        return not (self.object_ids or self.families or self.symbols or self.term_set_organisms)


def write_request(request: ContextRequest, path: Path) -> None:
    """Write a request as JSON, ASCII only."""
    known = {
        "object_ids": sorted(request.object_ids),
        "families": sorted(request.families),
        "symbols": sorted(request.symbols),
        "term_set_organisms": list(request.term_set_organisms),
    }
    path.write_text(json.dumps(known), encoding="ascii")


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
