"""The stages of a run: their progress and their durations."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from gafreduce import signals
from gafreduce.execution import job
from gafreduce.terminal.progress import ReportProgress


class Stages:
    """Reports the stage that runs, and keeps how long each took."""

    def __init__(self, report: ReportProgress) -> None:
        self._report = report
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Report and time a stage.

        Raises:
            KeyboardInterrupt: An interrupt is pending.
        """
        signals.raise_pending()
        self._report(name, 0, 1)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)
        self._report(name, 1, 1)

    def track(self, name: str) -> job.Progress:
        """Return a function that reports how many tasks of a stage are done."""

        def report(done: int, total: int) -> None:
            signals.raise_pending()
            self._report(name, done, total)

        return report
