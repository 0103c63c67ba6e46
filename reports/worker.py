"""The process that makes statistics, figures and page: `python -m gafreduce.reports.worker`.

The main process starts it early, so that it imports pandas and Matplotlib while the first job
runs. They exchange lines of JSON over standard input and output:

1.  The main process sends the run folder, which has its core tables, and where to find the rest:

        {"run_dir": PATH, "term_file": PATH, "scratch": PATH,
         "components": PATH or null, "orthologs": PATH or null, "slim": [GO id, ...]}

2.  The worker answers with the path of the request for the second job (a file in `scratch`), or
    null when the statistics need no second job. Until step 3 it computes the tables that need
    no context.
3.  The main process sends the part files of the second job, none without a job:

        {"context": [PATH, ...]}

    From here on it may print warnings: `{"warning": TEXT}`.
4.  The worker writes the statistics tables, figures, exports and the page into the run folder, and
    exits with 0. On an error it prints one line to standard error and exits with its exit code.

End of input instead of the first line ends the worker without an error.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import IO, Any

from gafreduce import startup
from gafreduce.reports.serving import WarningHandler, run_program

_REQUEST_FILE = "context-request.json"


def serve(stdin: IO[str], stdout: IO[str]) -> None:
    """Make statistics and page as the main process requests; the module describes the protocol.

    Raises:
        GafreduceError: An input is missing or invalid.
        OSError: A file can't be read or written.
    """
    # imported here, after `main` has set up the collector
    from gafreduce.jobs.mapper import context_request
    from gafreduce.ontology import termfile
    from gafreduce.publishing.run_folder import RunFolder
    from gafreduce.reports.components.components_file import read_machinery
    from gafreduce.reports.html.render import PageBuilder, import_drawing_modules
    from gafreduce.reports.statistics.context import read_context_tables, request_context
    from gafreduce.reports.statistics.run_all import Statistics, read_tables, write_statistics
    from gafreduce.reports.summary.exports import write_exports
    from gafreduce.reports.tables import frames
    from gafreduce.reports.tables.writer import release_memory

    import_drawing_modules()
    first = stdin.readline()
    if not first:
        return
    message: dict[str, Any] = json.loads(first)
    folder, scratch = RunFolder(Path(message["run_dir"])), Path(message["scratch"])
    terms = termfile.read(Path(message["term_file"]))
    files = (Path(message[key]) if message[key] else None for key in ("components", "orthologs"))
    machinery = read_machinery(terms.target, *files)
    tables = read_tables(folder)
    samples = frames.read_samples(tables["organisms"])

    request = request_context(tables["gene_products"], tables["organisms"], machinery)
    request_path = None if request.is_empty() else scratch / _REQUEST_FILE
    if request_path is not None:
        context_request.write_request(request, request_path)
    stdout.write(json.dumps(request_path and str(request_path)) + "\n")
    stdout.flush()
    logging.basicConfig(format="%(message)s", handlers=[WarningHandler(stdout)])

    target_only = folder.read_record()["scope"] == "target"
    statistics = Statistics(tables, terms, machinery, target_only, slim=message["slim"])
    release_memory()  # before the fork of a process that draws figures
    page = PageBuilder(folder)
    parts = [Path(part) for part in json.loads(stdin.readline())["context"]]
    write_statistics(statistics.complete(read_context_tables(parts, scratch, samples)), folder)
    write_exports(folder)
    page.finish()


if __name__ == "__main__":
    startup.end_process(run_program(serve))
