"""Count the bytes that tasks read on this machine, while they read them.

Forked tasks count in memory that they share with their parent. Nothing is counted until a meter is
opened, and never in a task of a cluster.
"""

from __future__ import annotations

import contextlib
import mmap
from typing import Callable, Iterator, Optional

#: How often a process that waits for tasks reports what they read.
REPORT_SECONDS = 0.2
#: Counts in the shared memory: the first is of the parent.
_N_COUNTS = 256


class _Meter:
    """The meter of this process."""

    counts: Optional[memoryview] = None  # of bytes, one for each process that reads
    own = 0  # the position of the count of this process
    report: Optional[Callable[[int], None]] = None


@contextlib.contextmanager
def open_meter(report: Callable[[int], None]) -> Iterator[None]:
    """Count what this process and the processes that it forks read, while the block runs.

    Args:
        report: Called with the number of bytes that were read in all blocks of this process.
    """
    if _Meter.counts is None:
        _Meter.counts = memoryview(mmap.mmap(-1, 8 * _N_COUNTS)).cast("Q")
    _Meter.report = report
    try:
        yield
        report_total()
    finally:
        _Meter.report = None


def is_open() -> bool:
    """Return whether this process reports what is read."""
    return _Meter.report is not None


def count(n_bytes: int) -> None:
    """Count bytes that were read."""
    if _Meter.counts is not None:
        _Meter.counts[_Meter.own] += n_bytes
        report_total()


def report_total() -> None:
    """Report the number of bytes that were read, if a meter is open."""
    if _Meter.counts is not None and _Meter.report is not None:
        _Meter.report(sum(_Meter.counts))


def set_count(number: int, n_bytes: int) -> None:
    """Set what another process has read, and report the total.

    Args:
        number: Of the process, from 0.
        n_bytes: Since it started.
    """
    if _Meter.counts is not None:
        _Meter.counts[1 + number % (_N_COUNTS - 1)] = n_bytes
        report_total()


def join_meter(number: int) -> None:
    """Count for the parent from now on; call it in a forked process.

    Args:
        number: Of the process, from 0; other processes have other numbers.
    """
    _Meter.own = 1 + number % (_N_COUNTS - 1)
    _Meter.report = None
