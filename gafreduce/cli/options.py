"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from gafreduce import errors
from gafreduce.redaction import redact

RUNNERS = ("inline", "local", "hadoop", "emr")
#: As `jobs.formats.delimited.rows` has them, whose import takes time.
DELIMITERS = ("tab", "comma", "semicolon", "bar", "blank")

#: The last line of each command's help.
EXIT_CODES = textwrap.fill(
    f"exit codes: {'; '.join(f'{code} {text}' for code, text in errors.EXIT_CODES.items())}",
    width=98,
)

_Options = TypeVar("_Options")


def pick_options(kind: type[_Options], arguments: argparse.Namespace, **values: Any) -> _Options:
    """Return an object of a dataclass of options.

    Args:
        kind: The dataclass. An option has the name of its field; lists become tuples.
        arguments: The parsed command line.
        values: Fields that are not options of their own.
    """
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in values and hasattr(arguments, field.name):
            value = getattr(arguments, field.name)
            values[field.name] = tuple(value) if isinstance(value, list) else value
        elif field.name not in values and field.default is field.default_factory is MISSING:
            raise TypeError(f"{kind.__name__}.{field.name}: the command has no such option")
    return kind(**values)


def parse_share(text: str) -> float:
    """Return a share as a number from 0 to 1: `0.001`, `0.1%` or `0`.

    >>> parse_share("0.1%"), parse_share("0")
    (0.001, 0.0)
    """
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a share such as 0.1%, got {text!r}")
    return value


def parse_duration(text: str) -> float:
    """Return a duration in seconds: `6h`, `30m`, `90s`."""
    from gafreduce.execution import time_limit

    try:
        return time_limit.parse_duration(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a duration such as 6h, got {text!r}") from None


def parse_cost(text: str) -> float:
    """Return a cost in USD: `0.50`."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"expected US dollars such as 0.50, got {text!r}")
    return value


def parse_list(text: str) -> tuple[str, ...]:
    """Return a comma-separated list, which is not empty.

    >>> parse_list("GO_Central, UniProt")
    ('GO_Central', 'UniProt')
    """
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"expected a comma-separated list, got {text!r}")
    return found


def parse_taxon(text: str) -> int:
    """Return a taxon id: `224308`."""
    from gafreduce.jobs.model.taxon import parse_taxon_id

    taxon_id = parse_taxon_id(text)
    if not taxon_id:
        raise argparse.ArgumentTypeError(f"expected a taxon id such as 224308, got {text[:100]!r}")
    return taxon_id


def parse_organism(text: str) -> str:
    """Return what names an organism: a taxon id, a sample or a name."""
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a taxon id, a sample or a name, got no text")
    return text.strip()


def parse_positive(text: str) -> int:
    """Return a positive number: `2`."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"expected a number from 1, got {text!r}")
    return int(text)


def parse_url(text: str) -> str:
    """Return the URL of a service: `http://127.0.0.1:9000`."""
    scheme, _, host = text.partition("://")
    if scheme not in ("http", "https") or not host.strip("/"):
        raise argparse.ArgumentTypeError(
            f"expected a URL such as https://s3.example.org, got {redact(text)!r}"
        )
    return text


def parse_figure_width(text: str) -> float:
    """Return the width of figures in mm: `85`."""
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if not 70 <= width <= 300:
        raise argparse.ArgumentTypeError(f"expected a width from 70 to 300 mm, got {text!r}")
    return width


def parse_figure_formats(text: str) -> tuple[str, ...]:
    """Return the kinds of files of figures: `svg,pdf`."""
    from gafreduce.publishing.run_folder import FIGURE_FORMATS

    found = parse_list(text.lower())
    if set(found) - set(FIGURE_FORMATS):
        known = ", ".join(FIGURE_FORMATS)
        raise argparse.ArgumentTypeError(f"expected a list of {known}, got {text!r}")
    return tuple(dict.fromkeys(found))


def add_figures(command: Any, width: float | None, formats: tuple[str, ...] | None) -> None:
    """Add the size and the files of figures.

    Args:
        command: Of the command line.
        width: Width in mm if none is given.
        formats: Kinds of files if none are given.
    """
    otherwise = "default: as the run" if width is None else f"default: {width:g}"
    command.add_argument(
        "--figure-width",
        metavar="MM",
        type=parse_figure_width,
        default=width,
        help=f"width of figures in mm, such as 85 for a column of a journal or 180 for two; text "
        f"keeps its size ({otherwise})",
    )
    otherwise = "as the run" if formats is None else ",".join(formats)
    command.add_argument(
        "--figure-format",
        metavar="LIST",
        type=parse_figure_formats,
        default=formats,
        help=f"kinds of files of figures, separated by commas (default: {otherwise})",
    )


def describe(command: argparse.ArgumentParser, description: str, epilog: str = EXIT_CODES) -> None:
    """Set the texts before and after the options in a command's help."""
    command.description = description
    command.epilog = epilog
    command.formatter_class = argparse.RawDescriptionHelpFormatter


def add_verbosity(command: argparse.ArgumentParser) -> None:
    """Add -q and -v."""
    group = command.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    group.add_argument("-v", "--verbose", action="store_true", help="print each step")


def add_inputs(command: Any, number: str = "+") -> None:
    """Add the inputs.

    Args:
        command: A parser.
        number: How many there may be, as argparse writes it.
    """
    command.add_argument(
        "inputs",
        nargs=number,
        metavar="INPUT",
        help="annotation files, folders, globs, s3:// URIs (hdfs:// with -r hadoop), a sample "
        "sheet (inputs.tsv), or - for standard input",
    )


def add_ontology(command: Any, more: str = "") -> None:
    """Add the ontology.

    Args:
        command: A parser or a group.
        more: A remark for the end of the help text.
    """
    command.add_argument(
        "--ontology",
        metavar="OBO",
        help="go-basic.obo, plain or gzip: a path or s3:// URI (default: go-basic.obo[.gz] in the "
        f"working folder, else $GAFREDUCE_ONTOLOGY{more})",
    )


def add_ontology_relations(command: Any) -> None:
    """Add the relations of the ontology that are followed."""
    from gafreduce.ontology.termfile import DEFAULT_RELATIONS

    command.add_argument(
        "--ontology-relations",
        metavar="LIST",
        type=parse_list,
        default=DEFAULT_RELATIONS,
        help="relations that lead from a term to its descendants (default: is_a,part_of)",
    )


def add_json(command: Any, what: str) -> None:
    """Add --json.

    Args:
        command: A parser or a group.
        what: The part of the output that is then JSON.
    """
    command.add_argument("--json", action="store_true", help=f"print {what} as JSON")


def format_json(found: Any) -> str:
    """Return plain data as JSON, for standard output."""
    import json

    return json.dumps(found, ensure_ascii=False, indent=2)


def add_input_format(command: Any) -> None:
    """Add how inputs are found, and the properties that files of some formats do not contain.

    Args:
        command: A parser or a group.
    """
    command.add_argument(
        "--recursive", action="store_true", help="search the folders in folders, too"
    )
    command.add_argument(
        "--skip-unknown",
        action="store_true",
        help="go on without files of a folder whose format is not recognised; they are named in "
        "the notes on the input",
    )
    command.add_argument(
        "--format",
        metavar="FORMAT",
        help="format of all inputs, by its name in docs/formats.md (default: each is recognised by "
        "its content)",
    )
    command.add_argument(
        "--taxon",
        metavar="TAXON",
        type=parse_taxon,
        help="NCBI taxonomy id for inputs that contain no taxa",
    )
    command.add_argument(
        "--companion",
        metavar="GPI",
        help="GPI file with the symbols, names and taxa of inputs in GPAD",
    )
    command.add_argument(
        "--delimiter",
        choices=DELIMITERS,
        help="separator of the columns of inputs in delimited text (default: recognised)",
    )
    command.add_argument(
        "--id-column",
        metavar="COLUMN",
        help="column of the gene product in delimited text: its name, or its number from 1 "
        "(default: recognised)",
    )
    command.add_argument(
        "--go-column",
        metavar="COLUMN",
        help="column of the GO ids in delimited text: its name, or its number from 1 (default: "
        "recognised)",
    )


def add_conf(command: Any) -> None:
    """Add the configuration of mrjob."""
    command.add_argument("-c", "--conf", metavar="FILE", help="mrjob.conf (default: none is read)")


def add_runner(command: Any) -> None:
    """Add where and with how many processes jobs run."""
    command.add_argument(
        "-r",
        "--runner",
        choices=RUNNERS,
        help="inline: one process; local: all cores; hadoop; emr (default: inline for small "
        "inputs, else local)",
    )
    add_conf(command)
    command.add_argument(
        "--cores",
        metavar="N",
        type=parse_positive,
        help="number of processes of -r local (default: all cores)",
    )


def add_s3(command: Any) -> None:
    """Add how S3 is accessed."""
    command.add_argument(
        "--endpoint-url", metavar="URL", type=parse_url, help="S3 endpoint other than Amazon's"
    )
    command.add_argument("--profile", metavar="NAME", help="AWS profile")
    command.add_argument(
        "--no-sign-request",
        action="store_true",
        help="read public buckets without credentials (default: if there are none)",
    )


def add_encryption(command: Any) -> None:
    """Add the key that S3 encrypts with."""
    command.add_argument(
        "--sse-kms-key-id",
        metavar="KEY",
        help="KMS key with which S3 encrypts what is written (default: the bucket's setting)",
    )
