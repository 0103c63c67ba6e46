"""`gafreduce doctor`: check the prerequisites of a run."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce.cli.options import (
    add_conf,
    add_encryption,
    add_json,
    add_ontology,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    pick_options,
)
from gafreduce.errors import InputError

if TYPE_CHECKING:
    from gafreduce.doctor.checks import CheckResult


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Check this machine, and Hadoop, S3 or Amazon EMR, for what a run needs. Each check prints "
        "a line: ok, problem (with advice), or not checked (with the reason).",
    )
    command.add_argument(
        "what",
        nargs="?",
        choices=("local", "s3", "hadoop", "emr"),
        default="local",
        help="where the job would run, or where its data are (default: %(default)s)",
    )
    command.add_argument("inputs", nargs="*", metavar="INPUT", help="inputs of the run")
    command.add_argument(
        "-o",
        "--output",
        metavar="FOLDER|s3://",
        help="output of the run; in S3 a probe is written and removed",
    )
    add_conf(command)
    add_ontology(command)
    add_s3(command)
    add_encryption(command)
    add_json(command, "the checks")
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each check.

    Raises:
        InputError: A check found a problem; all lines are yielded before.
    """
    from gafreduce.doctor.checks import PROBLEM

    n_problems = 0
    found: list[CheckResult] = []
    for check in _checks(arguments):
        n_problems += check.state == PROBLEM
        if check.state == PROBLEM or not arguments.quiet:
            found.append(check)
            if not arguments.json:
                yield check.line()
    if arguments.json:
        yield format_json([asdict(each) for each in found])
    if n_problems:
        raise InputError(f"{n_problems} {'problem' if n_problems == 1 else 'problems'}")


def _checks(arguments: argparse.Namespace) -> Iterator[CheckResult]:
    from gafreduce.doctor import emr_checks, hadoop_checks, local_checks, s3_checks
    from gafreduce.pipeline.options import S3Options
    from gafreduce.storage.resolve import local_path, open_storage

    conf = Path(arguments.conf) if arguments.conf else None
    access = pick_options(S3Options, arguments).make_access(conf)
    in_s3 = [
        each for each in arguments.inputs if "emr" in open_storage(each, access).read_in_place_by
    ]
    others = [each for each in arguments.inputs if each not in in_s3]
    named = arguments.output or ""
    output = named if local_path(named) is None else None
    yield from local_checks.check_machine(arguments.ontology)
    if arguments.what == "hadoop":
        yield from hadoop_checks.check_hadoop(conf)
    yield from local_checks.check_places(
        others, None if output else arguments.output, arguments.what, access
    )
    if arguments.what == "emr":
        yield from emr_checks.check_emr(conf, access, in_s3, output)
    elif arguments.what == "s3" or in_s3 or output:
        yield from s3_checks.check_s3(access, in_s3, output)
