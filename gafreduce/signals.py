"""Interrupts of a command: Ctrl-C, a signal, or another thread that has a reason to end the run.

The exception is raised in the main thread when the signal arrives, and again by `raise_pending`:
Python drops an exception that a signal raises inside a destructor or a hook of `fork` ("Exception
ignored in ..."), and the run would continue. While the exception propagates, further signals are
ignored, so that cleaning up comes to its end. A signal that the parent process ignores stays
ignored: `nohup` ignores SIGHUP.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from gafreduce.errors import Terminated

if sys.platform == "win32":
    #: SIGBREAK: Ctrl-Break, and the window is closed.
    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
    #: The signal of `interrupt_main`.
    _OWN = signal.SIGBREAK
else:
    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    _OWN = signal.SIGALRM


class _Interrupt:
    """The pending interrupt of this process: signal handlers belong to the process, too."""

    def __init__(self) -> None:
        self.reason: BaseException | None = None
        self.is_handled = False
        self.is_held_back = False
        self.has_published = False
        self.is_over = False


_interrupt = _Interrupt()


@contextlib.contextmanager
def handle_signals() -> Iterator[None]:
    """Handle interrupts in this block; afterwards the previous handlers are restored.

    A block within another one changes nothing.
    """
    if _interrupt.is_handled:
        yield
        return
    _interrupt.__init__()  # type: ignore[misc]
    before = {_OWN: signal.signal(_OWN, _handle)}
    for number in _SIGNALS:
        if number != _OWN and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, _handle)
    show = sys.unraisablehook

    def show_others(dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_value is not _interrupt.reason:  # which is raised again
            show(dropped)

    sys.unraisablehook = show_others
    _interrupt.is_handled = True
    try:
        yield
    finally:
        _interrupt.is_handled = False
        sys.unraisablehook = show
        for each, handler in before.items():
            signal.signal(each, handler)


def hold_back() -> None:
    """Hold interrupts back until `resume`: what follows is done as a whole, in milliseconds."""
    _interrupt.is_held_back = True


def resume() -> None:
    """Raise an interrupt that was held back, if any, and each later one when it arrives."""
    _interrupt.is_held_back = False
    raise_pending()


def mark_published() -> None:
    """Note that the command has published its results: an interrupt does not undo that."""
    _interrupt.has_published = True


def has_published() -> bool:
    """Return whether the command has published its results."""
    return _interrupt.has_published


def ignore_further() -> None:
    """Ignore all interrupts from now on: the process ends."""
    _interrupt.is_over = True


def interrupt_main(reason: BaseException) -> None:
    """Raise an exception in the main thread, from any thread. Only the first reason counts."""
    if _interrupt.is_handled and _interrupt.reason is None:
        _interrupt.reason = reason
        if sys.platform == "win32":
            _thread.interrupt_main(_OWN)
        else:
            os.kill(os.getpid(), _OWN)


def _handle(number: int, frame: object) -> None:
    if _interrupt.is_over:
        return
    if _interrupt.reason is None:
        is_interrupt = number in (signal.SIGINT, _OWN)
        _interrupt.reason = KeyboardInterrupt() if is_interrupt else Terminated(number)
    elif _is_propagating():
        return
    raise_pending()


def _is_propagating() -> bool:
    """Return whether the interrupt is being handled now, so that it was not dropped."""
    error = sys.exception()
    while error is not None and error is not _interrupt.reason:
        error = error.__context__
    return error is not None


def raise_pending() -> None:
    """Raise the pending interrupt, if any; not while interrupts are held back."""
    if _interrupt.reason is not None and not _interrupt.is_held_back:
        raise _interrupt.reason
