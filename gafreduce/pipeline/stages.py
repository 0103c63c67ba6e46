"""The stages of a run: their progress and their durations."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from gafreduce import signals
from gafreduce.terminal.progress import Progress


class Stages:
    """Reports the stage that runs, and keeps how long each took."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Report and time a stage.

        Raises:
            KeyboardInterrupt: An interrupt is pending.
        """
        signals.raise_pending()
        self.progress.begin(name)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)

    def count_tasks(self, done: int, total: int) -> None:
        """Report how many tasks of the stage are done.

        Raises:
            KeyboardInterrupt: An interrupt is pending.
        """
        signals.raise_pending()
        self.progress.count_tasks(done, total)
