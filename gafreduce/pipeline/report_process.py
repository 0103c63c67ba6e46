"""The process that makes statistics, figures and page; it imports its libraries during the job."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gafreduce import processes
from gafreduce.child_process import communicate, start_python
from gafreduce.errors import GafreduceError, read_error_line
from gafreduce.system import host

_DESCRIPTION = "makes the report"

log = logging.getLogger(__name__)


class ReportError(GafreduceError):
    """The report could not be made.

    Args:
        message: Of the process, or how it ended.
        code: The exit code that this command ends with.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(f"the report failed: {message}")
        self.exit_code = code


class ReportProcess:
    """A process that has imported the libraries of the report and waits for tables."""

    def __init__(self, module: str = "gafreduce.reports.worker") -> None:
        """Begin without a process.

        Args:
            module: The program that it runs.
        """
        self._module = module
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        if self._started is None:
            self.start()
        assert self._started is not None
        return self._started

    def start(self) -> None:
        """Start the process before it is needed, so that it imports its libraries during the job.

        It takes some 200 MB from then on: this is for small inputs, whose job takes less.
        """
        self._started = start_python(
            self._module,
            cwd=tempfile.gettempdir(),  # Matplotlib reads a matplotlibrc of the working folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def begin(
        self,
        run_dir: Path,
        term_file: Path,
        components_files: tuple[Path | None, Path | None],
        slim: Sequence[str],
        scratch: Path,
    ) -> Path | None:
        """Begin the report of a run folder with tables.

        Args:
            run_dir: The run folder.
            term_file: The term file of the run.
            components_files: The files of components and of orthologs.
            slim: Ids of the terms of a subset of GO.
            scratch: A temporary folder.

        Returns:
            The request for the context job, which finds the lines that statistics need; None when
            they need no lines.

        Raises:
            ReportError: The process failed; the message is its last line.
        """
        return self.request(components_files, slim, scratch, run_dir=run_dir, term_file=term_file)

    def request(
        self,
        components_files: tuple[Path | None, Path | None],
        slim: Sequence[str],
        scratch: Path,
        **more: Path | int | None,
    ) -> Path | None:
        """Begin a report; `more` are values of the first message. See `begin`."""
        components, orthologs = components_files
        self._send(
            scratch=str(scratch),
            components=_text(components),
            orthologs=_text(orthologs),
            slim=list(slim),
            **{
                name: str(value.resolve()) if isinstance(value, Path) else value
                for name, value in more.items()
            },
        )
        assert self._process.stdout is not None
        while not host.wait_for_input(self._process.stdout, processes.TICK_SECONDS):
            processes.warn_if_stopped(self._process.pid, _DESCRIPTION)
        answer = self._process.stdout.readline()
        if not answer:
            self._end()
        path = json.loads(answer)
        return Path(path) if path else None

    def finish(self, context: Sequence[Path]) -> None:
        """Make statistics, figures and page.

        Args:
            context: The part files of the context job.

        Raises:
            ReportError: The process failed; the message is its last line.
        """
        self._send(context=list(map(str, context)))
        gc.collect()  # now: half of this process's memory are objects of the jobs
        self._end()

    def _send(self, **message: Any) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: its last line says why
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _end(self) -> None:
        """Wait for the end of the process.

        Raises:
            ReportError: It failed.
        """
        _, errors = communicate(self._process, _DESCRIPTION, _Warnings().show)
        if self._process.returncode:
            text = errors.decode(errors="replace").strip()
            log.debug("the report's process ended with %d:\n%s", self._process.returncode, text)
            raise ReportError(*read_error_line(text, self._process.returncode))

    def close(self) -> None:
        """End the process if it still runs."""
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


class _Warnings:
    """The warnings that the process prints; each is shown once."""

    def __init__(self) -> None:
        self._n_shown = 0

    def show(self, output: bytes) -> None:
        """Log the warnings that are new in the output of the process up to now."""
        lines = output.split(b"\n")[:-1]
        for line in lines[self._n_shown :]:
            log.warning("%s", json.loads(line)["warning"])
        self._n_shown = len(lines)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


@contextlib.contextmanager
def open_report_process(module: str = "gafreduce.reports.worker") -> Iterator[ReportProcess]:
    """Give a report process, which is not started yet; it is ended with the block.

    Args:
        module: The program that it runs.
    """
    process = ReportProcess(module)
    try:
        yield process
    finally:
        process.close()
