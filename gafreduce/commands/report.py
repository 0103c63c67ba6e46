"""`gafreduce report RUN_DIR`: the page again, from the tables alone."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce.publishing.run_folder import RunFolder


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Make the page and the figures of a run folder, and its manifest, again."""
    folder = RunFolder.open(Path(arguments.run_dir))
    from gafreduce.reports.html.render import render
    from gafreduce.reports.summary.exports import write_exports

    write_exports(folder)
    page = render(folder)
    folder.write_manifest()
    yield str(page)
