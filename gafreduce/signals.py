"""What ends a run from outside: Ctrl-C, SIGTERM, or another thread that has a reason.

All is raised in the main thread where it arrives, and again where it cannot be lost: Python drops
an exception that a signal raises inside a destructor or a hook of `fork` ("Exception ignored in
..."), and the run would go on as if nobody had asked it to end. Once it is on its way out, another
signal changes nothing: what cleans up comes to its end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

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


def _hear(number: int, frame: object) -> None:
    global _reason
    if _reason is None:
        _reason = KeyboardInterrupt()
    elif _is_on_its_way():
        return
    raise _reason


def _is_on_its_way() -> bool:
    """Tell whether the code that runs now does so because of the reason: it was not dropped."""
    error = sys.exception()
    while error is not None and error is not _reason:
        error = error.__context__
    return error is not None


def check() -> None:
    """Raise what came meanwhile."""
    if _reason is not None:
        raise _reason
