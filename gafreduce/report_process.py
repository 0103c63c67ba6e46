"""The page is made in a process of its own: its imports run beside the job, not after it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


class ReportError(ValueError):
    """The page could not be made."""


class ReportProcess:
    """A process that has what a page needs, and waits for tables."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reports.render", "--wait"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def render(self, run_dir: Path) -> None:
        """Make the page and the figures of a run folder.

        Raises:
            ReportError: It could not be made; the message is the process's last word.
        """
        _, errors = self._process.communicate(f"{run_dir.resolve()}\n".encode())
        if self._process.returncode:
            lines = errors.decode(errors="replace").strip().splitlines()
            raise ReportError(f"the report failed: {lines[-1] if lines else 'no message'}")

    def close(self) -> None:
        """End the process when it still waits."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


@contextlib.contextmanager
def ready() -> Iterator[ReportProcess]:
    """Give a report process; it ends with the block, whatever happens."""
    process = ReportProcess()
    try:
        yield process
    finally:
        process.close()
