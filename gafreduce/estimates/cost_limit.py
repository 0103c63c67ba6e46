"""Stop a run whose estimated cost is above a limit, before it costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gafreduce.errors import InputError, UsageError
from gafreduce.estimates.rates import read_prices, read_rates
from gafreduce.estimates.routes import ROUTE_OF_RUNNER, WORKERS, add_up, estimate_routes
from gafreduce.estimates.sampling import sample_inputs
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.mrjob_conf import read_option
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3 import Access


def check_cost(
    inputs: Sequence[ListedInput], runner: str, max_cost: float, access: Access, conf: Path | None
) -> None:
    """Check that a run costs no more than a limit, by its estimate.

    Args:
        inputs: The inputs of the run.
        runner: Its runner; only `emr` costs.
        max_cost: The limit, in USD.
        access: The access to S3.
        conf: A mrjob.conf, with the number of nodes.

    Raises:
        UsageError: It costs more; nothing was started.
        GafreduceError: An input or mrjob.conf cannot be read.
    """
    if ROUTE_OF_RUNNER.get(runner) != "emr":
        return
    samples = sample_inputs(inputs, StorageResolver(access))
    work, workers = add_up(samples), _count_workers(conf)
    every = estimate_routes(work, read_rates(), read_prices(), 1, workers)
    found = next(each for each in every if each.route == "emr")
    if found.usd > max_cost:
        error = UsageError(
            f"--max-cost: expected at most {max_cost:.2f} USD, got an estimate of {found.usd:.2f} "
            f"USD for {work.lines:,} lines with -r emr (nothing was started; allow more, or use "
            "another runner: gafreduce estimate)"
        )
        error.details = list(found.arithmetic)
        raise error


def _count_workers(conf: Path | None) -> int:
    """Return the number of nodes that work, of each kind.

    Raises:
        InputError: It is no number.
    """
    numbers = []
    for name, default in (("num_core_instances", WORKERS), ("num_task_instances", 0)):
        number = read_option("emr", conf, name) or default
        if not isinstance(number, int):
            raise InputError(f"{conf}: {name}: expected a number, got {number!r}")
        numbers.append(number)
    return sum(numbers)
