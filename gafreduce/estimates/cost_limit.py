"""Stop a run whose estimated cost is above a limit, before it costs."""

from __future__ import annotations

from collections.abc import Sequence

from gafreduce.errors import UsageError
from gafreduce.estimates.rates import read_prices, read_rates
from gafreduce.estimates.routes import ROUTE_OF_RUNNER, add_up, estimate_routes
from gafreduce.estimates.sampling import sample_inputs
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3 import Access


def check_cost(inputs: Sequence[ListedInput], runner: str, max_cost: float, access: Access) -> None:
    """Check that a run costs no more than a limit, by its estimate.

    Args:
        inputs: The inputs of the run.
        runner: Its runner; only `emr` costs.
        max_cost: The limit, in USD.
        access: The access to S3.

    Raises:
        UsageError: It costs more; nothing was started.
        GafreduceError: An input cannot be read.
    """
    if ROUTE_OF_RUNNER.get(runner) != "emr":
        return
    samples = sample_inputs(inputs, StorageResolver(access))
    work, prices = add_up(samples), read_prices()
    found = next(
        each for each in estimate_routes(work, read_rates(), prices, 1) if each.route == "emr"
    )
    if found.usd > max_cost:
        error = UsageError(
            f"--max-cost: expected at most {max_cost:.2f} USD, got an estimate of {found.usd:.2f} "
            f"USD for {work.lines:,} lines with -r emr (nothing was started; allow more, or use "
            "another runner: gafreduce estimate)"
        )
        error.details = list(found.arithmetic)
        raise error
