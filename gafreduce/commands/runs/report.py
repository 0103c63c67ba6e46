"""`gafreduce report`: make the report of a run folder again, from its tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce import signals
from gafreduce.cli.options import add_figures, add_verbosity, describe


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command, "Make report.html, the figures and exports of a run folder again, from its tables."
    )
    command.add_argument("run_dir", metavar="RUN_DIR", help="a run folder")
    add_figures(command, None, None)
    add_verbosity(command)


def publishes(arguments: argparse.Namespace) -> bool:
    """Return True: the command replaces files of the run folder."""
    return True


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Make page, figures, exports and manifest again; yield the path of the page.

    Raises:
        InputError: The tables are not those that the manifest names, or a file is not of the run.
        LockedError: A run writes to the folder, or to that of its study.
    """
    from gafreduce.publishing.folder_lock import lock_folder
    from gafreduce.publishing.manifest import copy_rows
    from gafreduce.publishing.run_folder import (
        MULTIQC_EXPORT,
        STUDY_RECORD,
        SUMMARY_EXPORT,
        RunFolder,
    )
    from gafreduce.reports.html.render import PageBuilder
    from gafreduce.reports.summary.exports import write_exports

    named = Path(arguments.run_dir)
    RunFolder.open(named).check_record()
    RunFolder(named).check_tables()
    # through a link the run folder itself: its lock and its partial files are there
    folder = RunFolder(named.resolve())
    with lock_folder(folder.path) as lock:
        lock.keep_left_behind()
        folder.check_tables()  # again: another run may have replaced it before the lock
        folder.remove_partials()
        write_exports(folder)
        builder = PageBuilder(folder, arguments.figure_width, arguments.figure_format)
        builder.finish()
        made, removed = builder.list_files()
        folder.update_manifest([SUMMARY_EXPORT, MULTIQC_EXPORT, *made], removed)
        study = folder.path.parent.parent
        if (study / STUDY_RECORD).is_file():
            with lock_folder(study) as lock_of_study:
                lock_of_study.keep_left_behind()
                copy_rows(folder.path, study)
    signals.mark_published()
    yield str(RunFolder(named).page)
