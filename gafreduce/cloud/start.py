"""The function `start`: a new sample sheet `in/NAME/inputs.tsv` makes one run, `results/NAME/RUN`.

Events arrive at least once, in any order, and several at a time. So an event only names where to
look: the files that lie there now are run, under their run id, and a run that exists or is made now
is not made again. An error in the inputs is reported once, in the queue of failures and by
mail; the folder then waits, and the next new object in it tries again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from gafreduce.cloud.batch import Size, submit_once
from gafreduce.cloud.child import is_locked, run_in_time
from gafreduce.cloud.events import NewObject, read_event
from gafreduce.cloud.failures import report_failure
from gafreduce.cloud.settings import StartSettings, read_settings
from gafreduce.cloud.state import State
from gafreduce.errors import INPUT, USAGE, InputError, TransientError, UsageError
from gafreduce.tempdir import temporary_folder

if TYPE_CHECKING:
    from gafreduce.estimates.routes import Estimate
    from gafreduce.pipeline.plan import Plan

logger = Logger(service="gafreduce-start")
metrics = Metrics(namespace="gafreduce", service="start")


class _Planned(NamedTuple):
    """A run that is ready to start."""

    run_id: str
    output: str  # s3:// URI
    words: tuple[str, ...]  # arguments of gafreduce, without the runner
    estimate: Estimate  # of Lambda
    stored_bytes: int


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Make the run that a new object completes.

    Args:
        event: Of EventBridge: Object Created, below `in/`.
        context: Of Lambda.

    Returns:
        `status`: `published`, `exists`, `running` (another event or person makes it), `submitted`
        (to Batch), `waiting` (the inputs are not right yet) or `ignored`; and more about it.

    Raises:
        GafreduceError: Trying again may help, which Lambda does; or the template is wrong.
    """
    metrics.add_metric("Events", MetricUnit.Count, 1)
    settings = read_settings()
    found = read_event(event)
    outcome = start(found, settings, lambda: context.get_remaining_time_in_millis() / 1000)
    logger.info("done", **outcome)
    metrics.add_dimension("status", outcome["status"])
    return outcome


def start(found: NewObject, settings: StartSettings, get_seconds_left: Any) -> dict[str, Any]:
    """Make the run of a folder; see `handler`."""
    import boto3

    state = State(boto3.client("s3"), settings.state)
    waiting = f"waiting/{found.name}"
    known = state.read(waiting)
    if known is None and not found.is_sheet:
        return {"status": "ignored", "key": found.key}
    try:
        outcome = _start(found, settings, state, get_seconds_left)
    except InputError as error:
        message = str(error)
        state.write(waiting, {"message": message, "correlation_id": found.correlation_id})
        try:  # the object may have come between the look and the mark
            outcome = _start(found, settings, state, get_seconds_left)
        except InputError as again:
            message = str(again)
            if found.is_sheet or known is None or known.get("message") != message:
                logger.error("the inputs are not right", sheet=found.sheet, reason=message)
                report_failure(settings, found, message, getattr(again, "details", ()))
            return {"status": "waiting", "sheet": found.sheet, "reason": message}
    if known is not None or state.read(waiting) is not None:
        state.remove(waiting)
    return outcome


def _start(
    found: NewObject, settings: StartSettings, state: State, get_seconds_left: Any
) -> dict[str, Any]:
    planned = _plan(found, settings)
    facts = {"run_id": planned.run_id, "results": planned.output}
    seconds = get_seconds_left() - settings.reserve
    if planned.stored_bytes > settings.most_bytes or planned.estimate.seconds > seconds:
        return {"status": "submitted", **facts, **_submit(planned, settings, state, found)}
    runner = "local" if planned.estimate.seconds > _INLINE_SECONDS else "inline"
    begun = time.monotonic()
    left = get_seconds_left() - settings.reserve
    ended = run_in_time((*planned.words, "-r", runner), left, found.correlation_id)
    if is_locked(ended):
        return {"status": "running", **facts}
    if ended.code in (INPUT, USAGE):
        raise InputError(ended.message)
    if ended.code:
        raise TransientError(f"the run ended with exit code {ended.code}: {ended.message}")
    return {**facts, **_measure(planned, time.monotonic() - begun, found)}


#: Estimated seconds above which processes for each core are worth their start.
_INLINE_SECONDS = 30.0


def _plan(found: NewObject, settings: StartSettings) -> _Planned:
    """Look at the sheet and its files as they are now.

    Raises:
        InputError: A file is missing or no annotation file, or the sheet is wrong.
    """
    from gafreduce.commands.runs import run as run_command
    from gafreduce.estimates import rates, routes
    from gafreduce.estimates.sampling import sample_inputs
    from gafreduce.pipeline.plan import make_plan
    from gafreduce.storage.resolve import StorageResolver

    words = ["run", found.sheet, *settings.options]
    words += ["--ontology", settings.ontology] * bool(settings.ontology)
    parent = f"{settings.results}/{found.name}"
    parser = argparse.ArgumentParser(exit_on_error=False)
    run_command.add_options(parser)
    try:
        options = run_command.read_options(parser.parse_args([*words[1:], "-o", parent]))
    except (argparse.ArgumentError, SystemExit) as error:
        raise UsageError(
            f"GAFREDUCE_OPTIONS: expected options of gafreduce run, got {settings.options}"
        ) from error
    with temporary_folder() as scratch:
        plan: Plan = make_plan(options, ("gafreduce", *words), Path(scratch), None)
        samples = sample_inputs(plan.listing.inputs, StorageResolver(plan.access))
    work = routes.add_up(samples, options.report)
    every = routes.estimate_routes(work, rates.read_rates(options.scope), rates.read_prices(), 1)
    output = f"{parent}/{plan.run_id}"
    words += ["-o", output, "--search", "--quiet"]
    words += ["--catalog", settings.catalog] * bool(settings.catalog)
    estimate = next(each for each in every if each.route == "lambda")
    return _Planned(plan.run_id, output, tuple(words), estimate, work.stored_bytes)


def _submit(
    planned: _Planned, settings: StartSettings, state: State, found: NewObject
) -> dict[str, Any]:
    """Hand a run to Batch.

    Raises:
        InputError: There is no Batch.
    """
    import boto3

    from gafreduce.estimates.routes import DRIVER_CPU, DRIVER_GB

    if not settings.job_queue:
        raise InputError(
            f"{found.sheet}: expected inputs of at most {settings.most_bytes:,} bytes that take "
            f"some minutes, got {planned.stored_bytes:,} bytes and an estimate of "
            f"{planned.estimate.seconds:,.0f} s (deploy the template with Batch: "
            "WithLargeRuns=yes)"
        )
    words = (*planned.words, "-r", settings.large_runner)
    # a task that waits for a cluster needs less than one that computes
    size = Size(DRIVER_CPU, DRIVER_GB) if settings.large_runner == "emr" else None
    job, is_new = submit_once(
        boto3.client("batch"),
        state,
        planned.run_id,
        words,
        settings.job_queue,
        settings.job_definition,
        found.correlation_id,
        size,
    )
    return {"job": job, "is_new": is_new}


def _measure(planned: _Planned, seconds: float, found: NewObject) -> dict[str, Any]:
    """Read the record of the run, and add its figures to the metrics.

    Raises:
        GafreduceError: S3 cannot be read.
    """
    import json

    import boto3

    from gafreduce.estimates.rates import read_prices
    from gafreduce.estimates.routes import LAMBDA_GB
    from gafreduce.publishing.run_folder import RECORD
    from gafreduce.storage import s3
    from gafreduce.storage.s3_errors import translate_errors

    bucket, key = s3.parse(f"{planned.output}/{RECORD}")
    with translate_errors(f"reading {planned.output}"):
        answer = boto3.client("s3").get_object(Bucket=bucket, Key=key)
        record = json.loads(answer["Body"].read())
    is_own = record.get("correlation_id", "") == found.correlation_id
    counts = record["counts"]
    usd = seconds * LAMBDA_GB * read_prices().lambda_gb_second
    metrics.add_metric("Lines", MetricUnit.Count, counts["n_lines"])
    metrics.add_metric("Rejected", MetricUnit.Count, counts["n_rejected"])
    metrics.add_metric("Seconds", MetricUnit.Seconds, round(seconds, 3))
    metrics.add_metric("CostUsd", MetricUnit.NoUnit, round(usd, 6))
    metrics.add_metric("Organisms", MetricUnit.Count, len(record["verdicts"]))
    verdicts: dict[str, int] = {}
    for verdict in record["verdicts"].values():
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    return {
        "status": "published" if is_own else "exists",
        "lines": counts["n_lines"],
        "rejected": counts["n_rejected"],
        "verdicts": verdicts,
        "seconds": round(seconds, 3),
    }
