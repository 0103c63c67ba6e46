"""Run gafreduce as a process that is stopped in time, so that it cleans up before it is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from gafreduce.errors import LockedError, TransientError, read_error_line

#: Seconds that a stopped run has to clean up before it is killed; less than the reserve.
_GRACE_SECONDS = 20.0
_MOST_ERRORS = 4000


class StoppedError(TransientError):
    """A run was stopped before the function's time was over."""


class Ended(NamedTuple):
    """How a run ended."""

    code: int
    message: str  # the last line that it printed for people; "" when it went well


def run_in_time(words: Sequence[str], seconds: float, correlation_id: str) -> Ended:
    """Run gafreduce for so many seconds at most.

    Args:
        words: The arguments of gafreduce.
        seconds: The time after which it is stopped (SIGTERM): it publishes nothing then, and
            removes its lock and its temporary files.
        correlation_id: Of the event, for the run record.

    Raises:
        StoppedError: It was stopped.
    """
    environment = {**os.environ, "GAFREDUCE_CORRELATION_ID": correlation_id}
    process = subprocess.Popen(
        [sys.executable, "-m", "gafreduce", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        _, errors = process.communicate(timeout=max(seconds, 0))
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.communicate(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        raise StoppedError(
            f"expected a run of at most {seconds:.0f} s, got a longer one: it was stopped before "
            "the limit of the function, and nothing was published (larger inputs go to Batch: "
            "lower GAFREDUCE_MOST_BYTES)"
        ) from None
    except BaseException:
        process.kill()
        process.communicate()
        raise
    if process.returncode == 0:
        return Ended(0, "")
    message, code = read_error_line(errors[-_MOST_ERRORS:], process.returncode)
    return Ended(code, message)


def is_locked(ended: Ended) -> bool:
    """Return whether a run ended because another one writes to the same place."""
    return ended.code == LockedError.exit_code and LOCKED in ended.message


#: What the message of every LockedError has.
LOCKED = "got another run"
