"""The progress of a command on a terminal, in one line; nothing is shown elsewhere."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from gafreduce.child_process import start_python

#: Counts are sent at most this often.
_SECONDS = 0.1
#: The process that draws gets so long to clear the line.
_END_SECONDS = 2.0
#: Bytes that are written to a pipe as a whole, where the system does not say.
_PIPE_BYTES = 512


class Progress:
    """The progress of a command. This class shows nothing."""

    def plan(self, phases: Sequence[str], stored: int, text: int) -> None:
        """Set the phases and the bytes of the inputs.

        Args:
            phases: Names of `progress_line.PHASES`.
            stored: Bytes of the inputs, which each phase that reads them reads once.
            text: Bytes of the inputs when decompressed.
        """

    def begin(self, phase: str) -> None:
        """Begin a phase."""

    def count_tasks(self, done: int, total: int) -> None:
        """Set how many tasks of the phase are done."""

    def count_bytes(self, n_bytes: int) -> None:
        """Set how many bytes were read in all phases."""


class _ShownProgress(Progress):
    """Sends the progress to the process that draws it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        self._descriptor = process.stdin.fileno()
        if hasattr(os, "set_blocking"):  # Windows: since Python 3.12
            os.set_blocking(self._descriptor, False)
        self._last_count = 0.0

    def plan(self, phases: Sequence[str], stored: int, text: int) -> None:
        self.send(phases=list(phases), stored=stored, text=text)

    def begin(self, phase: str) -> None:
        self.send(phase=phase)
        self._last_count = 0.0

    def count_tasks(self, done: int, total: int) -> None:
        self.send(done=done, total=total)

    def count_bytes(self, n_bytes: int) -> None:
        now = time.monotonic()
        if now - self._last_count > _SECONDS:
            self._last_count = now
            self.send(bytes=n_bytes)

    def send(self, **message: Any) -> bool:
        """Send a message; return whether it was taken."""
        line = json.dumps(message).encode() + b"\n"
        if len(line) > getattr(
            select, "PIPE_BUF", _PIPE_BYTES
        ):  # a longer one might be taken in part
            return False
        try:
            os.write(self._descriptor, line)
        except OSError:  # it does not read, or has ended: that must not stop the command
            return False
        return True


class _Messages:
    """A text stream for log messages, which are printed above the line."""

    def __init__(self, shown: _ShownProgress) -> None:
        self._shown = shown

    def write(self, text: str) -> int:
        """Print a text."""
        if not self._shown.send(print=text):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Do nothing: every text is sent at once."""


@contextlib.contextmanager
def show_progress(quiet: bool) -> Iterator[Progress]:
    """Give the progress of a command, shown on standard error if that is a terminal."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Progress()
        return
    process = start_python("gafreduce.terminal.progress_display", stdin=subprocess.PIPE)
    shown = _ShownProgress(process)
    handlers = [
        each
        for each in logging.getLogger().handlers
        if isinstance(each, logging.StreamHandler) and each.stream is sys.stderr
    ]
    for handler in handlers:
        handler.setStream(_Messages(shown))
    try:
        yield shown
    finally:
        for handler in handlers:
            handler.setStream(sys.stderr)
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:  # it was stopped
            process.kill()
            process.wait()
