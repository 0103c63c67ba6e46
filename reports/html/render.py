"""Write the figures and the page of a run folder, from its tables and its record.

python -m gafreduce.reports.html.render RUN_DIR
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from gafreduce.errors import GafreduceError, exit_code
from gafreduce.publishing.run_folder import FIGURE_FORMATS, FIGURE_WIDTH, PAGE, RunFolder
from gafreduce.reports.html import core_sections, sensitivity_section, statistics_sections
from gafreduce.reports.html.figure_files import FigureWriter, KnownFigures
from gafreduce.reports.html.first_screen import make_first_screen
from gafreduce.reports.html.organism_names import NameMarker
from gafreduce.reports.html.page import Page, Section, join_sections
from gafreduce.reports.html.store import list_organisms, make_profile, make_store
from gafreduce.reports.html.templating import render_page
from gafreduce.reports.html.term_chart import make_term_chart
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.section_notes import write_citation, write_methods


def render(folder: RunFolder) -> Path:
    """Write the figures and the page of a run folder; return the page's path.

    Raises:
        InputError: A table is missing or damaged.
    """
    return PageBuilder(folder).finish()


class PageBuilder:
    """Builds the page in two steps: figures of the main job are drawn during the statistics."""

    def __init__(
        self,
        folder: RunFolder,
        width: float | None = None,
        formats: Sequence[str] | None = None,
        known: KnownFigures | None = None,
    ) -> None:
        """Make the sections that need no statistics, and draw their figures.

        Args:
            folder: The run folder.
            width: Width of the figures in mm; None: by the options of the run, as formats are.
            formats: Kinds of files of figures.
            known: Figures of other run folders, whose files may be copied.

        Raises:
            InputError: A table is missing or damaged.
        """
        self._folder = folder
        results = self._results = RunResults(folder)
        options = results.record["options"]
        self._width = float(width or options.get("figure_width", FIGURE_WIDTH))
        figures = self._figures = FigureWriter(
            folder,
            list(results.labels.values()),
            self._width,
            formats or options.get("figure_format", FIGURE_FORMATS),
            known,
        )
        self._rates = core_sections.make_rates_figure(results, figures)
        self._evidence = core_sections.make_evidence_section(results, figures)
        self._shared = core_sections.make_shared_section(results, figures)
        figures.start_drawing()
        self._gene_products = core_sections.make_gene_products_section(results)
        self._terms = core_sections.make_terms_section(results)

    def finish(self) -> Path:
        """Write the page with the statistics, which are there by now; return its path.

        Raises:
            InputError: A table is missing or damaged.
        """
        results, figures = self._results, self._figures
        results.add_statistics()
        similarity = statistics_sections.make_similarity_sections(results, figures)
        sensitivity = sensitivity_section.make_sensitivity_sections(results, figures)
        components = statistics_sections.make_components_sections(results, figures)
        slim = statistics_sections.make_slim_sections(results, figures)
        drawn = [list(similarity), list(sensitivity), list(components), list(slim)]
        figures.start_drawing()
        sections = (
            join_sections(self._evidence, drawn[1]),
            self._gene_products,
            replace(self._shared, folded=statistics_sections.make_set_tables(results)),
            self._terms,
            join_sections(core_sections.make_organisms_section(results, self._rates), drawn[0]),
            *drawn[3],
            *drawn[2],
            *statistics_sections.make_comparisons_sections(results),
            core_sections.make_quality_section(results),
            core_sections.make_method_section(results),
        )
        figures.finish()
        page = Page(
            summary=results.summary,
            statements=tuple(statistics_sections.list_statements(results)),
            first=make_first_screen(results),
            record=results.record,
            sections=tuple(each for each in sections if each.figures or each.tables or each.lead),
            folded=tuple(view for each in sections for view in each.folded),
            downloads=tuple(self._folder.list_downloads()),
            figure_width=self._width,
            methods=write_methods(results.record, len(results.compared)),
            citation=write_citation(results.record),
            store=_make_store(results, sections),
            chart=make_term_chart(results),
            example=next(iter(results.compared), "TAXON"),
        )
        with self._folder.replace(PAGE) as stream:
            stream.write(render_page(page, NameMarker.of_run(results)).encode())
        return self._folder.page

    def list_files(self) -> tuple[list[str], list[str]]:
        """Return the paths of files that are made, and of those that are removed."""
        return [PAGE, *self._figures.list_files()], self._figures.list_removed()


def _make_store(results: RunResults, sections: Iterable[Section]) -> str:
    """Return the store with all tables of the sections, and of their figures."""
    views = [
        view
        for section in sections
        for view in (
            *section.tables,
            *section.folded,
            *(figure.table for figure in section.figures),
        )
        if view.stored
    ]
    terms = [view for view in views if view.name == "terms"]
    profile = None
    if terms and terms[0].stored:
        profile = make_profile(results, terms[0].stored)
    tables = [
        (view.name, view.stored.as_json(view.caption, view.n_rows, view.explain))
        for view in views
        if view.stored
    ]
    organisms = list_organisms(results, statistics_sections.list_similar(results))
    return make_store(organisms, len(results.compared), tables, profile=profile)


def main(arguments: Sequence[str]) -> int:
    """Write the page of the run folder in the arguments; return the exit code."""
    try:
        render(RunFolder(Path(arguments[0])))
    except (GafreduceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return exit_code(error)
    return 0


def import_drawing_modules() -> None:
    """Import the modules that drawing would import on first use."""
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_pdf
    import matplotlib.backends.backend_svg  # noqa: F401


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
