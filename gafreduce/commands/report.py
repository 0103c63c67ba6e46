"""`gafreduce report RUN_DIR`: the page again, from the tables alone."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce.publishing import manifest, run_folder


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Make the page and the figures of a run folder, and its manifest, again."""
    folder = Path(arguments.run_dir)
    if run_folder.run_id_of(folder) is None:
        raise run_folder.RunFolderError(
            f"{folder}: expected a run folder with {run_folder.RECORD}, got none"
        )
    from gafreduce.reports.html.render import render
    from gafreduce.reports.summary.exports import write_extras

    write_extras(folder)
    page = render(folder)
    manifest.write_manifest(folder)
    yield str(page)
