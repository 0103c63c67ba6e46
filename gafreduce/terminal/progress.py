"""Progress on a terminal; nothing is shown elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

#: Reports progress: (stage, tasks done, tasks in all). The first call begins the stage.
ReportProgress = Callable[[str, int, int], None]


def report_nothing(stage: str, done: int, total: int) -> None:
    """Report nothing."""


@contextlib.contextmanager
def show_progress(quiet: bool) -> Iterator[ReportProgress]:
    """Give a function that shows progress on standard error, if that is a terminal.

    The display has no thread that refreshes it, for tasks are forked from this process.
    """
    if quiet or not sys.stderr.isatty():
        yield report_nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True), transient=True, auto_refresh=False
    ) as bars:
        tasks: dict[str, object] = {}

        def report(stage: str, done: int, total: int) -> None:
            task = tasks.get(stage)
            if task is None:
                task = tasks[stage] = bars.add_task(stage, total=total)
            bars.update(task, completed=done, total=total)  # type: ignore[arg-type]
            bars.refresh()

        yield report
