"""Render the page with Jinja: templates, filters, style, script and content security policy."""

from __future__ import annotations

import base64
import hashlib
import shlex
from functools import cache
from importlib import resources

import jinja2
from markupsafe import Markup

from gafreduce.jobs.model.filters import Filters
from gafreduce.reports.figures.drawing_library import FONT_FAMILY
from gafreduce.reports.html import links
from gafreduce.reports.html.first_screen import list_patterns
from gafreduce.reports.html.organism_names import NameMarker, break_long_words
from gafreduce.reports.html.page import FigureView, Page
from gafreduce.reports.html.svg import inline_svg
from gafreduce.reports.summary.section_notes import PAPERS
from gafreduce.reports.summary.sentences import ASPECT_LABELS, format_code, format_count

#: The parts of the script, in their order.
SCRIPTS = ("state.js", "rows.js", "order.js", "table.js", "cells.js", "figures.js", "main.js")


def render_page(page: Page, names: NameMarker) -> str:
    """Return the page as HTML; the same page gives the same bytes.

    Args:
        page: The page.
        names: Marks the names of its organisms.

    Raises:
        InternalError: A figure is not SVG.
    """
    return render_template(
        "report.html",
        names,
        page.store,
        page=page,
        papers=PAPERS,
        width=page.figure_width,
        list_term_pages=links.list_term_pages,
        aspect=ASPECT_LABELS[page.record["target"]["aspect"]],
    )


def render_template(template: str, names: NameMarker, store: str, **values: object) -> str:
    """Return a page with the style and the script of all pages.

    Args:
        template: Name of the template; it extends `base.html`.
        names: Marks the names of organisms.
        store: All rows of its tables, see store.py.
        values: For the template.
    """
    style = make_font_faces() + read_template("report.css")
    # a module script has its own scope, so it defines nothing in the window
    script = "".join(map(read_template, SCRIPTS))
    return (
        make_environment(names)
        .get_template(template)
        .render(
            store=Markup(store),  # base64
            style=Markup(style),
            style_hash=hash_for_policy(style),
            script=Markup(script),
            script_hash=hash_for_policy(script),
            find_url=links.find_url,
            patterns=[(group, colour, Markup(tile)) for group, colour, tile in list_patterns()],
            **values,
        )
    )


def make_environment(names: NameMarker) -> jinja2.Environment:
    """Return the environment of the templates; every text is escaped by it and its filters."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(read_template),
    )
    environment.globals["svg"] = inline_figure
    environment.filters |= {
        "breakable": break_long_words,
        "cell": names.mark_cell,
        "names": names.mark_names,
        "changes": lambda filters: Filters.from_dict(filters).changes,
        "code": format_code,
        "count": format_count,
        "quoted": shlex.join,
    }
    return environment


def make_font_faces() -> str:
    """Return the style rules with the fonts of the page."""
    fonts = resources.files("gafreduce.reports.figures") / "fonts"
    rules = []
    for name, style in (
        ("Regular", "font-weight:400"),
        ("Italic", "font-weight:400;font-style:italic"),
        ("SemiBold", "font-weight:600"),
    ):
        content = (fonts / f"GafreduceSans-{name}.woff2").read_bytes()
        data = base64.b64encode(content).decode()
        rules.append(
            f'@font-face{{font-family:"{FONT_FAMILY}";{style};'
            f'src:url(data:font/woff2;base64,{data}) format("woff2")}}\n'
        )
    return "".join(rules)


def inline_figure(figure: FigureView) -> Markup:
    """Return the SVG element of a figure."""
    return Markup(
        inline_svg(
            figure.svg, figure.name, figure.finding, figure.caption, figure.marks, figure.head
        )
    )


@cache
def read_template(file_name: str) -> str:
    """Return the text of a file of the templates."""
    path = resources.files("gafreduce.reports.html") / "templates" / file_name
    return path.read_text(encoding="utf-8")


def hash_for_policy(text: str) -> str:
    """Return the hash of a style or script for the content security policy."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
