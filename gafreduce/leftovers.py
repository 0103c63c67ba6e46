"""What runs that were killed left behind: found by age, removed only when that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True)
class Leftover:
    """One thing that no run needs any more."""

    place: str  # path or URI
    what: str  # in words
    age: float  # seconds since it last changed
    remove: Callable[[], object]

    def line(self) -> str:
        """Return it as a line for people."""
        return f"{self.place}\t{self.what}\t{self.age / HOUR:.1f} hours old"


Leftovers = Iterator[Leftover]
