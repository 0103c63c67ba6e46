"""The process that draws progress: `python -m gafreduce.terminal.progress_display`.

It reads messages, a JSON object on each line, from standard input, draws one line on standard error
five times a second, and clears it at the end of input. It is a process of its own because tasks are
forked from the command, which must have no threads, and because it goes on while the command waits.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time

from gafreduce.system import host
from gafreduce.terminal.progress_line import ProgressLine

_SECONDS = 0.2
_CLEAR = "\r\x1b[K"


def main() -> int:
    """Draw until the end of input; return the exit code."""
    for name in ("SIGINT", "SIGQUIT", "SIGBREAK"):  # of the terminal: they end the command
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    host.enable_terminal_styles()
    received: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_receive, args=(received,), daemon=True).start()
    line = ProgressLine(time.monotonic())
    rest = b""
    try:
        while True:
            with contextlib.suppress(queue.Empty):
                found = received.get(timeout=_SECONDS)
                if not found:
                    break
                *whole, rest = (rest + found).split(b"\n")
                for each in map(json.loads, whole):
                    line.update(each, time.monotonic())
                    if "print" in each:
                        _write(_CLEAR + each["print"])
            _write(_CLEAR + line.render(time.monotonic(), _get_width()))
    finally:
        _write(_CLEAR)
    return 0


def _receive(received: queue.Queue[bytes]) -> None:
    """Put what is read from standard input into a queue; at its end, empty bytes."""
    found = b"-"
    while found:
        found = os.read(sys.stdin.fileno(), 1 << 16)
        received.put(found)


def _get_width() -> int:
    """Return the width of the terminal, which may change."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80


def _write(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal is closed
        sys.stderr.write(text)
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
