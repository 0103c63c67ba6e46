"""Configuration of the documentation site: `make docs-site`.

The source folder is the whole repository, so that links between documents of different folders
work both here and on a code host. The table of contents is read from docs/index.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]

project = "gafreduce"
author = "The gafreduce authors"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "data/samples/README.md",
    "infra/README.md",
    "benchmarks/*.md",
]
exclude_patterns = [".*", "build", "dist", "gafreduce", "jobs", "ontology", "reports", "tests"]
myst_heading_anchors = 4
smartquotes = False
html_theme = "furo"
html_title = "gafreduce"
html_copy_source = False
html_show_sourcelink = False

#: A link of Markdown to a file of the repository: text and target.
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def _names_of_pages(text: str) -> list[str]:
    """Return the pages that a part of the index links to, as Sphinx names them."""
    targets = [target for _, target, _ in _LINK.findall(text) if target.endswith(".md")]
    paths = [(REPOSITORY / "docs" / target).resolve() for target in targets]
    return [str(path.relative_to(REPOSITORY).with_suffix("")) for path in paths]


def _add_contents(text: str) -> str:
    """Return the index with a table of contents for each of its sections."""
    introduction, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    pages = _names_of_pages(introduction)
    parts = [introduction, _contents("Introduction", pages)]
    seen = set(pages)
    for section in sections:
        title = section.partition("\n")[0]
        pages = [page for page in _names_of_pages(section) if page not in seen]
        seen |= set(pages)
        parts += [f"## {section}", _contents(title, pages)]
    return "\n".join(parts)


def _contents(title: str, pages: list[str]) -> str:
    lines = "\n".join(f"/{page}" for page in pages)
    return f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{lines}\n```\n"


def _prepare(app: Any, name: str, source: list[str]) -> None:
    """Add contents to the index; replace links to files that are not on the site."""
    text = source[0]
    if name == root_doc:
        text = _add_contents(text)
    folder = (REPOSITORY / name).parent

    def link(match: re.Match[str]) -> str:
        path = (folder / match[2]).resolve()
        page = str(path.relative_to(REPOSITORY).with_suffix(""))
        is_page = path.suffix == ".md" and page in app.env.found_docs
        return match[1] if path.exists() and not is_page else match[0]

    source[0] = _LINK.sub(link, text)


def _write_start_page(app: Any, error: Exception | None) -> None:
    """Write a page at the root of the site that leads to the index."""
    if error is None:
        page = (
            '<!doctype html><title>gafreduce</title><meta http-equiv="refresh" content="0;url={}">'
        )
        start = Path(app.outdir) / "index.html"
        start.write_text(page.format(f"{root_doc}.html"), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect the preparation of pages and the start page."""
    app.connect("source-read", _prepare)
    app.connect("build-finished", _write_start_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
