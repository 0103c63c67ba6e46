"""`gafreduce run` with several terms: make the folder of a study, and print an overview."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.cli.options import format_json
from gafreduce.pipeline.options import RunOptions

if TYPE_CHECKING:
    from gafreduce.pipeline.destination import Destination
    from gafreduce.streams import StyledLine
    from gafreduce.study.plan import StudyPlan


def run(arguments: argparse.Namespace, options: RunOptions) -> Iterator[str | StyledLine]:
    """Make the folder of a study, unless it exists; yield an overview and the path of the folder.

    Args:
        arguments: Those of `gafreduce run`.
        options: The options in them.
    """
    from gafreduce.pipeline.destination import open_destination
    from gafreduce.pipeline.report_process import open_report_process
    from gafreduce.pipeline.stages import Stages
    from gafreduce.study.pipeline import run_study
    from gafreduce.study.plan import make_study_plan
    from gafreduce.study.trait_sheet import list_traits
    from gafreduce.tempdir import temporary_folder
    from gafreduce.terminal.progress import show_progress

    sheet = Path(arguments.terms) if arguments.terms is not None else None
    rows = list_traits(arguments.term, sheet)
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        page = stack.enter_context(open_report_process("gafreduce.reports.traits.worker"))
        command, is_clustered = ("gafreduce", *sys.argv[1:]), arguments.cluster_traits
        study = make_study_plan(options, rows, command, scratch, is_clustered=is_clustered)
        if arguments.dry_run:
            yield from [format_json(_list_plan(study))] if arguments.json else _describe(study)
            return
        if options.runner.max_cost is not None:
            from gafreduce.estimates.cost_limit import check_cost  # few studies have a limit

            joint, limit, conf = study.joint, options.runner.max_cost, options.runner.conf_path
            check_cost(joint.listing.inputs, joint.runner, limit, joint.access, conf)
        with open_destination(study.joint, scratch) as destination:
            if not destination.exists:
                path, recorder = destination.folder.path, destination.recorder
                with show_progress(arguments.quiet) as progress:
                    run_study(study, path, scratch, Stages(progress), page, recorder)
        yield from _summarise(destination, study, arguments)


def _summarise(
    destination: Destination, study: StudyPlan, arguments: argparse.Namespace
) -> Iterator[str | StyledLine]:
    """Yield a line for each trait, or the record of the study as JSON."""
    from gafreduce.publishing.run_folder import StudyFolder

    record = StudyFolder(destination.folder.path).read_record()
    if arguments.json:
        yield format_json(record)
        return
    if not arguments.quiet:
        for trait in record["traits"]:
            verdicts = ", ".join(
                f"{number} {word}" for word, number in trait["n_organisms_by_verdict"].items()
            )
            yield f"{trait['go_id']}\t{trait['label']}\t{verdicts}"
    note = ": this run exists already" if destination.exists else ""
    yield f"{destination.address}{note}"


def _describe(study: StudyPlan) -> Iterator[str]:
    """Yield the traits, the inputs and the folder of a study, as lines of name and values."""
    found = _list_plan(study)
    for name in ("run id", "runner", "folder"):
        yield f"{name}\t{found[name.replace(' ', '_')]}"
    for name in ("trait", "input"):
        for each in found[f"{name}s"]:
            yield "\t".join([name, *map(str, each.values())])


def _list_plan(study: StudyPlan) -> dict[str, Any]:
    """Return the traits, the inputs and the folder of a study as plain data."""
    from gafreduce.pipeline.destination import find_address

    plan = study.joint
    return {
        "run_id": plan.run_id,
        "runner": plan.runner,
        "folder": find_address(plan),
        "traits": [
            {
                "go_id": trait.go_id,
                "label": trait.label,
                "group": trait.group,
                "note": trait.plan.terms.note,
                "n_terms": len(trait.plan.terms.terms.term_set),
                "run_id": trait.plan.run_id,
                "folder": trait.folder,
            }
            for trait in study.traits
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
