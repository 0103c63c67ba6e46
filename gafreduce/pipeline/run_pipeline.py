"""A run, from inputs to a whole run folder: each stage in its turn, published at the end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gafreduce import signals
from gafreduce.execution import job, time_limit
from gafreduce.execution.post_job import PostJobWork
from gafreduce.execution.staging import stage_inputs
from gafreduce.execution.staging_area import StagingArea, StagingContext
from gafreduce.execution.time_limit import Watch
from gafreduce.inputs import verify
from gafreduce.inputs.download import JobInput
from gafreduce.jobs.accounting.reconcile import FileTotal, reconcile
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.model.filters import write_filters
from gafreduce.pipeline import run_record, run_warnings
from gafreduce.pipeline.plan import Plan
from gafreduce.pipeline.report_process import ReportProcess
from gafreduce.pipeline.run_id import identity
from gafreduce.progress import ReportProgress
from gafreduce.publishing import lock_record
from gafreduce.publishing.local_publish import build_run_folder
from gafreduce.publishing.lock_record import Recorder
from gafreduce.reports.tables import core_tables, quarantine
from gafreduce.reports.tables.core_tables import CoreResults
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.tables.organisms import Labels
from gafreduce.storage.hadoop import HadoopError
from gafreduce.storage.s3_errors import S3Error


class Stages:
    """Says which stage runs, and keeps how long each took."""

    def __init__(self, report: ReportProgress) -> None:
        self._report = report
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show a stage, and time it.

        Raises:
            KeyboardInterrupt: Somebody asked to end.
        """
        signals.raise_pending()
        self._report(name, 0, 1)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)
        self._report(name, 1, 1)

    def show(self, name: str) -> job.Progress:
        """Return a function that shows how much of a stage is done."""

        def show(done: int, total: int) -> None:
            signals.raise_pending()
            self._report(name, done, total)

        return show


def run(
    plan: Plan,
    folder: Path,
    scratch: Path,
    stages: Stages,
    page: ReportProcess | None,
    recorder: Recorder,
) -> dict[str, Any]:
    """Make the run folder and return its record.

    Args:
        plan: What to do.
        folder: Where the run folder goes; whatever is there is replaced.
        scratch: A folder for what is needed on the way.
        stages: Told of progress.
        page: Makes the report; None for tables only.
        recorder: Adds to the run's lock record what the run has outside its process.

    Raises:
        ValueError: An input is at fault, or the run failed; nothing is left of it.
        OSError: The same, in the system's words.
    """
    request = plan.request
    cluster = request.job.runner in job.CLUSTERS
    with contextlib.ExitStack() as stack:
        build = stack.enter_context(build_run_folder(folder))
        watch = (
            stack.enter_context(time_limit.keep_watch(time_limit.Watch(request.max_wall)))
            if cluster
            else None
        )
        with stages.stage("inputs"):
            context = StagingContext(
                plan.run_id, request.job.conf, request.access, scratch, recorder
            )
            show = stages.show("inputs")
            area = stack.enter_context(
                stage_inputs(plan.listing.inputs, request.job.runner, context, show)
            )
        sources = [found.input_file() for found in area.inputs]
        listed = scratch / "inputs.tsv"
        input_list.write(sources, listed)
        selected = scratch / "filters.json"
        write_filters(request.filters, selected)
        side_files = job.SideFiles(plan.terms.path, listed, selected)
        keeps = request.job.runner == "emr" and page is not None
        jobs = _Jobs(plan, area, side_files, scratch, stages, recorder, watch, keeps)
        after = stack.enter_context(PostJobWork(plan.listing.inputs, request.access, area))
        with stages.stage("job"):
            parts = jobs.profile()
            if page is None and cluster:
                after.start()
        with stages.stage("tables"):
            output = JobOutput(parts, scratch)
            totals = core_tables.read_totals(output)
            reconcile(sources, totals, request.max_rejected)
            verify.check_distinct_contents(
                (source.source_file, totals[number].sha256)
                for number, source in enumerate(sources)
                if totals[number].sha256 and totals[number].n_kept
            )
            made = core_tables.make_tables(
                output,
                totals,
                [
                    _as_stored(found, source)
                    for found, source in zip(area.inputs, sources, strict=True)
                ],
                plan.terms.terms,
                _labels(plan, totals),
                request.scope == "target",
                build,
                is_forked=request.job.runner == "local" and request.job.n_cores != 1,
            )
            if request.filters.quarantine:
                quarantine.write_quarantine(output, [each.source_file for each in sources], build)
            del output  # what the page needs takes their place
        record = _record(plan, area.inputs, totals, made)
        build.write_record({**record, "timings": stages.seconds})
        if page is not None:
            with stages.stage("context"):
                request_path = page.begin(build.path, plan.terms.path, request.machinery, scratch)
                context_parts = jobs.context(request_path) if request_path else []
                if cluster:
                    after.start()
            with stages.stage("report"):
                page.finish(context_parts)
            build.write_record({**record, "timings": stages.seconds})
        build.write_manifest()
        after.wait()
        signals.raise_pending()  # after this the folder moves into its place
    return record


def _as_stored(found: JobInput, source: InputFile) -> InputFile:
    """Return an input as the user knows it, for the table of inputs."""
    listed = found.listed
    return replace(source, uri=listed.uri, compression=listed.compression, bytes=listed.bytes)


@dataclass(frozen=True)
class _Jobs:
    """The jobs of a run, over the same inputs."""

    plan: Plan
    area: StagingArea
    side_files: job.SideFiles
    scratch: Path
    stages: Stages
    recorder: Recorder
    watch: Watch | None
    keeps_cluster: bool  # from the first job to the second

    def profile(self) -> list[Path]:
        """Run the main job and return its part files."""
        from gafreduce.jobs.annotation_profile import MRAnnotationProfile

        return self._run("job", MRAnnotationProfile, ["--scope", self.plan.request.scope], ())

    def context(self, request: Path) -> list[Path]:
        """Run the job of what the statistics need besides, and return its part files."""
        from gafreduce.jobs.context import MRContext

        # map-only, whatever number of reducers the main job was given
        more = ("-D", "mapreduce.job.reduces=0") if self.area.options else ()
        return self._run("context", MRContext, ["--request", str(request)], more)

    def _run(
        self, name: str, job_class: type[Any], own: Sequence[str], more: Sequence[str]
    ) -> list[Path]:
        options = replace(
            self.plan.request.job,
            watch=self.watch,
            cluster=self.area.find_waiting_cluster(),
            keeps_cluster=self.keeps_cluster,
        )
        try:
            n_parts = job.run_job(
                job_class,
                own,
                self.area.input_paths,
                self.side_files,
                self.area.output_path(name),
                replace(options, more=(*self.area.options, *options.more, *more), watch=self.watch),
                self.stages.show("tasks"),
                self._heard,
            )
        except job.JobError as error:
            if self.watch is not None:  # an input that is gone or another fails a cluster's job
                with contextlib.suppress(S3Error, HadoopError):
                    verify.check_unchanged(self.plan.listing.inputs, self.plan.request.access)
            message = self.area.diagnose(error)
            if message:
                raise job.JobError(message) from error
            raise
        return self.area.collect_parts(name, self.scratch, n_parts)

    def _heard(self, kind: str, values: Sequence[str]) -> None:
        if (
            kind == lock_record.CLUSTERS
        ):  # at once: the staging area terminates it, whatever happens next
            self.area.cluster = values[-1]
        self.recorder(kind, values)


def _labels(plan: Plan, totals: Mapping[int, FileTotal]) -> Labels:
    """Return what the sheet and the options say of organisms."""
    names = dict(plan.request.names)
    compared: set[int] | None = set(plan.request.organisms) or None
    said = [  # several files may be of one organism, and not each row of the sheet says it all
        (totals[number].main_taxon_id, found)
        for number, found in enumerate(plan.listing.inputs)
        if totals[number].main_taxon_id
    ]
    said.sort(key=lambda each: each[1].source_file.encode("utf-8"))
    names |= {taxon_id: found.organism for taxon_id, found in said if found.organism}
    if compared is None and any(found.compare is not None for _, found in said):
        refused = {taxon_id for taxon_id, found in said if found.compare is False}
        compared = {taxon_id for taxon_id, _ in said} - refused
    incomplete = {n for n, found in enumerate(plan.listing.inputs) if not found.complete}
    return Labels(names, None if compared is None else frozenset(compared), frozenset(incomplete))


def _record(
    plan: Plan, inputs: Sequence[JobInput], totals: Mapping[int, FileTotal], made: CoreResults
) -> dict[str, Any]:
    request, terms = plan.request, plan.terms.terms
    counts = {
        name: sum(getattr(total, name) for total in totals.values())
        for name in ("n_lines", "n_header", "n_blank", "n_kept", "n_filtered", "n_rejected")
    }
    return {
        "run_id": plan.run_id,
        "gafreduce_version": plan.code,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "command": list(request.command),
        "runner": request.job.runner,
        "scope": request.scope,
        "options": dict(request.options),
        "versions": run_record.versions(),
        "ontology": {
            "source": request.ontology.rsplit("/", 1)[-1],
            "sha256": terms.ontology_sha256,
            "data_version": terms.data_version,
        },
        "target": {
            "go_id": terms.target,
            "name": terms.names[terms.index[terms.target]],
            "aspect": terms.target_aspect,
            "definition": terms.definition,
        },
        "relations": list(terms.relations),
        "inputs": [
            {**identity(found), "sha256": read.sha256 or totals[number].sha256}
            for number, (found, read) in enumerate(zip(plan.listing.inputs, inputs, strict=True))
        ],
        "counts": counts,
        "verdicts": {
            str(found.taxon_id): found.verdict for found in made.organisms if found.compared
        },
        "warnings": list(run_warnings.notes(plan, totals, made)),
    }
