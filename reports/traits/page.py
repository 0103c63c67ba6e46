"""Render the page of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.figures.style import GROUP_STYLES
from gafreduce.reports.html.organism_names import NameMarker
from gafreduce.reports.html.page import FigureView
from gafreduce.reports.html.store import make_store, name_organisms
from gafreduce.reports.html.templating import render_template
from gafreduce.reports.summary.sentences import GROUP_LABELS


@dataclass(frozen=True)
class TraitView:
    """A trait in the table of the page.

    The cells have, by organism: gene products with the trait, those in the aspect, the verdict in
    words, the evidence group (empty without annotation), whether the file is complete, and the gene
    products that another trait has too.
    """

    go_id: str
    label: str
    is_nested: bool
    group: str
    address: str  # of its report, relative to the page
    cells: tuple[tuple[str, str, str, str, bool, str], ...]

    @property
    def groups(self) -> set[str]:
        """Evidence groups of its cells."""
        return {group for _, _, _, group, _, _ in self.cells}


@dataclass(frozen=True)
class StudyPage:
    """The page of a study."""

    record: Mapping[str, Any]
    headline: str
    sentences: tuple[str, ...]
    caveats: tuple[str, ...]
    figure: FigureView
    organisms: tuple[str, ...]
    organism_ids: tuple[str, ...]
    figure_width: float  # in mm
    traits: tuple[TraitView, ...]
    groups: Sequence[Mapping[str, str]]  # rows of `trait_groups`
    is_clustered: bool
    has_tree: bool  # orders organisms

    @property
    def used(self) -> list[str]:
        """Evidence groups of the cells, the strongest first."""
        found = {group for trait in self.traits for group in trait.groups}
        return [group for group in GROUPS if group in found]


def render_study(page: StudyPage, names: NameMarker) -> str:
    """Return the page as HTML; the same page gives the same bytes.

    Args:
        page: The page.
        names: Marks the names of its organisms.

    Raises:
        InternalError: The figure is not SVG.
    """
    table = page.figure.table
    stored = (
        [(table.name, table.stored.as_json(table.caption, table.n_rows, ""))]
        if table.stored
        else []
    )
    return render_template(
        "study.html",
        names,
        make_store(name_organisms(page.organisms, names.split), 0, stored),
        page=page,
        width=page.figure_width,
        letters={group: GROUP_STYLES[group].letter for group in GROUPS},
        group_labels=GROUP_LABELS,
    )
