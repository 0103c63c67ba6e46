"""A run, from the plan to a complete run folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gafreduce import signals
from gafreduce.inputs import verify
from gafreduce.jobs.accounting.file_counts import read_counts
from gafreduce.jobs.accounting.reconcile import FileTotal, check_passes, reconcile
from gafreduce.pipeline.destination import find_address
from gafreduce.pipeline.options import RunOptions
from gafreduce.pipeline.organism_labels import label_organisms
from gafreduce.pipeline.plan import Plan, check_option_files
from gafreduce.pipeline.report_process import ReportProcess
from gafreduce.pipeline.run_jobs import RunJobs, describe_stored, stage_jobs
from gafreduce.pipeline.run_record import make_record
from gafreduce.pipeline.stages import Stages
from gafreduce.publishing.local_publish import build_run_folder
from gafreduce.publishing.lock_record import Recorder
from gafreduce.publishing.run_folder import SEARCH_DATABASE, RunFolder
from gafreduce.reports.tables import core_tables, quarantine
from gafreduce.reports.tables.core_tables import CoreResults, SameJob
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.tables.organisms import Labels
from gafreduce.storage.resolve import local_path
from gafreduce.warehouse.run_table import write_run_table


def run_pipeline(
    plan: Plan,
    path: Path,
    scratch: Path,
    stages: Stages,
    page: ReportProcess | None,
    recorder: Recorder,
) -> None:
    """Make a run folder, in these stages: inputs, job, tables, context, report.

    Args:
        plan: The plan of the run.
        path: The run folder; an existing one is replaced.
        scratch: A temporary folder.
        stages: Reports progress.
        page: Makes statistics, figures and page; None for tables only.
        recorder: Adds to the run's lock record what the run has outside its process.

    Raises:
        GafreduceError: An input is at fault, or the run failed; nothing of it remains.
        OSError: A file cannot be read or written; nothing of the run remains.
    """
    phases = (
        "inputs",
        "job",
        "counting",
        "tables",
        *(("context", "rereading", "report") if page else ()),
    )
    inputs = plan.listing.inputs
    stages.progress.plan(
        phases, sum(each.bytes for each in inputs), sum(each.text_bytes for each in inputs)
    )
    with build_run_folder(path) as folder:
        with stage_jobs(plan, scratch, stages, recorder, has_context=page is not None) as jobs:
            _fill_run_folder(plan, jobs, scratch, stages, page, folder)
        signals.raise_pending()  # after this the folder gets its name
        if local_path(find_address(plan)) is not None:
            signals.hold_back()


def _fill_run_folder(
    plan: Plan,
    jobs: RunJobs,
    scratch: Path,
    stages: Stages,
    page: ReportProcess | None,
    folder: RunFolder,
) -> None:
    """Run the jobs, and write tables, record, report and manifest."""
    with stages.stage("job"):
        parts = jobs.run_profile()
    with stages.stage("tables"):
        totals, made = _make_tables(plan, jobs, parts, scratch, folder)
    record = make_record(plan, jobs.inputs, totals, made)
    folder.write_record({**record, "timings": stages.seconds})
    write_run_table(record, plan.options.list_changes(plan.hashes), folder)
    if page is not None:
        with stages.stage("context"):
            request = page.begin(
                folder.path,
                plan.terms.path,
                plan.options.components_files,
                plan.slim_terms,
                scratch,
            )
            context = jobs.run_context(request)
        if request is not None:
            check_passes(jobs.sources, totals, read_counts(context))
        with stages.stage("report"):
            page.finish(context)
        folder.write_record({**record, "timings": stages.seconds})
    write_search_database(plan.options, folder)
    check_option_files(plan)
    folder.write_manifest()
    jobs.finish()


def write_search_database(options: RunOptions, folder: RunFolder) -> None:
    """Write the search database of a run folder, if the options ask for it."""
    if options.search:
        from gafreduce.service.search_database import build_database  # a plain run needs no SQLite

        folder.extras.mkdir(exist_ok=True)
        build_database([folder], folder.path / SEARCH_DATABASE)


def _make_tables(
    plan: Plan, jobs: RunJobs, parts: Sequence[Path], scratch: Path, folder: RunFolder
) -> tuple[dict[int, FileTotal], CoreResults]:
    """Reconcile the line counts and write the tables; return the counts and the tables' facts."""
    output = JobOutput(parts, scratch)
    totals = read_totals(plan, jobs, output)
    return totals, make_tables(plan, jobs, output, totals, label_organisms(plan, totals), folder)


def read_totals(plan: Plan, jobs: RunJobs, output: JobOutput) -> dict[int, FileTotal]:
    """Return the line counts of each input, by its number, reconciled.

    Raises:
        InputError: Lines of a file are unusable, or two files are equal.
        TransientError: A file was not read completely.
    """
    totals = core_tables.read_totals(output)
    reconcile(jobs.sources, totals, plan.options.max_rejected)
    verify.check_distinct_contents(
        (source.source_file, totals[number].sha256)
        for number, source in enumerate(jobs.sources)
        if totals[number].sha256 and totals[number].n_kept
    )
    return totals


def make_tables(
    plan: Plan,
    jobs: RunJobs,
    output: JobOutput,
    totals: dict[int, FileTotal],
    labels: Labels,
    folder: RunFolder,
    same_job: SameJob | None = None,
) -> CoreResults:
    """Write the core tables and the lines put into quarantine; return facts about the tables.

    Args:
        plan: The plan of the run.
        jobs: Its jobs.
        output: The output of the main job.
        totals: The result of `read_totals`.
        labels: Names, and which organisms are compared.
        folder: The run folder.
        same_job: Common parts of the tables of all targets of the job.
    """
    made = core_tables.make_tables(
        output,
        totals,
        [
            describe_stored(found, source)
            for found, source in zip(jobs.inputs, jobs.sources, strict=True)
        ],
        plan.terms.terms,
        labels,
        plan.is_target_only,
        folder,
        is_forked=plan.runner == "local" and plan.options.runner.cores != 1,
        same_job=same_job,
    )
    if plan.options.filters.quarantine:
        quarantine.write_quarantine(output, [each.source_file for each in jobs.sources], folder)
    return made
