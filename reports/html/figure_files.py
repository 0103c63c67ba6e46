"""The files of the figures, and the figures for the page."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce.errors import InternalError
from gafreduce.reports.figures import style
from gafreduce.reports.html.page import FigureView, TableView

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from matplotlib.figure import Figure

#: Forked: the child has the figure as it is, and needs no import.
_FORKED = multiprocessing.get_context("fork")


class DrawingError(InternalError):
    """A figure could not be drawn."""


class Drawer:
    """Keeps figures as files, and gives them to the page.

    The page holds the SVG. The PNG beside it takes longer to draw and is needed by nobody yet: a
    process of its own draws several meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        """Draw into a folder, which is made."""
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._undrawn: list[tuple[str, Figure]] = []
        self._beside: list[ForkProcess] = []
        self._names: set[str] = set()

    def view(
        self, name: str, figure: Figure, caption: str, finding: str, table: TableView
    ) -> FigureView:
        """Save a figure, and return it with its words and numbers."""
        self._undrawn.append((name, figure))
        self._names.add(name)
        style.save_svg(figure, self._folder, name)
        svg = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
        return FigureView(name, caption, finding, svg, table)

    def draw_beside(self) -> None:
        """Begin to draw the PNGs of the figures so far."""
        if self._undrawn:
            gc.freeze()  # or the collector would touch, and so copy, all that the child inherits
            beside = _FORKED.Process(target=self._draw, args=(tuple(self._undrawn),))
            beside.start()
            self._beside.append(beside)
            self._undrawn.clear()

    def _draw(self, figures: Iterable[tuple[str, Figure]]) -> None:
        for name, figure in figures:
            style.save_png(figure, self._folder, name)

    def wait(self) -> None:
        """Wait until every file is there; those of an earlier page that it lacks go.

        Raises:
            DrawingError: One could not be drawn.
        """
        self.draw_beside()
        for beside in self._beside:
            beside.join()
        failed = any(beside.exitcode for beside in self._beside)
        self._beside.clear()
        if failed:
            raise DrawingError(f"{self._folder}: expected every figure to be drawn, one was not")
        for path in self._folder.iterdir():
            if path.stem not in self._names:
                path.unlink()
