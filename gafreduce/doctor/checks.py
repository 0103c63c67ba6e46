"""What a run would need, looked at before it costs anything: checks, and what they found.

A check never raises: what goes wrong in it is what it has to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gafreduce.errors import GafreduceError

OK, PROBLEM, UNKNOWN = "ok", "problem", "not checked"


@dataclass(frozen=True)
class Check:
    """What one check found."""

    name: str
    state: str  # OK, PROBLEM or UNKNOWN
    found: str
    fix: str = ""  # what to do about a problem

    def line(self) -> str:
        """Return it as a line for people."""
        fix = f" -> {self.fix}" if self.fix else ""
        return f"{self.state:<12}{self.name}: {self.found}{fix}"


class ProblemError(GafreduceError):
    """Something that a run would stumble over."""

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(found)
        self.found = found
        self.fix = fix


class NotCheckedError(GafreduceError):
    """A check that cannot be made here; the message says why."""


def examine(name: str, look: Callable[[], str], fix: str = "") -> Check:
    """Return what a look found.

    Args:
        name: What is looked at.
        look: Returns what is well; raises ProblemError, NotCheckedError, or another ValueError or
            OSError, whose message is then what was found.
        fix: What to do about one of the latter.
    """
    try:
        return Check(name, OK, look())
    except ProblemError as problem:
        return Check(name, PROBLEM, problem.found, problem.fix)
    except NotCheckedError as reason:
        return Check(name, UNKNOWN, str(reason))
    except (GafreduceError, ValueError, OSError, ImportError) as error:
        return Check(name, PROBLEM, str(error) or type(error).__name__, fix)


Checks = Iterator[Check]
