"""Checks of prerequisites, and their results. A check never raises: an error is its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gafreduce.errors import GafreduceError

OK, PROBLEM, NOT_CHECKED = "ok", "problem", "not checked"


@dataclass(frozen=True)
class CheckResult:
    """The result of one check."""

    name: str
    state: str  # OK, PROBLEM or NOT_CHECKED
    message: str
    fix: str = ""  # of a problem

    def line(self) -> str:
        """Return the result as a line of text."""
        fix = f" -> {self.fix}" if self.fix else ""
        return f"{self.state:<12}{self.name}: {self.message}{fix}"


class ProblemError(GafreduceError):
    """A prerequisite is missing, and there is a known fix."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class NotCheckedError(GafreduceError):
    """A check cannot be made on this machine; the message is the reason."""


def run_check(name: str, check: Callable[[], str], fix: str = "") -> CheckResult:
    """Run a check and return its result.

    Args:
        name: Of the check.
        check: Returns a message when all is well. Raises ProblemError or NotCheckedError, or
            another error, which is a problem with its message.
        fix: Of such an error.
    """
    try:
        return CheckResult(name, OK, check())
    except ProblemError as problem:
        return CheckResult(name, PROBLEM, problem.message, problem.fix)
    except NotCheckedError as reason:
        return CheckResult(name, NOT_CHECKED, str(reason))
    except (GafreduceError, ValueError, OSError, ImportError) as error:
        return CheckResult(name, PROBLEM, str(error) or type(error).__name__, fix)


CheckResults = Iterator[CheckResult]
