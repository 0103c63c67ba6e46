"""What runs that were killed left behind: found by age, removed only when that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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


def unused(found: Leftovers, used: Callable[[], Iterable[str]]) -> Leftovers:
    """Yield temporary folders but those of attempts that live, however they are spelled.

    Args:
        found: Temporary folders; an attempt's own ends in ids of its run and of itself.
        used: Returns those that living attempts name.
    """
    ids = {_ids(each) for each in used()}
    yield from (each for each in found if _ids(each.place) not in ids)


def _ids(place: str) -> tuple[str, ...]:
    return tuple(place.rstrip("/").split("/")[-2:])
