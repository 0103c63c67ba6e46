"""`gafreduce check`: apply GO's rules to annotation files, and list findings."""

from __future__ import annotations

import argparse
import contextlib
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce.cli import filter_options
from gafreduce.cli.options import (
    add_input_format,
    add_inputs,
    add_ontology,
    add_runner,
    add_s3,
    add_verbosity,
    describe,
    parse_list,
    pick_options,
)
from gafreduce.errors import InputError, RefusedError, UsageError
from gafreduce.execution import job, time_limit
from gafreduce.execution.staging import stage_inputs
from gafreduce.execution.staging_area import StagingRequest
from gafreduce.inputs import verify
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.ontology_file import OntologySourceError, download_ontology, find_ontology
from gafreduce.jobs.accounting.reconcile import FileTotal, check_sums, check_understood
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.model.filters import Filters, write_filters
from gafreduce.jobs.rules.catalogue import find_rules
from gafreduce.ontology import cache, termfile
from gafreduce.ontology.termfile import TermFile
from gafreduce.pipeline.options import RunnerOptions, S3Options
from gafreduce.pipeline.plan import choose_runner
from gafreduce.reports.summary import check_report
from gafreduce.reports.summary.check_report import CheckReport
from gafreduce.reports.summary.sentences import format_count
from gafreduce.reports.tables.core_tables import read_totals
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3 import Access
from gafreduce.tempdir import temporary_folder
from gafreduce.terminal.progress import Progress, show_progress

_EPILOG = """\
examples:
  gafreduce check data/samples --ontology data/samples/go-samples.obo
      all findings in the samples
  gafreduce check FILE.gaf.gz --rules GORULE:0000020,unknown_go_id --to tsv
      merged, replaced, obsolete and unknown term ids, each with its number of lines
  gafreduce check FILE.gaf --fail-on warn -q
      for pipelines: the exit code, and one line on standard error when it is not 0

exit codes: 0 clean, or warnings only; 1 lines are refused, or an input is at fault; 2 wrong usage;
3 failed, trying again may help; 5 --fail-on reject: lines are refused; --fail-on warn: or have
warnings; 128 + N ended by signal N
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Apply GO's rules (docs/rules.md) to annotation files of any known format. Rules that need "
        "the ontology are skipped without one.",
        _EPILOG,
    )
    add_inputs(command)
    command.add_argument(
        "--rules",
        metavar="LIST",
        type=_parse_rules,
        default=find_rules(["all"]),
        help="words or GORULE ids of docs/rules.md, or all (default: all)",
    )
    command.add_argument(
        "--to",
        choices=tuple(check_report.FORMATS),
        default="text",
        help="format to write (default: %(default)s); tsv is the table `findings`",
    )
    command.add_argument(
        "--json", dest="to", action="store_const", const="json", help="the same as --to json"
    )
    command.add_argument(
        "--fail-on",
        choices=("reject", "warn"),
        help="exit with 5 when there are findings of this severity (default: exit with 1 when "
        "lines are refused)",
    )
    add_input_format(command)
    add_ontology(command, "; optional")
    filter_options.add_rules(command)
    jobs = command.add_argument_group("jobs")
    add_runner(jobs)
    add_s3(jobs)
    add_verbosity(command)


def _parse_rules(text: str) -> frozenset[str]:
    """Return the words of rules."""
    try:
        return find_rules(parse_list(text))
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the findings.

    Raises:
        InputError: Lines are refused; all findings are yielded before.
        RefusedError: There are findings that --fail-on names; all findings are yielded before.
    """
    runner = pick_options(RunnerOptions, arguments)
    access = pick_options(S3Options, arguments).make_access(runner.conf_path)
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        terms = _load_terms(arguments.ontology, access, scratch)
        listing = list_inputs(
            InputRequest.from_options(arguments),
            StorageResolver(access, has_hadoop=runner.runner == "hadoop"),
            scratch,
        )
        shown = stack.enter_context(show_progress(arguments.quiet))
        stored = sum(each.bytes for each in listing.inputs)
        text = sum(each.text_bytes for each in listing.inputs)
        shown.plan(("inputs", "job", "counting"), stored, text)
        filters = Filters(strict=arguments.strict, obsolete=arguments.obsolete)
        sources, totals = _run_job(listing, filters, terms, runner, access, scratch, shown)
    for number, source in enumerate(sources):
        if not totals[number].n_rejected:  # refused lines are findings
            check_understood(source, totals[number])
    report = check_report.make_report(sources, totals, terms, arguments.rules)
    if not arguments.quiet:
        yield from check_report.FORMATS[arguments.to](report)
    _judge(report, arguments.fail_on)


def _judge(report: CheckReport, fail_on: str | None) -> None:
    """Raise an error if lines are refused, or have findings of the severity that --fail-on names.

    Raises:
        InputError: Lines are refused, and there is no --fail-on.
        RefusedError: There are findings that --fail-on names.
    """
    for severity in ("reject", "warn") if fail_on == "warn" else ("reject",):
        n_lines = sum(
            found.n_lines
            for found in report.findings
            if found.severity == severity
            or (severity == "reject" and found.rule.word == "refused_in_part")
        )
        if n_lines:
            what = "refused lines" if severity == "reject" else "lines with warnings"
            refusal = InputError if fail_on is None else RefusedError
            found = format_count(n_lines, "finding")
            raise refusal(f"expected clean files, got {found} of {what}")


def _load_terms(named: str | None, access: Access, scratch: Path) -> TermFile | None:
    """Return the term file that rules need; None without an ontology."""
    try:
        ontology = download_ontology(find_ontology(named), access, scratch)
    except OntologySourceError:
        return None
    return cache.load_terms_alone(ontology)


def _run_job(
    listing: InputListing,
    filters: Filters,
    terms: TermFile | None,
    options: RunnerOptions,
    access: Access,
    scratch: Path,
    progress: Progress,
) -> tuple[Sequence[InputFile], dict[int, FileTotal]]:
    """Run the job; return the inputs, and the counts of each by its number."""
    from gafreduce.jobs.check import MRCheck

    job.check_runner(options.runner)
    runner = options.runner or choose_runner(listing)
    side_files = job.SideFiles(scratch / "terms", scratch / "inputs.tsv", scratch / "filters.json")
    termfile.write(terms or termfile.make_empty(), side_files.term_file)
    write_filters(filters, side_files.filters)
    request = StagingRequest(f"check-{uuid.uuid4().hex[:12]}", options.conf_path, access, scratch)
    progress.begin("inputs")
    with (
        time_limit.keep_watch(time_limit.Watch(options.max_wall)) as watch,
        stage_inputs(listing.inputs, runner, request, progress.count_tasks) as area,
    ):
        sources = [found.input_file() for found in area.inputs]
        input_list.write_input_list(sources, side_files.input_list)
        progress.begin("job")
        try:
            n_parts = job.run_job(
                MRCheck,
                (),
                area.input_paths,
                side_files,
                area.output_path("check"),
                job.JobOptions(runner, options.conf_path, options.cores, area.options, watch),
                progress.count_tasks,
                on_bytes=progress.count_bytes,
            )
        except (job.JobError, OSError):
            verify.check_unchanged_here(listing.inputs)  # a removed file has no handle to look at
            raise
        totals = read_totals(JobOutput(area.collect_parts("check", scratch, n_parts), scratch))
    if runner in job.CLUSTERS:
        verify.check_unchanged(listing.inputs, access)
    for number, source in enumerate(sources):
        check_sums(source, totals[number])
    return sources, totals
