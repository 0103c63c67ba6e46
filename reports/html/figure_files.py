"""Write the files of the figures, and make their views for the page."""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gafreduce import processes, startup
from gafreduce.errors import InternalError
from gafreduce.publishing.run_folder import FIGURES, RunFolder
from gafreduce.reports.figures import style
from gafreduce.reports.html.page import FigureView, TableView

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from matplotlib.figure import Figure

#: A forked child process inherits the figures and needs no import.
_FORK = multiprocessing.get_context("fork")


_SUFFIXES = ("svg", "png")


class FigureWriter:
    """Writes figures as SVG and PNG files.

    The page contains the SVG. PNGs take longer to draw and the page does not need them, so a
    child process draws several of them in the background.
    """

    def __init__(self, folder: RunFolder) -> None:
        """Write into the folder of figures of a run folder; it is made if it is missing."""
        folder.figures.mkdir(exist_ok=True)
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
        drawn = io.BytesIO()
        style.save_svg(figure, drawn)
        with self._folder.replace(_get_path(name, "svg")) as stream:
            stream.write(drawn.getbuffer())
        return FigureView(name, caption, finding, drawn.getvalue().decode(), table)

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
        try:
            processes.join_lifeline()
            for name, figure in figures:
                with self._folder.replace(_get_path(name, "png")) as stream:
                    style.save_png(figure, stream)
        except KeyboardInterrupt:  # the parent received the signal too, and reports it
            raise SystemExit(1) from None

    def finish(self) -> None:
        """Wait for all PNGs, and remove figures of an earlier page that this one lacks.

        Raises:
            InternalError: A figure could not be drawn.
        """
        self.start_drawing()
        for process in self._processes:
            process.join()
        has_failed = any(process.exitcode for process in self._processes)
        self._processes.clear()
        if has_failed:
            raise InternalError(
                f"{self._folder.figures}: expected to draw every figure, one failed"
            )
        self._folder.remove_figures(self.list_removed())

    def list_files(self) -> list[str]:
        """Return the paths of all files that are written, relative to the run folder."""
        return [_get_path(name, suffix) for name in sorted(self._names) for suffix in _SUFFIXES]

    def list_removed(self) -> list[str]:
        """Return the paths of the figures that only the manifest names."""
        made = {*self.list_files()}
        return [name for name in self._folder.list_named_figures() if name not in made]


def _get_path(name: str, suffix: str) -> str:
    return f"{FIGURES}/{name}.{suffix}"
