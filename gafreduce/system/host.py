"""Properties of the system: cores, streams that can be waited for, and the console."""

from __future__ import annotations

import os
import select
import sys
from typing import IO, Any

#: Whether this is Windows: no fork, no signals but those of a console, other rules for open files.
IS_WINDOWS = sys.platform == "win32"


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def wait_for_input(stream: IO[Any], seconds: float) -> bool:
    """Wait until a stream can be read, at most for some seconds; return whether it can.

    Windows waits for no pipe: there reading it waits.
    """
    return IS_WINDOWS or bool(select.select([stream], [], [], seconds)[0])


def enable_terminal_styles() -> None:
    """Let the console of Windows understand ANSI's control sequences, as terminals do."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        for number in (-11, -12):  # standard output and standard error
            mode = ctypes.c_uint32()
            handle = kernel.GetStdHandle(number)
            if kernel.GetConsoleMode(handle, ctypes.byref(mode)):
                kernel.SetConsoleMode(handle, mode.value | 4)  # ENABLE_VIRTUAL_TERMINAL_PROCESSING
