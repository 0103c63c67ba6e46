"""`gafreduce estimate`: lines, time, memory and cost of a run, before it starts."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.cli.options import (
    EXIT_CODES,
    add_input_format,
    add_inputs,
    add_json,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    parse_positive,
    pick_options,
)
from gafreduce.pipeline.options import RunOptions, S3Options
from gafreduce.system import host

if TYPE_CHECKING:
    from gafreduce.estimates.rates import Prices, Rates
    from gafreduce.estimates.routes import Estimate, Workload
    from gafreduce.estimates.sampling import InputSample

log = logging.getLogger(__name__)

_EPILOG = f"""\
examples:
  gafreduce estimate in/*.gaf.gz
      lines, and the four routes: this machine, AWS Lambda, AWS Batch, Amazon EMR
  gafreduce estimate s3://my-gaf/goa/ -r emr --json
      one route, as JSON with its arithmetic

{EXIT_CODES}
"""
_CHOICES = ("laptop", "lambda", "batch", "emr", "inline", "local")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Estimate lines, time, memory and cost of a run by route. Lines are counted in the first "
        "megabyte of each input. Times come from measured rates, costs from a dated table of list "
        "prices; what is assumed is in docs/aws.md.",
        _EPILOG,
    )
    add_inputs(command)
    command.add_argument(
        "-r",
        "--route",
        "--runner",
        dest="route",
        choices=_CHOICES,
        help="one route only; inline and local are this machine (default: all routes)",
    )
    command.add_argument(
        "--cores", metavar="N", type=parse_positive, help="cores of this machine (default: all)"
    )
    command.add_argument(
        "--prices", metavar="FILE", type=Path, help="table of prices (default: the package's)"
    )
    command.add_argument(
        "--scope",
        choices=("full", "target"),
        default=RunOptions.scope,
        help="terms of the table `profile` (default: %(default)s)",
    )
    command.add_argument(
        "--no-report", dest="report", action="store_false", help="of a run without report"
    )
    add_input_format(command)
    add_json(command, "the estimates")
    add_s3(command)
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the estimates.

    Raises:
        InputError: An input or the table of prices is at fault.
    """
    from gafreduce.estimates import rates, routes
    from gafreduce.estimates.sampling import sample_inputs
    from gafreduce.inputs.listing import InputRequest, list_inputs
    from gafreduce.storage.resolve import StorageResolver
    from gafreduce.tempdir import temporary_folder

    prices, measured = rates.read_prices(arguments.prices), rates.read_rates(arguments.scope)
    if warning := rates.describe_age(prices):
        log.warning("%s", warning)
    resolver = StorageResolver(pick_options(S3Options, arguments).make_access())
    with temporary_folder() as scratch:
        listing = list_inputs(InputRequest.from_options(arguments), resolver, scratch)
        samples = sample_inputs(listing.inputs, resolver)
    work = routes.add_up(samples, arguments.report)
    cores = arguments.cores or host.count_cores()
    found = routes.estimate_routes(work, measured, prices, cores)
    route = routes.ROUTE_OF_RUNNER.get(arguments.route, arguments.route)
    chosen = [each for each in found if route in (None, each.route)]
    if arguments.json:
        yield format_json(_list_all(samples, work, chosen, measured, prices))
    else:
        yield from _describe(samples, work, chosen, measured, prices)


def _list_all(
    samples: Sequence[InputSample],
    work: Workload,
    chosen: Sequence[Estimate],
    rates: Rates,
    prices: Prices,
) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        **work._asdict(),
        "is_counted": all(each.is_whole for each in samples),
        "inputs": [{**each._asdict(), "taxa": len(each.taxa)} for each in samples],
        "rates": {"date": rates.date, "local_machine": rates.machine},
        "prices": {"date": prices.date, "region": prices.region},
        "routes": [each._asdict() for each in chosen],
    }


def _describe(
    samples: Sequence[InputSample],
    work: Workload,
    chosen: Sequence[Estimate],
    rates: Rates,
    prices: Prices,
) -> Iterator[str]:
    """Yield the estimates as lines of names and values."""
    about = "" if all(each.is_whole for each in samples) else "about "
    yield (
        f"{about}{work.lines:,} annotation lines in {len(samples):,} inputs "
        f"({format_bytes(work.stored_bytes)} stored, {about}{format_bytes(work.text_bytes)} of "
        f"text, {work.organisms:,} taxa or more)"
    )
    yield "route\ttime\tmemory\tUSD\tnote"
    for each in chosen:
        note = "" if each.fits else "does not fit"
        yield (
            f"{each.route}\t{format_seconds(each.seconds)}\t{each.memory_mb:.0f} MB\t"
            f"{format_usd(each.usd)}\t{note}"
        )
    for each in chosen:
        for step in each.arithmetic:
            yield f"  {each.route}: {step}"
    yield f"rates of {rates.date} ({rates.machine}); prices of {prices.date}, {prices.region}"


def format_bytes(n_bytes: float) -> str:
    """Return a number of bytes in MB or GB.

    >>> format_bytes(1_140_000), format_bytes(23e9)
    ('1.1 MB', '23.0 GB')
    """
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"


def format_seconds(seconds: float) -> str:
    """Return a time in seconds, minutes or hours.

    >>> format_seconds(7.24), format_seconds(600), format_seconds(9000)
    ('7.2 s', '10.0 min', '2.5 h')
    """
    if seconds >= 7200:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.1f} s"


def format_usd(usd: float) -> str:
    """Return a cost with two figures that count.

    >>> format_usd(0), format_usd(0.00123), format_usd(0.4321)
    ('0', '0.0012', '0.43')
    """
    if not usd:
        return "0"
    return f"{usd:.2f}" if usd >= 0.1 else f"{usd:.2g}"
