"""`gafreduce run`: make a run folder from annotation files, and print the summary."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gafreduce.cli import filter_options
from gafreduce.cli.defaults_file import find_used
from gafreduce.cli.options import (
    EXIT_CODES,
    add_encryption,
    add_figures,
    add_input_format,
    add_inputs,
    add_json,
    add_ontology,
    add_ontology_relations,
    add_runner,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    parse_cost,
    parse_duration,
    parse_organism,
    parse_share,
    pick_options,
)
from gafreduce.cli.parsers import ReplacingAppend
from gafreduce.errors import UsageError
from gafreduce.pipeline.options import RunnerOptions, RunOptions, S3Options
from gafreduce.storage.resolve import check_output_address, local_path

if TYPE_CHECKING:
    from gafreduce.pipeline.destination import Destination
    from gafreduce.pipeline.plan import Plan
    from gafreduce.storage.s3 import Access
    from gafreduce.streams import StyledLine

_DESCRIPTION = """\
Report which organisms in the given files are annotated with a GO term, and write the results to a
run folder.
"""
_EPILOG = f"""\
examples:
  gafreduce run data/samples --ontology data/samples/go-samples.obo
      the seven sample files; the results are in gafreduce-runs/<run id>/
  gafreduce run data/samples/*.gaf --ontology data/samples/go-samples.obo --term GO:0009294 -o dna
      another term, another folder
  gafreduce run data/samples --ontology data/samples/go-samples.obo \
--term GO:0030420 --term GO:0009294 -o study
      two terms: a study with a run folder for each, and an overview
  gafreduce run data/samples --ontology data/samples/go-samples.obo --dry-run
      list the inputs and the terms, and stop
  gafreduce run data/samples --ontology data/samples/go-samples.obo --json --no-report --force
      tables only, and the summary as JSON on standard output

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options; each has the name of its field in `gafreduce.pipeline.options`."""
    describe(command, _DESCRIPTION, _EPILOG)
    add_inputs(command)
    command.add_argument(
        "-o",
        "--output",
        metavar="DIR|s3://",
        help="new run folder (default: gafreduce-runs/<run id>)",
    )
    command.add_argument(
        "--term",
        metavar="TERM",
        action=ReplacingAppend,
        default=[],
        help="target term: an id, or an exact and unique name or synonym (default: "
        f"{RunOptions.term}); several make a study (repeatable)",
    )
    command.add_argument(
        "--terms",
        metavar="FILE",
        help="the terms of a study: a table (TSV or CSV) with the columns id, label and group",
    )
    command.add_argument(
        "--cluster-traits",
        action="store_true",
        help="order traits and organisms in the overview of a study by clusters "
        "(default: the order of the terms)",
    )
    command.add_argument(
        "--tree",
        metavar="FILE",
        help="order organisms in the answer, the report and the overview of a study by the leaves "
        "of a tree (Newick), which are taxon ids, samples or names (default: by the column group "
        "of the sample sheet, if it has groups, and by evidence)",
    )
    ontology = command.add_argument_group("ontology")
    add_ontology(ontology)
    add_ontology_relations(ontology)
    _add_questions(command.add_argument_group("inputs and organisms"))
    filter_options.add_filters(command)
    jobs = command.add_argument_group("jobs and results")
    add_runner(jobs)
    jobs.add_argument(
        "-D",
        dest="settings",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="Hadoop setting, for -r hadoop and emr (repeatable)",
    )
    jobs.add_argument(
        "--max-wall",
        metavar="TIME",
        type=parse_duration,
        default=RunnerOptions.max_wall,
        help="time limit for -r hadoop and emr, such as 6h, 30m or 90s; the application or cluster "
        "is terminated after it, or when no task starts within half an hour (default: 6h)",
    )
    jobs.add_argument(
        "--max-cost",
        metavar="USD",
        type=parse_cost,
        help="stop before anything that costs starts, when the estimate for -r emr is more than "
        "this (gafreduce estimate); other runners cost nothing",
    )
    jobs.add_argument("--no-report", dest="report", action="store_false", help="write tables only")
    jobs.add_argument(
        "--search",
        action="store_true",
        help="also write extras/search.sqlite, the database of gafreduce serve",
    )
    jobs.add_argument(
        "--catalog",
        metavar="DATABASE",
        help="add the published run to this database of the Glue catalog, for Athena",
    )
    jobs.add_argument("--force", action="store_true", help="replace an existing run folder")
    jobs.add_argument(
        "--dry-run", action="store_true", help="print inputs and terms, and stop before the job"
    )
    add_json(jobs, "the summary, or with --dry-run the plan,")
    add_s3(jobs)
    add_encryption(jobs)
    add_verbosity(command)


def _add_questions(group: argparse._ArgumentGroup) -> None:
    add_input_format(group)
    group.add_argument(
        "--organism",
        dest="organisms",
        metavar="ORGANISM",
        type=parse_organism,
        action="append",
        default=[],
        help="compare exactly these organisms: taxon ids, samples of the sample sheet, or names, "
        "yours or those of the NCBI Taxonomy (repeatable; default: all except strays, which have "
        "fewer than 10 gene products and under 2%% of the largest)",
    )
    group.add_argument(
        "--organism-names",
        metavar="FILE",
        help="names of organisms: taxon_id TAB name, or names.dmp of NCBI Taxonomy",
    )
    group.add_argument(
        "--id-map",
        metavar="FILE",
        help="ids of the same gene product: two columns (TSV or CSV), the id to count by and "
        "another id; joins files of one organism that use different ids",
    )
    group.add_argument(
        "--scope",
        choices=("full", "target"),
        default=RunOptions.scope,
        help="terms of the table `profile`: all of GO, or the target, its descendants and "
        "regulators only (default: %(default)s)",
    )
    group.add_argument(
        "--max-rejected",
        metavar="SHARE",
        type=parse_share,
        default=RunOptions.max_rejected,
        help="largest share of rejected lines in a file; ten lines are always tolerated, unless "
        "it is 0 (default: 0.1%%)",
    )
    group.add_argument(
        "--components",
        metavar="FILE",
        help="table of the components of a molecular machinery to look for "
        "(docs/statistics.md#components; default: those of competence, for its term)",
    )
    group.add_argument(
        "--orthologs", metavar="FILE", help="table assigning gene products to components"
    )
    group.add_argument(
        "--slim",
        metavar="SUBSET",
        help="also count the terms of a subset of GO in each organism: the name of a subset of the "
        "ontology, such as goslim_prokaryote, or an OBO file of its terms",
    )
    add_figures(group, RunOptions.figure_width, RunOptions.figure_format)


def read_options(arguments: argparse.Namespace) -> RunOptions:
    """Return the options of a parsed command line.

    Raises:
        UsageError: The output is empty, as an unset variable is, or an unknown kind of address.
    """
    if arguments.output == "":
        raise UsageError("-o: expected a folder or s3:// URI, got an empty text")
    if arguments.output is not None:
        check_output_address(arguments.output)
    if arguments.catalog is not None and local_path(arguments.output or "") is not None:
        raise UsageError("--catalog: expected -o s3://bucket/prefix, which a catalog can point to")
    return pick_options(
        RunOptions,
        arguments,
        defaults_file=find_used(arguments),
        term=arguments.term[0] if arguments.term else RunOptions.term,
        filters=filter_options.make_filters(arguments),
        runner=pick_options(RunnerOptions, arguments),
        s3=pick_options(S3Options, arguments),
    )


def publishes(arguments: argparse.Namespace) -> bool:
    """Return whether the command makes a run folder."""
    return not arguments.dry_run


def run(arguments: argparse.Namespace) -> Iterator[str | StyledLine]:
    """Make a run folder, unless it exists; yield the summary and the path of the folder."""
    from gafreduce.pipeline.destination import open_destination
    from gafreduce.pipeline.plan import make_plan
    from gafreduce.pipeline.report_process import open_report_process
    from gafreduce.pipeline.run_pipeline import run_pipeline
    from gafreduce.pipeline.stages import Stages
    from gafreduce.tempdir import temporary_folder
    from gafreduce.terminal.progress import show_progress

    options = read_options(arguments)
    if len(arguments.term) > 1 or arguments.terms is not None:
        from gafreduce.commands.runs import study  # most runs are of one term

        yield from study.run(arguments, options)
        return
    if arguments.cluster_traits:
        raise UsageError("--cluster-traits: expected several terms, got one (--term, --terms)")
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        page = None
        if options.report and not arguments.dry_run:
            page = stack.enter_context(open_report_process())
        plan = make_plan(options, ("gafreduce", *sys.argv[1:]), scratch, page)
        if arguments.dry_run:
            yield from [format_json(_list_plan(plan))] if arguments.json else _describe(plan)
            return
        if options.runner.max_cost is not None:
            from gafreduce.estimates.cost_limit import check_cost  # few runs have a limit

            limit, conf = options.runner.max_cost, options.runner.conf_path
            check_cost(plan.listing.inputs, plan.runner, limit, plan.access, conf)
        with open_destination(plan, scratch) as destination:
            if not destination.exists:
                path, recorder = destination.folder.path, destination.recorder
                with show_progress(arguments.quiet) as progress:
                    run_pipeline(plan, path, scratch, Stages(progress), page, recorder)
        if options.catalog is not None:
            _add_to_catalog(options.catalog, destination.address, plan.access)
        yield from _summarise(destination, arguments)


def _add_to_catalog(database: str, address: str, access: Access) -> None:
    """Add a published run to the Glue catalog; it may be there.

    Raises:
        TransientError: Glue failed. The run is published, and `gafreduce catalog --sync` adds it.
    """
    from gafreduce.storage.s3_errors import translate_errors
    from gafreduce.warehouse.glue_catalog import Catalog
    from gafreduce.warehouse.published_runs import list_published_runs

    with translate_errors(f"listing {address}"):
        runs = list_published_runs(access.client(), address)
    catalog = Catalog(access.open_service("glue", "the Glue catalog"), database)
    for run in runs:
        catalog.add_run(run)


def _summarise(
    destination: Destination, arguments: argparse.Namespace
) -> Iterator[str | StyledLine]:
    """Yield the summary of a run in lines, or as JSON."""
    if destination.exists:
        destination.folder.check_record()
    if arguments.json:
        from gafreduce.reports.summary import summary

        yield format_json(summary.read_summary(destination.folder).as_dict())
        return
    if not arguments.quiet:
        from gafreduce.reports.summary import summary
        from gafreduce.reports.summary.answer import format_answer
        from gafreduce.terminal import text_table

        table = f"{destination.address}/tables/organisms.tsv"
        found = summary.read_summary(destination.folder)
        yield from format_answer(found, table, text_table.get_width())
    note = ": this run exists already" if destination.exists else ""
    yield f"{destination.address}{note}"


def _describe(plan: Plan) -> Iterator[str]:
    """Yield the inputs, the terms and the folder of a run, as lines of name and values."""
    found = _list_plan(plan)
    for name in ("run id", "runner", "folder", "note"):
        if found[name.replace(" ", "_")]:
            yield f"{name}\t{found[name.replace(' ', '_')]}"
    for name in ("term", "input"):
        for each in found[f"{name}s"]:
            yield "\t".join([name, *map(str, each.values())])


def _list_plan(plan: Plan) -> dict[str, Any]:
    """Return the inputs, the terms and the folder of a run as plain data."""
    from gafreduce.pipeline.destination import find_address

    return {
        "run_id": plan.run_id,
        "runner": plan.runner,
        "folder": find_address(plan),
        "note": plan.terms.note,
        "terms": [
            {"go_id": term.go_id, "term_class": term.term_class, "name": term.name}
            for term in plan.terms.terms.term_set
        ],
        "inputs": [
            {
                "source_file": found.source_file,
                "format": found.format,
                "compression": found.compression,
                "bytes": found.bytes,
                "organism": found.organism,
            }
            for found in plan.listing.inputs
        ],
    }
