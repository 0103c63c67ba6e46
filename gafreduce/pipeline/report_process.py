"""The page is made in a process of its own: its imports run beside the job, not after it."""

from __future__ import annotations

import contextlib
import gc
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gafreduce.child_process import make_python_command
from gafreduce.errors import TransientError


class ReportError(TransientError):
    """The page could not be made."""


class MachineryFiles(NamedTuple):
    """The user's files of what is looked for besides the target."""

    components: Path | None = None
    orthologs: Path | None = None


class ReportProcess:
    """A process that has what statistics and a page need, and waits for tables."""

    def __init__(self) -> None:
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        if self._started is None:
            self.start()
        assert self._started is not None
        return self._started

    def start(self) -> None:
        """Start it, so that it imports what it needs while the job runs; else it starts when asked.

        It takes some 200 MB from then on: that is for small inputs, whose job takes less.
        """
        self._started = subprocess.Popen(
            make_python_command("gafreduce.reports.worker"),
            cwd=tempfile.gettempdir(),  # Matplotlib reads a matplotlibrc of the working folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def begin(
        self, run_dir: Path, term_file: Path, machinery: MachineryFiles, scratch: Path
    ) -> Path | None:
        """Name the run folder, whose tables are there; figures are begun.

        Args:
            run_dir: The run folder.
            term_file: Of the run.
            machinery: Files of the command line.
            scratch: A folder of the run's own.

        Returns:
            The request of the job that brings what the statistics need besides; None for no job.

        Raises:
            ReportError: It failed; the message is the process's last word.
        """
        self._tell(
            run_dir=str(run_dir.resolve()),
            term_file=str(term_file),
            scratch=str(scratch),
            components=_text(machinery.components),
            orthologs=_text(machinery.orthologs),
        )
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            self._end()
        path = json.loads(answer)
        return Path(path) if path else None

    def finish(self, context: Sequence[Path]) -> None:
        """Make statistics, figures and page.

        Args:
            context: Part files of the job that was asked for.

        Raises:
            ReportError: It failed; the message is the process's last word.
        """
        self._tell(context=list(map(str, context)))
        gc.collect()  # while it works: what the jobs left in this process is half of its memory
        self._end()

    def _tell(self, **said: Any) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: its last word says why
            self._process.stdin.write(json.dumps(said).encode() + b"\n")
            self._process.stdin.flush()

    def _end(self) -> None:
        """Wait for the end, which is an error unless all went well."""
        _, errors = self._process.communicate()
        if self._process.returncode:
            lines = errors.decode(errors="replace").strip().splitlines()
            raise ReportError(f"the report failed: {lines[-1] if lines else 'no message'}")

    def close(self) -> None:
        """End the process when it still waits."""
        process = self._started
        if process is None:
            return
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


@contextlib.contextmanager
def ready() -> Iterator[ReportProcess]:
    """Give a report process, not started yet; it ends with the block, whatever happens."""
    process = ReportProcess()
    try:
        yield process
    finally:
        process.close()
