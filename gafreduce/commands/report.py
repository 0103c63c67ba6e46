"""`gafreduce report`: make the report of a run folder again, from its tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce import signals
from gafreduce.cli.options import add_verbosity, describe


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command, "Make report.html, the figures and exports of a run folder again, from its tables."
    )
    command.add_argument("run_dir", metavar="RUN_DIR", help="a run folder")
    add_verbosity(command)


def publishes(arguments: argparse.Namespace) -> bool:
    """Return True: the command replaces files of the run folder."""
    return True


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Make page, figures, exports and manifest again; yield the path of the page."""
    from gafreduce.publishing.run_folder import RunFolder
    from gafreduce.reports.html.render import render
    from gafreduce.reports.summary.exports import write_exports

    folder = RunFolder.open(Path(arguments.run_dir))
    write_exports(folder)
    page = render(folder)
    folder.write_manifest()
    signals.mark_published()
    yield str(page)
