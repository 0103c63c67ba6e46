"""Write the files of the figures, and make their views for the page."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce import processes, startup
from gafreduce.errors import InternalError
from gafreduce.reports.figures import style
from gafreduce.reports.html.page import FigureView, TableView

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from matplotlib.figure import Figure

#: A forked child process inherits the figures and needs no import.
_FORK = multiprocessing.get_context("fork")


class DrawingError(InternalError):
    """A figure could not be drawn."""


class FigureWriter:
    """Writes figures as SVG and PNG files.

    The page contains the SVG. PNGs take longer to draw and the page does not need them, so a
    child process draws several of them in the background.
    """

    def __init__(self, folder: Path) -> None:
        """Write into `folder`, which is created if it is missing."""
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._pending: list[tuple[str, Figure]] = []
        self._processes: list[ForkProcess] = []
        self._names: set[str] = set()

    def write(
        self, name: str, figure: Figure, caption: str, finding: str, table: TableView
    ) -> FigureView:
        """Write a figure as SVG, and return it with its texts and numbers."""
        self._pending.append((name, figure))
        self._names.add(name)
        style.save_svg(figure, self._folder, name)
        svg = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
        return FigureView(name, caption, finding, svg, table)

    def start_drawing(self) -> None:
        """Start a process that draws the PNGs of the figures written since the last call."""
        if self._pending:
            startup.freeze_objects()
            processes.open_lifeline()
            process = _FORK.Process(target=self._draw, args=(tuple(self._pending),))
            process.start()
            self._processes.append(process)
            self._pending.clear()

    def _draw(self, figures: Iterable[tuple[str, Figure]]) -> None:
        processes.join_lifeline()
        for name, figure in figures:
            style.save_png(figure, self._folder, name)

    def finish(self) -> None:
        """Wait for all PNGs, and delete figures of an earlier page that this one lacks.

        Raises:
            DrawingError: A figure could not be drawn.
        """
        self.start_drawing()
        for process in self._processes:
            process.join()
        has_failed = any(process.exitcode for process in self._processes)
        self._processes.clear()
        if has_failed:
            raise DrawingError(f"{self._folder}: expected to draw every figure, one failed")
        for path in self._folder.iterdir():
            if path.stem not in self._names:
                path.unlink()
