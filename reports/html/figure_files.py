"""Write the files of the figures, and make their views for the page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from gafreduce import startup
from gafreduce.jobs.runners.process_pool import ProcessPool, TaskError
from gafreduce.publishing.run_folder import FIGURE_FORMATS, FIGURE_WIDTH, FIGURES, RunFolder
from gafreduce.reports.figures import style
from gafreduce.reports.figures.canvas import Canvas, Drawing
from gafreduce.reports.figures.names import join_styled
from gafreduce.reports.html.page import FigureView, TableView

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SAVERS: dict[str, Callable[[Figure, BinaryIO], None]] = {
    "svg": partial(style.save_svg, outlined=True),
    "png": style.save_png,
    "pdf": style.save_pdf,
}


#: The SVG of figures, and the folder that has their files, by name.
KnownFigures = dict[str, tuple[str, RunFolder]]


class FigureWriter:
    """Writes figures as SVG, PNG and PDF files.

    The page contains an SVG with text. The files take longer to draw and the page does not need
    them, so a forked process, which inherits the figures, draws several of them in the background.
    """

    def __init__(
        self,
        folder: RunFolder,
        names: Sequence[str] = (),
        width: float = FIGURE_WIDTH,
        formats: Sequence[str] = FIGURE_FORMATS,
        known: KnownFigures | None = None,
    ) -> None:
        """Write into the folder of figures of a run folder; it is made if it is missing.

        Args:
            folder: The run folder.
            names: Names of organisms, which are styled in titles.
            width: Width of the figures in mm.
            formats: Kinds of files.
            known: Figures of other run folders: files of an equal one are copied. Grows by those
                of this folder.
        """
        self._known = known
        folder.figures.mkdir(exist_ok=True)
        self._folder = folder
        self._organisms = list(names)
        self._width = width
        self._formats = sorted(formats)
        self._pending: list[tuple[str, Figure]] = []
        self._drawing: list[ProcessPool] = []
        self._names: set[str] = set()

    def make_canvas(self, title: str, rank: str = "") -> Canvas:
        """Return an empty figure with its title; `rank` is that of rows that are taxa."""
        return Canvas(self._width, join_styled(title, self._organisms), rank)

    def write(
        self, name: str, drawing: Drawing, caption: str, finding: str, table: TableView
    ) -> FigureView:
        """Let a figure be written, and return it for the page with its texts and numbers."""
        self._names.add(name)
        drawn = io.BytesIO()
        style.save_svg(drawing.figure, drawn)
        svg = drawn.getvalue().decode()
        if not self._copy_known(name, svg):
            self._pending.append((name, drawing.figure))
        return FigureView(name, caption, finding, svg, table, drawing.marks, drawing.head)

    def _copy_known(self, name: str, svg: str) -> bool:
        """Copy the files of an equal figure of another folder; return whether there is one."""
        if self._known is None:
            return False
        equal, folder = self._known.setdefault(name, (svg, self._folder))
        if folder == self._folder or equal != svg:
            return False
        for suffix in self._formats:
            path = _get_path(name, suffix)
            with self._folder.replace(path) as stream:
                stream.write((folder.path / path).read_bytes())
        return True

    def start_drawing(self) -> None:
        """Start a process that draws the files of the figures written since the last call."""
        if self._pending:
            startup.freeze_objects()
            task = partial(self._draw, tuple(self._pending))
            self._drawing.append(ProcessPool([task], 1, "draws figures"))
            self._pending.clear()

    def _draw(self, figures: Iterable[tuple[str, Figure]]) -> None:
        for name, figure in figures:
            for suffix in self._formats:
                with self._folder.replace(_get_path(name, suffix)) as stream:
                    _SAVERS[suffix](figure, stream)

    def finish(self) -> None:
        """Wait for all files, and remove figures of an earlier page that this one lacks.

        Raises:
            GafreduceError: A figure could not be drawn.
            OSError: A figure could not be written.
        """
        self.start_drawing()
        for drawing in self._drawing:
            with drawing:
                try:
                    for _ in drawing.run():
                        pass
                except TaskError as error:
                    raise error.__cause__ or error from None
        self._drawing.clear()
        self._folder.remove_figures(self.list_removed())

    def list_files(self) -> list[str]:
        """Return the paths of all files that are written, relative to the run folder."""
        return [_get_path(name, suffix) for name in sorted(self._names) for suffix in self._formats]

    def list_removed(self) -> list[str]:
        """Return the paths of the figures that only the manifest names."""
        made = {*self.list_files()}
        return [name for name in self._folder.list_named_figures() if name not in made]


def _get_path(name: str, suffix: str) -> str:
    return f"{FIGURES}/{name}.{suffix}"
