"""`gafreduce docs`: print a page of the documentation, which is installed with the program."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce import streams
from gafreduce.cli.options import EXIT_CODES, add_verbosity, describe
from gafreduce.errors import UsageError

_EPILOG = f"""\
examples:
  gafreduce docs
      list the pages
  gafreduce docs rules
      print docs/rules.md, which messages name

{EXIT_CODES}
"""
#: Where an installation has the pages, below its data folder (pyproject.toml).
_INSTALLED = "share/doc/gafreduce"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Print a page of the documentation, in Markdown, or the list of pages. Messages and help "
        "name pages as docs/NAME.md.",
        _EPILOG,
    )
    command.add_argument("page", metavar="PAGE", nargs="?", help="default: list the pages")
    add_verbosity(command)


def find_pages() -> dict[str, Path]:
    """Return the path of each page by its name, from the checkout or from the installation."""
    import gafreduce

    checkout = Path(gafreduce.__file__).parents[1] / "docs"
    if (checkout / "index.md").is_file():
        paths = list(checkout.glob("*.md"))
    else:
        from importlib.metadata import files

        paths = [
            Path(str(file.locate()))
            for file in files("gafreduce") or ()
            if file.parent.as_posix().endswith(_INSTALLED) and file.suffix == ".md"
        ]
    return {path.stem: path for path in sorted(paths)}


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the page, or the names and titles of all pages.

    Raises:
        UsageError: There is no such page.
    """
    pages = find_pages()
    if arguments.page is None:
        width = max(map(len, pages), default=0)
        for name, path in pages.items():
            title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            yield f"{name:{width}}  {title}"
        return
    name = Path(arguments.page.partition("#")[0]).stem
    if name not in pages:
        raise UsageError(
            f"{arguments.page}: expected a page of the documentation, got another word "
            "(`gafreduce docs` lists the pages)"
        )
    streams.pass_data()
    yield pages[name].read_text(encoding="utf-8").rstrip("\n")
