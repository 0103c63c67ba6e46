"""The process that makes the overview of a study and the report of each of its traits.

`python -m gafreduce.reports.traits.worker` exchanges lines of JSON with the main process, as
`gafreduce.reports.worker` does for one run:

1.  The main process sends the folder of the study, whose run folders have their core tables:

        {"folder": PATH, "traits": PATH, "term_file": PATH, "scratch": PATH, "report": true,
         "components": PATH or null, "orthologs": PATH or null, "slim": [GO id, ...],
         "cores": NUMBER,
         "clustered": false}

    `traits` is a file of JSON with the fields of `TraitRun` and `ontology.targets.Target`.
2.  The worker answers with the path of the request for the second job, or null.
3.  The main process sends the part files of the second job: {"context": [PATH, ...]}. From here on
    the worker may print warnings.
4.  The worker makes the reports of the traits, several at once, and the overview, and ends.

Without a report it makes the tables of the study, and step 2 answers null.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import IO, Any

from gafreduce import startup
from gafreduce.reports.serving import WarningHandler, run_program


def serve(stdin: IO[str], stdout: IO[str]) -> None:
    """Make reports and overview as the main process requests; the module describes the protocol.

    Raises:
        GafreduceError: An input is missing or invalid.
        OSError: A file can't be read or written.
    """
    from gafreduce.ontology import termfile
    from gafreduce.reports.traits.trait_file import read_traits

    first = stdin.readline()
    if not first:
        return
    message: dict[str, Any] = json.loads(first)
    joint = termfile.read(Path(message["term_file"]))
    traits = read_traits(Path(message["traits"]), Path(message["folder"]), joint)
    reports = None
    if message["report"]:
        from gafreduce.reports.traits.trait_reports import TraitReports

        files = (
            Path(message[key]) if message[key] else None for key in ("components", "orthologs")
        )
        scratch = Path(message["scratch"])
        reports = TraitReports(traits, tuple(files), message["slim"], scratch)
    path = reports.request_context() if reports else None
    stdout.write(json.dumps(path and str(path)) + "\n")
    stdout.flush()
    logging.basicConfig(format="%(message)s", handlers=[WarningHandler(stdout)])
    parts = [Path(part) for part in json.loads(stdin.readline())["context"]]
    from gafreduce.publishing.run_folder import RunFolder
    from gafreduce.reports.traits.trait_tables import write_trait_tables

    folder = RunFolder(Path(message["folder"]))
    write_trait_tables(traits, folder)
    if reports:
        reports.make(parts, message["cores"])
        from gafreduce.reports.traits.overview import make_overview

        make_overview(folder, traits[0].folder, is_clustered=message["clustered"])


if __name__ == "__main__":
    startup.end_process(run_program(serve))
