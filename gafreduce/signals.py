"""Interrupts of a command: Ctrl-C, SIGTERM, or another thread that has a reason to end the run.

The exception is raised in the main thread when the signal arrives, and again by `raise_pending`:
Python drops an exception that a signal raises inside a destructor or a hook of `fork` ("Exception
ignored in ..."), and the run would continue. While the exception propagates, further signals are
ignored, so that cleaning up comes to its end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from gafreduce.errors import Terminated

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


class _Interrupt:
    """The pending interrupt of this process: signal handlers belong to the process, too."""

    def __init__(self) -> None:
        self.reason: BaseException | None = None
        self.is_handled = False


_interrupt = _Interrupt()


@contextlib.contextmanager
def handle_signals() -> Iterator[None]:
    """Handle interrupts in this block; afterwards the previous handlers are restored."""
    _interrupt.reason = None
    before = {number: signal.signal(number, _handle) for number in _SIGNALS}
    _interrupt.is_handled = True
    try:
        yield
    finally:
        _interrupt.is_handled = False
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt_main(reason: BaseException) -> None:
    """Raise an exception in the main thread, from any thread. Only the first reason counts."""
    if _interrupt.is_handled and _interrupt.reason is None:
        _interrupt.reason = reason
        os.kill(os.getpid(), signal.SIGALRM)


def _handle(number: int, frame: object) -> None:
    if _interrupt.reason is None:
        _interrupt.reason = Terminated() if number == signal.SIGTERM else KeyboardInterrupt()
    elif _is_propagating():
        return
    raise _interrupt.reason


def _is_propagating() -> bool:
    """Return whether the interrupt is being handled now, so that it was not dropped."""
    error = sys.exception()
    while error is not None and error is not _interrupt.reason:
        error = error.__context__
    return error is not None


def raise_pending() -> None:
    """Raise the pending interrupt, if any."""
    if _interrupt.reason is not None:
        raise _interrupt.reason
