"""`gafreduce doctor`: what a run would need, checked before it costs anything."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce.doctor import emr_checks, hadoop_checks, local_checks, s3_checks
from gafreduce.doctor.checks import PROBLEM, CheckResult
from gafreduce.errors import InputError
from gafreduce.storage import hadoop, s3
from gafreduce.storage.resolve import local_path, open_storage


class DoctorError(InputError):
    """A check found a problem."""


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Print a line for each check.

    Raises:
        DoctorError: At the end, when one found a problem.
    """
    n_problems = 0
    for check in _checks(arguments):
        n_problems += check.state == PROBLEM
        if check.state == PROBLEM or not arguments.quiet:
            yield check.line()
    if n_problems:
        raise DoctorError(f"{n_problems} {'problem' if n_problems == 1 else 'problems'}")


def _checks(arguments: argparse.Namespace) -> Iterator[CheckResult]:
    access = s3.Access(arguments.endpoint_url, arguments.profile, arguments.sse_kms_key_id)
    in_s3 = [
        each for each in arguments.inputs if "emr" in open_storage(each, access).read_in_place_by
    ]
    others = [each for each in arguments.inputs if each not in in_s3]
    named = arguments.output or ""
    output = named if local_path(named) is None else None
    conf = Path(arguments.conf) if arguments.conf else None
    hadoop.go_by(conf)
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
