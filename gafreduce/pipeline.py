"""A run, from inputs to a whole run folder: each stage in its turn, nothing published before the end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gafreduce import execute, report_process, run_folder, run_record
from gafreduce.fetch import Fetched, fetched
from gafreduce.inputs import InputListing, ListedInput
from gafreduce.progress import Report
from jobs import input_list
from jobs.input_list import InputFile
from jobs.reconcile import FileTotal, reconcile
from ontology.cache import CachedTerms
from ontology.termfile import TermFile
from reports import manifest, tables
from reports.organisms import Labels
from reports.part_records import PartRecords


@dataclass(frozen=True)
class Request:
    """What decides the numbers of a run, and how it is made."""

    command: tuple[str, ...]
    term_as_given: str
    organisms: tuple[int, ...]
    names: Mapping[int, str]  # of --organism-names
    scope: str
    max_rejected: float
    with_report: bool
    job: execute.JobOptions
    options: Mapping[str, Any]  # as they stand in run.json


@dataclass(frozen=True)
class Plan:
    """What a run will do, known before it is done."""

    run_id: str
    listing: InputListing
    terms: CachedTerms
    request: Request


class Stages:
    """Says which stage runs, and keeps how long each took."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show a stage, and time it."""
        self._report(name, 0, 1)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)
        self._report(name, 1, 1)

    def tasks(self, done: int, total: int) -> None:
        """Show how many tasks of the job's current step are done."""
        self._report("job", done, total)


def run(plan: Plan, folder: Path, scratch: Path, stages: Stages) -> dict[str, Any]:
    """Make the run folder and return its record.

    Args:
        plan: What to do.
        folder: Where the run folder goes; whoever is there is replaced.
        scratch: A folder for what is needed on the way.
        stages: Told of progress.

    Raises:
        ValueError: An input is at fault, or the run failed; nothing is left of it.
        OSError: The same, by the system's word.
    """
    request = plan.request
    with contextlib.ExitStack() as stack:
        page = stack.enter_context(report_process.ready()) if request.with_report else None
        build = stack.enter_context(run_folder.built(folder))
        (build / run_folder.TABLES).mkdir()
        with stages.stage("fetch"):
            local = stack.enter_context(fetched(plan.listing, scratch))
        sources = [_source(found) for found in local]
        with stages.stage("job"):
            parts = _run_job(plan, local, sources, scratch, stages)
        with stages.stage("tables"):
            records = PartRecords(parts, scratch)
            totals = tables.read_totals(records)
            reconcile(sources, totals, request.max_rejected)
            terms = plan.terms.terms
            labels = make_labels(plan.listing.inputs, totals, request)
            made = tables.make_tables(
                records,
                totals,
                sources,
                terms,
                labels,
                request.scope == "target",
                build / run_folder.TABLES,
            )
        record = _record(plan, local, totals, made, stages)
        run_record.write_record(build, record)
        if page is not None:
            with stages.stage("report"):
                page.render(build)
            run_record.write_record(build, {**record, "timings": stages.seconds})
        manifest.write_manifest(build)
    return record


def _source(found: Fetched) -> InputFile:
    """Return what the workers need to know of an input."""
    listed = found.listed
    return InputFile(
        uri=str(found.path) if found.path else listed.uri,
        source_file=listed.source_file,
        format=listed.format,
        compression=found.compression,
        bytes=found.bytes,
        taxon_id=listed.taxon_id,
        companion=listed.companion,
    )
