"""Making the figures and the page of a run folder, from its tables and its record alone.

python -m reports.render RUN_DIR
python -m reports.render --wait      imports first, then reads the run folder from standard input
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from reports import sections, sections_statistics
from reports.page import Page
from reports.page import render as render_page
from reports.run_tables import RunTables
from reports.sections import Drawer

FIGURES = "figures"
PAGE = "report.html"


def render(run_dir: Path) -> Path:
    """Write the figures and the page of a run folder; return the page's path.

    Raises:
        TableError: A table is missing or damaged.
    """
    tables = RunTables(run_dir)
    drawer = Drawer(run_dir / FIGURES)
    parts = (
        sections.organisms(tables, drawer),
        sections.evidence(tables, drawer),
        sections.shared(tables, drawer),
        *sections_statistics.similarity(tables, drawer),
        sections.gene_products(tables),
        *sections_statistics.robustness(tables, drawer),
        *sections_statistics.machinery(tables, drawer),
        *sections_statistics.comparisons(tables),
        sections.quality(tables),
        sections.method(tables),
    )
    page = Page(
        answer=tables.answer,
        statements=tuple(sections_statistics.statements(tables)),
        record=tables.record,
        sections=parts,
        incomplete=tuple(found.organism for found in tables.answer.organisms if not found.complete),
        downloads=_downloads(run_dir),
    )
    return _write(run_dir / PAGE, render_page(page))


def _write(path: Path, text: str) -> Path:
    """Write a file all at once."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    return part.replace(path)


def _downloads(run_dir: Path) -> tuple[str, ...]:
    return tuple(
        str(path.relative_to(run_dir))
        for folder in ("tables", FIGURES)
        for path in sorted((run_dir / folder).iterdir())
    )


def main(arguments: Sequence[str]) -> int:
    """Render the run folder that is named, or that standard input names; return the exit code."""
    waiting = list(arguments) == ["--wait"]
    if waiting:
        import_heavy()
    run_dir = sys.stdin.readline().rstrip("\n") if waiting else arguments[0]
    if not run_dir:
        return 0
    try:
        render(Path(run_dir))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def import_heavy() -> None:
    """Import what drawing imports only when it draws."""
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.collections
    import matplotlib.legend  # noqa: F401


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
