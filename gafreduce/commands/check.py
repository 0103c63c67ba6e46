"""`gafreduce check`: what rules say of annotation files, by the same machinery as a run."""

from __future__ import annotations

import argparse
import contextlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gafreduce import progress
from gafreduce.errors import InputError
from gafreduce.execution import job, time_limit
from gafreduce.execution.staging import stage_inputs
from gafreduce.execution.staging_area import StagingContext
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.ontology_file import OntologySourceError, download_ontology, find_ontology
from gafreduce.jobs.accounting.reconcile import FileTotal, check_sums, check_understood
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.model.filters import Filters, write_filters
from gafreduce.ontology import cache, termfile
from gafreduce.ontology.termfile import DEFAULT_RELATIONS, DEFAULT_TERM, TermFile
from gafreduce.reports.summary import check_report
from gafreduce.reports.summary.check_report import CheckReport
from gafreduce.reports.tables.core_tables import read_totals
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.storage import hadoop, s3
from gafreduce.storage.resolve import StorageResolver
from gafreduce.tempdir import temporary_folder

#: A term that every release of GO has, where the usual target is not in an ontology.
_ROOT = "GO:0008150"


class CheckError(InputError):
    """Lines are refused, or warned of where that is asked for."""


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Print what the rules say.

    Raises:
        CheckError: At the end, when the exit code is to be 1.
    """
    hadoop.go_by(Path(arguments.conf) if arguments.conf else None)
    access = s3.Access(arguments.endpoint_url, arguments.profile)
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        terms = _terms(arguments.ontology, access, scratch)
        resolver = StorageResolver(access, has_hadoop=arguments.runner == "hadoop")
        listing = list_inputs(
            InputRequest(
                tuple(arguments.inputs),
                arguments.input_format,
                taxon_id=arguments.taxon or 0,
                companion=arguments.companion or "",
            ),
            resolver,
            scratch,
        )
        show = stack.enter_context(progress.show_progress(arguments.quiet))
        sources, totals = _count(arguments, listing, terms, access, scratch, show)
    for number, source in enumerate(sources):
        if not totals[number].n_rejected:  # what is refused is shown, line by line
            check_understood(source, totals[number])
    report = check_report.make_report(sources, totals, terms, arguments.rules)
    if not arguments.quiet:
        yield from check_report.FORMATS[arguments.format](report)
    _judge(report, arguments.fail_on)


def _judge(report: CheckReport, fail_on: str) -> None:
    for severity in ("reject", "warn") if fail_on == "warn" else ("reject",):
        n_lines = sum(
            found.n_lines
            for found in report.findings
            if found.severity == severity
            or (severity == "reject" and found.rule.word == "refused_in_part")
        )
        if n_lines:
            verb = "refused" if severity == "reject" else "warned of"
            raise CheckError(f"expected clean files, got {n_lines:,} findings of lines {verb}")


def _terms(named: str | None, access: s3.Access, scratch: Path) -> TermFile | None:
    """Return what the rules ask of the ontology; None when there is none."""
    try:
        ontology = download_ontology(find_ontology(named), access, scratch)
    except OntologySourceError:
        return None
    try:
        terms = cache.load_term_file(ontology, DEFAULT_TERM, DEFAULT_RELATIONS).terms
    except cache.TermFileBuildError:
        terms = cache.load_term_file(ontology, _ROOT, DEFAULT_RELATIONS).terms
    return replace(terms, term_set=(), negating=frozenset())


def _no_terms() -> TermFile:
    """Return a term file of an ontology that knows nothing."""
    return TermFile("", "", DEFAULT_RELATIONS, "GO:", "", ("GO:",), "P", ("",), frozenset(), {},
                    frozenset(), (), ("",))  # fmt: skip


def _count(
    arguments: argparse.Namespace,
    listing: InputListing,
    terms: TermFile | None,
    access: s3.Access,
    scratch: Path,
    show: progress.ReportProgress,
) -> tuple[Sequence[InputFile], dict[int, FileTotal]]:
    """Run the job, and return the inputs with the sums of each."""
    from gafreduce.jobs.check import MRCheck

    plain = sum(found.bytes for found in listing.inputs if found.compression == "plain")
    packed = sum(found.bytes for found in listing.inputs if found.compression != "plain")
    runner = arguments.runner or job.choose_runner(plain, packed)
    conf = Path(arguments.conf) if arguments.conf else None
    side_files = job.SideFiles(scratch / "terms", scratch / "inputs.tsv", scratch / "filters.json")
    termfile.write(terms or _no_terms(), side_files.term_file)
    write_filters(Filters(strict=arguments.strict, obsolete=arguments.obsolete), side_files.filters)
    context = StagingContext(f"check-{uuid.uuid4().hex[:12]}", conf, access, scratch)
    with (
        time_limit.keep_watch(time_limit.Watch(time_limit.DEFAULT_SECONDS)) as watch,
        stage_inputs(
            listing.inputs, runner, context, lambda done, total: show("inputs", done, total)
        ) as area,
    ):
        sources = [found.input_file() for found in area.inputs]
        input_list.write(sources, side_files.input_list)
        n_parts = job.run_job(
            MRCheck,
            (),
            area.input_paths,
            side_files,
            area.output_path("check"),
            job.JobOptions(runner, conf, arguments.cores, area.options, watch),
            lambda done, total: show("tasks", done, total),
        )
        totals = read_totals(JobOutput(area.collect_parts("check", scratch, n_parts), scratch))
    for number, source in enumerate(sources):
        check_sums(source, totals[number])
    return sources, totals
