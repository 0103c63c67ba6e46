"""Measured rates of the program, and list prices of AWS."""

from __future__ import annotations

import datetime
import json
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from gafreduce.errors import InputError

#: Prices that are older are still used, with a warning.
_MOST_DAYS = 365


class LocalRates(NamedTuple):
    """The costs of a run on one machine; seconds of the measured machine."""

    start_s: float  # before the first line
    line_us: float  # CPU for a line, spread over the cores
    profile_row_us: float  # for a row of the table `profile`, by one process
    report_s: float  # statistics, figures and page of two small organisms
    report_line_us: float
    report_organism_s: float  # for each of the first `report_organisms`
    report_organisms: int
    rows_of_organism: float  # of `profile`
    rows_of_line: float  # the most, whatever the number of organisms
    memory_mb: float  # of all processes
    memory_line_mb: float  # for a million lines
    memory_most_mb: float


class ClusterRates(NamedTuple):
    """CPU that Hadoop's tasks take for a line, in microseconds, and the tables after them."""

    map_us: float
    reduce_us: float
    add_up_us: float
    sort_us: float
    table_us: float
    output_bytes: float


class Rates(NamedTuple):
    """All rates."""

    date: str
    machine: str
    inflate_us: float
    local: LocalRates
    cluster: ClusterRates


class Prices(NamedTuple):
    """List prices in USD."""

    date: str
    region: str
    lambda_gb_second: float
    lambda_disk_gb_second: float
    lambda_request: float
    fargate_vcpu_hour: float
    fargate_gb_hour: float
    emr_node_hour: float  # EC2 and EMR
    volume_gb_hour: float
    s3_put: float
    s3_get: float


def read_rates(scope: str = "full") -> Rates:
    """Return the measured rates of the package.

    Args:
        scope: The terms of the table `profile`: `full` or `target`.
    """
    found = json.loads((files("gafreduce.estimates") / "rates.json").read_text("utf-8"))
    names = ClusterRates._fields
    local = dict(found["local"])
    date, machine = local.pop("date"), local.pop("machine")
    if scope == "target":
        local["rows_of_organism"], local["rows_of_line"] = 0.0, found[scope]["profile_rows"]
    return Rates(
        date,
        machine,
        found["inflate_us"],
        LocalRates(**local),
        ClusterRates(**{name: found[scope][name] for name in names}),
    )


def read_prices(path: Path | None = None) -> Prices:
    """Return a table of prices.

    Args:
        path: The table; None for that of the package.

    Raises:
        InputError: It is no table of prices, or lacks some.
        OSError: It cannot be read.
    """
    packaged = files("gafreduce.estimates") / "prices.json"
    text = packaged.read_text("utf-8") if path is None else _read_text(path)
    label = "prices.json" if path is None else str(path)
    try:
        found: dict[str, Any] = json.loads(text)
        datetime.date.fromisoformat(found["date"])
        listed = found["prices"]
        prices = {name: float(listed[name]["usd"]) for name in Prices._fields[2:]}
        if min(prices.values()) < 0:
            raise ValueError("a price below 0")
        return Prices(found["date"], str(found["region"]), **prices)
    except KeyError as error:
        raise InputError(
            f"{label}: expected the price {error.args[0]!r}, got none (copy the table of the "
            "package, gafreduce/estimates/prices.json, and change it)"
        ) from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{label}: expected a table of prices in JSON, got {error}") from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected a table of prices in JSON, got no UTF-8") from error


def describe_age(prices: Prices, today: datetime.date | None = None) -> str:
    """Return a warning on a table of prices that is older than a year; else an empty text.

    Args:
        prices: The table.
        today: The date of today, for tests.
    """
    age = ((today or datetime.date.today()) - datetime.date.fromisoformat(prices.date)).days
    if age <= _MOST_DAYS:
        return ""
    return f"prices are of {prices.date}, {age:,} days old (give others: --prices FILE)"
