"""A study, from its plan to a complete folder: one job, then a run folder for each trait."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from gafreduce import signals
from gafreduce.jobs.accounting.file_counts import read_counts
from gafreduce.jobs.accounting.reconcile import FileTotal, check_passes
from gafreduce.pipeline.destination import find_address
from gafreduce.pipeline.organism_labels import label_organisms
from gafreduce.pipeline.plan import check_option_files
from gafreduce.pipeline.report_process import ReportProcess
from gafreduce.pipeline.run_jobs import RunJobs, stage_jobs
from gafreduce.pipeline.run_pipeline import make_tables, read_totals, write_search_database
from gafreduce.pipeline.run_record import make_record
from gafreduce.pipeline.stages import Stages
from gafreduce.publishing import manifest
from gafreduce.publishing.local_publish import build_run_folder
from gafreduce.publishing.lock_record import Recorder
from gafreduce.publishing.run_folder import TRAITS, RunFolder, StudyFolder
from gafreduce.reports.tables.core_tables import SameJob
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.traits.trait_file import TraitRun, write_traits
from gafreduce.reports.traits.trait_output import split_output
from gafreduce.storage.resolve import local_path
from gafreduce.study.plan import StudyPlan
from gafreduce.study.record import make_study_record
from gafreduce.warehouse.run_table import write_run_table

#: Names of organisms that are kept.
_MOST_NAMES = 10_000


class _Made(NamedTuple):
    """The run folders of all traits, with their records."""

    totals: dict[int, FileTotal]
    runs: list[TraitRun]
    records: list[dict[str, Any]]


def run_study(
    study: StudyPlan,
    path: Path,
    scratch: Path,
    stages: Stages,
    page: ReportProcess,
    recorder: Recorder,
) -> None:
    """Make the folder of a study.

    Args:
        study: The plan.
        path: The folder; an existing one is replaced.
        scratch: A temporary folder.
        stages: Reports progress.
        page: Makes the tables of the study, and all reports.
        recorder: Adds resources outside this process to the lock record.

    Raises:
        GafreduceError: An input is at fault, or the study failed; nothing of it remains.
        OSError: A file cannot be read or written; nothing of the study remains.
    """
    plan = study.joint
    inputs, has_report = plan.listing.inputs, plan.options.report
    phases = ("inputs", "job", "counting", "tables", "context", "rereading", "report")
    stages.progress.plan(
        phases if has_report else phases[:4],
        sum(each.bytes for each in inputs),
        sum(each.text_bytes for each in inputs),
    )
    with build_run_folder(path) as folder:
        with stage_jobs(plan, scratch, stages, recorder, has_context=has_report) as jobs:
            _fill_folder(study, jobs, scratch, stages, page, folder)
        signals.raise_pending()  # after this the folder gets its name
        if local_path(find_address(plan)) is not None:
            signals.hold_back()


def _fill_folder(
    study: StudyPlan,
    jobs: RunJobs,
    scratch: Path,
    stages: Stages,
    page: ReportProcess,
    folder: RunFolder,
) -> None:
    """Run the jobs, and write the run folders, then tables, page, record and manifests."""
    plan = study.joint
    with stages.stage("job"):
        parts = jobs.run_profile()
    with stages.stage("tables"):
        made = _make_runs(study, jobs, parts, scratch, folder)
    for trait, run, record in zip(study.traits, made.runs, made.records, strict=True):
        run.folder.write_record({**record, "timings": stages.seconds})
        write_run_table(record, plan.options.list_changes(trait.plan.hashes), run.folder)
    study_record = make_study_record(study, made.records)
    StudyFolder(folder.path).write_record({**study_record, "timings": stages.seconds})
    traits = scratch / "traits.json"
    write_traits(made.runs, traits)
    with stages.stage("context"):
        request = page.request(
            plan.options.components_files,
            plan.slim_terms,
            scratch,
            folder=folder.path,
            traits=traits,
            term_file=plan.terms.path,
            report=plan.options.report,
            clustered=study.is_clustered,
            cores=plan.options.runner.cores or os.cpu_count() or 1,
        )
        context = jobs.run_context(request) if plan.options.report else []
    if request is not None:
        check_passes(jobs.sources, made.totals, read_counts(context))
    with stages.stage("report"):
        page.finish(context)
    for run, record in zip(made.runs, made.records, strict=True):
        run.folder.write_record({**record, "timings": stages.seconds})
        write_search_database(plan.options, run.folder)
        run.folder.write_manifest()
    StudyFolder(folder.path).write_record({**study_record, "timings": stages.seconds})
    check_option_files(plan)
    _write_manifest(folder, [run.folder for run in made.runs])
    jobs.finish()


def _make_runs(
    study: StudyPlan, jobs: RunJobs, parts: Sequence[Path], scratch: Path, folder: RunFolder
) -> _Made:
    """Write the tables of the run folder of each trait."""
    joint = study.joint
    output = JobOutput(parts, scratch)
    totals = read_totals(joint, jobs, output)
    labels, organisms = label_organisms(joint, totals), joint.listing.organisms
    # each trait asks for the names of the same organisms
    find_name = lru_cache(maxsize=_MOST_NAMES)(labels.find_taxon_name)
    labels = labels._replace(find_taxon_name=find_name)
    own = scratch / "traits"
    own.mkdir()
    outputs = split_output(output, [trait.plan.terms.terms for trait in study.traits], own)
    made, same_job = _Made(totals, [], []), SameJob()
    for trait, of_trait in zip(study.traits, outputs, strict=True):
        jobs.stages.count_tasks(len(made.runs), len(outputs))
        place = RunFolder(folder.path / trait.folder)
        place.path.mkdir(parents=True)
        regulators = {
            organisms.id_of(int(number)): counts for number, counts in of_trait.regulators.items()
        }
        terms = trait.plan.terms.terms
        core = make_tables(trait.plan, jobs, of_trait, totals, labels, place, same_job)
        made.runs.append(TraitRun(trait.go_id, trait.label, trait.group, place, regulators, terms))
        made.records.append(make_record(trait.plan, jobs.inputs, totals, core))
        of_trait.remove()
    return made


def _write_manifest(folder: RunFolder, runs: Sequence[RunFolder]) -> None:
    """Write the manifest of a study; the files of runs are not read again."""
    rows = {
        f"{TRAITS}/{run.path.name}/{name}": row
        for run in runs
        for name, row in run.read_rows().items()
    }
    made = [name for name in folder.list_files() if name not in rows]
    manifest.write_manifest(folder.path, rows, made)
