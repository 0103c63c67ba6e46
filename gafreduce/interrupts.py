"""Ctrl-C and SIGTERM: raised where they arrive, and again where they cannot be lost.

Python drops an exception that a signal raises inside a destructor or a hook of `fork` ("Exception
ignored in ..."): the run would go on as if nobody had asked it to end.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import NoReturn

_asked = False


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Hear both signals in this block; the handlers before it are put back."""
    global _asked
    _asked = False
    before = {number: signal.signal(number, _hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hear(*_: object) -> NoReturn:
    global _asked
    _asked = True
    raise KeyboardInterrupt


def check() -> None:
    """Raise KeyboardInterrupt when one of the signals came."""
    if _asked:
        raise KeyboardInterrupt
