"""Making the figures and the page of a run folder, from its tables and its record alone.

python -m gafreduce.reports.html.render RUN_DIR
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gafreduce.errors import GafreduceError, exit_code
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.html import core_sections, sets_sections, statistics_sections
from gafreduce.reports.html.figure_files import Drawer
from gafreduce.reports.html.page import Page
from gafreduce.reports.html.page import render as render_page
from gafreduce.reports.summary.run_tables import RunTables


def render(folder: RunFolder) -> Path:
    """Write the figures and the page of a run folder; return the page's path.

    Raises:
        TableError: A table is missing or damaged.
    """
    return Rendering(folder).finish()


class Rendering:
    """A page in two steps: what needs no statistics is drawn while they are being made."""

    def __init__(self, folder: RunFolder) -> None:
        """Draw what the tables of the main job show.

        Raises:
            TableError: A table is missing or damaged.
        """
        self._folder = folder
        tables = self._tables = RunTables(folder)
        drawer = self._drawer = Drawer(folder.figures)
        self._rates = core_sections.rates(tables, drawer)
        self._found = (
            core_sections.evidence(tables, drawer),
            core_sections.shared(tables, drawer),
        )
        drawer.draw_beside()
        self._rows = (core_sections.gene_products(tables), core_sections.terms(tables))

    def finish(self) -> Path:
        """Write the page with the statistics that are there by now; return its path.

        Raises:
            TableError: A table is missing or damaged.
        """
        tables, drawer = self._tables, self._drawer
        similarity = statistics_sections.similarity(tables, drawer)
        robustness = statistics_sections.robustness(tables, drawer)
        machinery = statistics_sections.machinery(tables, drawer)
        drawer.draw_beside()
        parts = (
            core_sections.organisms(tables, self._rates),
            *self._found,
            *sets_sections.sets(tables),
            *similarity,
            *self._rows,
            *robustness,
            *machinery,
            *statistics_sections.comparisons(tables),
            core_sections.quality(tables),
            core_sections.method(tables),
        )
        drawer.wait()
        organisms = tables.answer.organisms
        page = Page(
            answer=tables.answer,
            statements=tuple(statistics_sections.statements(tables)),
            record=tables.record,
            sections=parts,
            incomplete=tuple(found.organism for found in organisms if not found.complete),
            downloads=tuple(self._folder.list_downloads()),
        )
        return _write(self._folder.page, render_page(page))


def _write(path: Path, text: str) -> Path:
    """Write a file all at once."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    return part.replace(path)


def main(arguments: Sequence[str]) -> int:
    """Render the run folder that is named; return the exit code."""
    try:
        render(RunFolder(Path(arguments[0])))
    except (GafreduceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return exit_code(error)
    return 0


def import_heavy() -> None:
    """Import what drawing imports only when it draws."""
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.collections
    import matplotlib.legend  # noqa: F401


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
