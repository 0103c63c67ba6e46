"""Render the page of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.figures.style import GROUP_STYLES
from gafreduce.reports.html import links
from gafreduce.reports.html.first_screen import list_patterns
from gafreduce.reports.html.organism_names import NameMarker
from gafreduce.reports.html.page import FigureView
from gafreduce.reports.html.templating import (
    hash_for_policy,
    inline_figure,
    make_environment,
    make_font_faces,
    read_template,
)
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


@dataclass(frozen=True)
class StudyPage:
    """The page of a study."""

    record: Mapping[str, Any]
    headline: str
    sentences: tuple[str, ...]
    caveats: tuple[str, ...]
    figure: FigureView
    organisms: tuple[str, ...]
    traits: tuple[TraitView, ...]
    groups: Sequence[Mapping[str, str]]  # rows of `trait_groups`
    is_clustered: bool
    has_tree: bool  # orders organisms


def render_study(page: StudyPage, names: NameMarker) -> str:
    """Return the page as HTML; the same page gives the same bytes.

    Args:
        page: The page.
        names: Marks the names of its organisms.

    Raises:
        InternalError: The figure is not SVG.
    """
    style = make_font_faces() + read_template("report.css") + read_template("study.css")
    letters = {group: GROUP_STYLES[group].letter for group in GROUPS}
    return (
        make_environment(names)
        .get_template("study.html")
        .render(
            page=page,
            style=Markup(style),
            style_hash=hash_for_policy(style),
            find_url=links.find_url,
            svg=inline_figure,
            letters=letters,
            group_labels=GROUP_LABELS,
            patterns=[
                (group, colour, Markup(pattern)) for group, colour, pattern in list_patterns()
            ],
        )
    )
