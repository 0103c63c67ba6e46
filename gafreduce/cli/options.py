"""Options that several commands have, and what their values mean."""

from __future__ import annotations

import argparse
from typing import Any

from gafreduce.execution import time_limit
from gafreduce.ontology.termfile import DEFAULT_RELATIONS

RUNNERS = ("inline", "local", "hadoop", "emr")

EXIT_CODES = """\
exit codes: 0 done; 1 an input is at fault or the run failed; 2 wrong usage; 130 interrupted
"""


def share(text: str) -> float:
    """Return a share as a number from 0 to 1: `0.001`, `0.1%` or `0`.

    >>> share("0.1%"), share("0")
    (0.001, 0.0)
    """
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a share such as 0.1%, got {text!r}")
    return value


def duration(text: str) -> float:
    """Return a time in seconds: `6h`, `30m`, `90s`."""
    try:
        return time_limit.parse_duration(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time such as 6h, got {text!r}") from None


def relations(text: str) -> tuple[str, ...]:
    """Return a comma-separated list of relations."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def taxon(text: str) -> int:
    """Return a taxon id: `224308`."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**10):
        raise argparse.ArgumentTypeError(f"expected a taxon id such as 224308, got {text!r}")
    return int(text)


def add_verbosity(command: argparse.ArgumentParser) -> None:
    """Add how much is said."""
    group = command.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    group.add_argument("-v", "--verbose", action="store_true", help="say what is being done")


def add_ontology(command: argparse.ArgumentParser) -> None:
    """Add which ontology is asked, and over which relations."""
    group = command.add_argument_group("ontology")
    group.add_argument(
        "--ontology",
        metavar="OBO",
        help="go-basic.obo, plain or gzip, a path or s3://; else go-basic.obo[.gz] in the working "
        "folder, else $GAFREDUCE_ONTOLOGY",
    )
    group.add_argument(
        "--ontology-relations",
        metavar="LIST",
        type=relations,
        default=DEFAULT_RELATIONS,
        help="relations that make descendants and propagation (default: is_a,part_of)",
    )


def add_reading(command: Any) -> None:
    """Add what files of some formats do not say themselves; a sample sheet can say it for each."""
    command.add_argument("--format", help="format of all inputs, instead of finding it by content")
    command.add_argument(
        "--taxon", metavar="TAXON", type=taxon, help="taxon of inputs whose format has none"
    )
    command.add_argument(
        "--companion", metavar="GPI", help="GPI file of inputs in GPAD: symbols, names and taxa"
    )


def add_key(command: Any) -> None:
    """Add the key that S3 encrypts with."""
    command.add_argument(
        "--sse-kms-key-id",
        metavar="KEY",
        help="have S3 encrypt all that is put with this KMS key (default: as the bucket says)",
    )
