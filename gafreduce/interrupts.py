"""What ends a run from outside: Ctrl-C, SIGTERM, or another thread that has a reason.

All is raised in the main thread where it arrives, and again where it cannot be lost: Python drops
an exception that a signal raises inside a destructor or a hook of `fork` ("Exception ignored in
..."), and the run would go on as if nobody had asked it to end.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)

_reason: BaseException | None = None
_is_heard = False


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Hear what ends a run in this block; the handlers before it are put back."""
    global _reason, _is_heard
    _reason = None
    before = {number: signal.signal(number, _hear) for number in _SIGNALS}
    _is_heard = True
    try:
        yield
    finally:
        _is_heard = False
        for number, handler in before.items():
            signal.signal(number, handler)


def stop(reason: BaseException) -> None:
    """Raise an exception in the main thread; for other threads. The first reason counts."""
    global _reason
    if _is_heard and _reason is None:
        _reason = reason
        os.kill(os.getpid(), signal.SIGALRM)


def _hear(number: int, frame: object) -> NoReturn:
    global _reason
    if _reason is None:
        _reason = KeyboardInterrupt()
    raise _reason


def check() -> None:
    """Raise what came meanwhile."""
    if _reason is not None:
        raise _reason
