"""`gafreduce verify`: compare the files of a run folder or prefix with its manifest."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce.cli.options import (
    EXIT_CODES,
    add_json,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    pick_options,
)
from gafreduce.errors import InputError
from gafreduce.pipeline.options import S3Options

if TYPE_CHECKING:
    from gafreduce.publishing.manifest import Defect
    from gafreduce.storage.s3 import Access

_EPILOG = f"""\
examples:
  gafreduce verify gafreduce-runs/0123456789ab
      sizes and checksums of all files; a line for each difference
  gafreduce verify s3://bucket/runs/demo --json
      the same of a published run, as JSON

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Compare the files of a run with its manifest: which are missing, extra, or of another "
        "size or checksum. All files are read; nothing is changed. The exit code is 1 when there "
        "are differences.",
        _EPILOG,
    )
    command.add_argument(
        "run_dir", metavar="RUN_DIR|s3://", help="a run folder, or the prefix of a published run"
    )
    add_json(command, "the differences")
    add_s3(command)
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each difference between a run and its manifest, or all of them as JSON.

    Raises:
        InputError: There are differences, or there is no run.
        TransientError: S3 cannot be reached.
    """
    from gafreduce.storage.resolve import local_path

    place = arguments.run_dir
    if local_path(place) is None:
        defects = _verify_prefix(place, pick_options(S3Options, arguments).make_access())
    else:
        defects = _verify_folder(Path(place))
    if arguments.json:
        found = [each._asdict() for each in defects]
        yield format_json({"run": place, "defects": found})
    else:
        yield from (f"{each.kind}\t{each.path}\t{each.text}" for each in defects)
    if defects:
        n = f"{len(defects)} differences" if len(defects) > 1 else "one difference"
        raise InputError(f"{place}: expected the files of its manifest, got {n}")
    if not arguments.json and not arguments.quiet:
        yield f"{place}: all files are as its manifest states"


def _verify_folder(path: Path) -> Sequence[Defect]:
    from gafreduce.publishing.run_folder import RunFolder

    if not path.is_dir():
        raise InputError(f"{path}: expected a run folder, got no folder")
    return RunFolder(path).find_defects()


def _verify_prefix(place: str, access: Access) -> Sequence[Defect]:
    from gafreduce.publishing import s3_publish
    from gafreduce.storage import s3
    from gafreduce.storage.s3_errors import translate_errors
    from gafreduce.storage.s3_prefix import Prefix

    bucket, key = s3.parse(place)
    with translate_errors(f"verifying {place}"):
        return s3_publish.find_defects(Prefix(access.client(), bucket, key))
