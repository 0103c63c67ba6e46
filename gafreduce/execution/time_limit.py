"""How long a cluster may work: a run that waits or works too long is ended, and says so.

A thread looks at the clock, because the one that runs the job waits for Hadoop or Amazon.
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
#: How long a job may wait for its first task.
FIRST_TASK_SECONDS = 30 * 60.0
#: When a wait is told, and how often after that.
_TOLD_AFTER = 60.0
_TOLD_EVERY = 300.0
_TICK_SECONDS = 1.0

_UNITS = {"s": 1, "m": 60, "h": 3600}

log = logging.getLogger(__name__)


class TooLongError(TransientError):
    """A run took longer than it may."""


def seconds(text: str) -> float:
    """Return a time as seconds: `6h`, `30m`, `90s`; hours when nothing is said.

    Raises:
        ValueError: It is none.

    >>> seconds("1.5h"), seconds("90s"), seconds("2")
    (5400.0, 90.0, 7200.0)
    """
    unit = text[-1:] if text[-1:] in _UNITS else ""
    value = float(text.removesuffix(unit)) * _UNITS[unit or "h"]
    if not 0 < value < float("inf"):
        raise ValueError(f"expected a time above nothing, got {text!r}")
    return value


def in_words(n_seconds: float) -> str:
    """Return a time for people.

    >>> in_words(5400), in_words(1800), in_words(20)
    ('1.5 h', '30 min', '20 s')
    """
    if n_seconds >= _UNITS["h"]:
        return f"{n_seconds / _UNITS['h']:g} h"
    return f"{n_seconds / 60:g} min" if n_seconds >= 60 else f"{n_seconds:g} s"


class Watch:
    """Ends a run that takes too long.

    Args:
        max_wall: Seconds from the beginning of the watch.
        stop: Called with the reason, from another thread.
        clock: Seconds that only grow.
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
        self._began = clock()
        self._waits_since: float | None = None
        self._told_at = 0.0
        self._reason = ""
        self._works: Callable[[], bool] = _does_not

    def wait_for_task(self, works: Callable[[], bool]) -> None:
        """Note that a job begins.

        Args:
            works: Asked at the end of the time whether a task runs that nobody heard of.
        """
        self._works = works
        self._reason = ""
        self._waits_since = self._told_at = self._clock()
        self._told_at += _TOLD_AFTER - _TOLD_EVERY

    def wait_because(self, reason: str) -> None:
        """Note why no task runs yet."""
        self._reason = reason

    def task_seen(self) -> None:
        """Note that a task works, or that the job ended."""
        self._waits_since = None

    def look(self) -> None:
        """Look at the clock."""
        now = self._clock()
        if now - self._began >= self._max_wall:
            self._stop(
                TooLongError(
                    f"the run took longer than --max-wall {in_words(self._max_wall)} and was ended "
                    "(nothing was published: allow more, or make it smaller)"
                )
            )
        since = self._waits_since
        if since is None:
            return
        if now - since >= self._first_task:
            self._give_up(since)
        elif now - self._told_at >= _TOLD_EVERY:
            self._told_at = now
            log.warning(
                "waiting for the first task%s; at most %s",
                f": {self._reason}" if self._reason else "",
                in_words(self._first_task),
            )

    def _give_up(self, since: float) -> None:
        if self._works():
            if self._waits_since == since:
                self.task_seen()
            return
        because = f": {self._reason}" if self._reason else ""
        self._stop(
            TooLongError(
                f"no task began within {in_words(self._first_task)}{because} "
                "(nothing was published: see what else runs there)"
            )
        )


def _does_not() -> bool:
    return False


@contextlib.contextmanager
def kept(watch: Watch) -> Iterator[Watch]:
    """Have a watch look at the clock as long as the block takes."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_TICK_SECONDS):
            watch.look()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
