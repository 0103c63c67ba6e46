"""Time limits of a run on a cluster: for the whole run, and for its first task.

A thread checks the limits, because the main thread waits for Hadoop or AWS.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator

from gafreduce import signals
from gafreduce.errors import TransientError

DEFAULT_SECONDS = 6 * 3600.0
#: Time limit for the first task of a job.
FIRST_TASK_SECONDS = 30 * 60.0
#: When a warning about waiting is logged first, and how often after that.
_WARN_AFTER = 60.0
_WARN_EVERY = 300.0
_TICK_SECONDS = 1.0

_UNITS = {"s": 1, "m": 60, "h": 3600}

log = logging.getLogger(__name__)


class TimeLimitError(TransientError):
    """A run reached its time limit."""


def parse_duration(text: str) -> float:
    """Return a duration in seconds: `6h`, `30m`, `90s`; hours without a unit.

    Raises:
        ValueError: The text is no duration, or one that is not above zero.

    >>> parse_duration("1.5h"), parse_duration("90s"), parse_duration("2")
    (5400.0, 90.0, 7200.0)
    """
    unit = text[-1:] if text[-1:] in _UNITS else ""
    value = float(text.removesuffix(unit)) * _UNITS[unit or "h"]
    if not 0 < value < float("inf"):
        raise ValueError(f"expected a duration greater than zero, got {text!r}")
    return value


def format_duration(n_seconds: float) -> str:
    """Return a duration as text.

    >>> format_duration(5400), format_duration(1800), format_duration(20)
    ('1.5 h', '30 min', '20 s')
    """
    if n_seconds >= _UNITS["h"]:
        return f"{n_seconds / _UNITS['h']:g} h"
    return f"{n_seconds / 60:g} min" if n_seconds >= 60 else f"{n_seconds:g} s"


class Watch:
    """Ends a run at its time limits.

    Args:
        max_wall: Seconds for the whole run, from now.
        stop: Called with the error, from another thread.
        clock: Returns seconds; monotonic.
    """

    def __init__(
        self,
        max_wall: float,
        stop: Callable[[BaseException], object] = signals.interrupt_main,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_wall = max_wall
        self._first_task = min(max_wall, FIRST_TASK_SECONDS)
        self._stop = stop
        self._clock = clock
        self._start = clock()
        self._waiting_since: float | None = None
        self._warned_at = 0.0
        self._reason = ""
        self._has_tasks: Callable[[], bool] = _has_no_tasks

    def wait_for_task(self, has_tasks: Callable[[], bool]) -> None:
        """Start the limit for the first task: a job was submitted.

        Args:
            has_tasks: Called when the time is over; returns whether a task was started after all.
        """
        self._has_tasks = has_tasks
        self._reason = ""
        self._waiting_since = self._warned_at = self._clock()
        self._warned_at += _WARN_AFTER - _WARN_EVERY

    def set_reason(self, reason: str) -> None:
        """Set the reason why no task runs yet, for messages."""
        self._reason = reason

    def stop_waiting(self) -> None:
        """End the limit for the first task: a task runs, or the job ended."""
        self._waiting_since = None

    def check(self) -> None:
        """Compare the limits with the clock."""
        now = self._clock()
        if now - self._start >= self._max_wall:
            limit = format_duration(self._max_wall)
            self._stop(
                TimeLimitError(
                    f"the run took longer than --max-wall {limit} and was ended "
                    "(nothing was published: allow more time, or use fewer inputs)"
                )
            )
        since = self._waiting_since
        if since is None:
            return
        if now - since >= self._first_task:
            self._end_waiting(since)
        elif now - self._warned_at >= _WARN_EVERY:
            self._warned_at = now
            log.warning(
                "waiting for the first task%s; at most %s",
                f": {self._reason}" if self._reason else "",
                format_duration(self._first_task),
            )

    def _end_waiting(self, since: float) -> None:
        if self._has_tasks():
            if self._waiting_since == since:
                self.stop_waiting()
            return
        reason = f": {self._reason}" if self._reason else ""
        self._stop(
            TimeLimitError(
                f"no task began within {format_duration(self._first_task)}{reason} "
                "(nothing was published: check for other jobs on the cluster)"
            )
        )


def _has_no_tasks() -> bool:
    return False


@contextlib.contextmanager
def keep_watch(watch: Watch) -> Iterator[Watch]:
    """Check the limits of a watch, in a thread, until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=_check_until, args=(watch, stop), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


def _check_until(watch: Watch, stop: threading.Event) -> None:
    while not stop.wait(_TICK_SECONDS):
        watch.check()
