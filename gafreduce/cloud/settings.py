"""StartSettings of the function `start`, which the template gives as environment variables."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from gafreduce.errors import UsageError
from gafreduce.estimates.routes import LAMBDA_MOST_BYTES
from gafreduce.storage.resolve import local_path


class StartSettings(NamedTuple):
    """The settings; each is a variable `GAFREDUCE_` with its name in capitals."""

    results: str  # s3:// URI below which runs are published
    state: str  # s3:// URI of small objects between events; they may expire after a week
    ontology: str = ""  # URI; empty: the run's own rules
    catalog: str = ""  # database of Glue; empty: none
    options: tuple[str, ...] = ()  # of each run, such as --term
    most_bytes: int = LAMBDA_MOST_BYTES  # of inputs, as stored, that the function takes itself
    reserve: int = 30  # seconds before the limit at which a run is stopped
    job_queue: str = ""  # of AWS Batch; empty: what is too large is refused
    job_definition: str = ""
    large_runner: str = "emr"  # in Batch: emr, or local for the task's own processors
    failures: str = ""  # URL of the queue of failures; empty: they are only logged
    alarms: str = ""  # ARN of the topic that mails failures; empty: none


def read_settings(environment: Mapping[str, str] = os.environ) -> StartSettings:
    """Return the settings of the environment.

    Raises:
        UsageError: One is missing or wrong.
    """
    found = {
        name: value
        for name in StartSettings._fields
        if (value := environment.get(f"GAFREDUCE_{name.upper()}", "").strip())
    }
    for name in ("results", "state"):
        if local_path(found.get(name, "")) is not None:
            raise UsageError(
                f"GAFREDUCE_{name.upper()}: expected s3://bucket/prefix, got "
                f"{found.get(name, '')!r} (deploy the template again)"
            )
        found[name] = found[name].rstrip("/")
    numbers = {}
    for name in ("most_bytes", "reserve"):
        if value := found.pop(name, ""):
            if not (value.isascii() and value.isdigit()):
                raise UsageError(f"GAFREDUCE_{name.upper()}: expected a number, got {value!r}")
            numbers[name] = int(value)
    if found.get("large_runner", "emr") not in ("emr", "local"):
        raise UsageError(
            f"GAFREDUCE_LARGE_RUNNER: expected emr or local, got {found['large_runner']!r}"
        )
    options = tuple(shlex.split(found.pop("options", "")))
    return StartSettings(**found, **numbers, options=options)  # type: ignore[arg-type]
