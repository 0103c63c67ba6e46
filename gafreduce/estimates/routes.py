"""Time, memory and cost of a run by route, with the arithmetic in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gafreduce.estimates.rates import Prices, Rates
from gafreduce.estimates.sampling import InputSample
from gafreduce.execution.job import choose_runner

#: The routes, and those that a runner of `gafreduce run` takes.
ROUTES = ("laptop", "lambda", "batch", "emr")
ROUTE_OF_RUNNER = {"inline": "laptop", "local": "laptop", "emr": "emr"}

# What is assumed, not measured:
#: A virtual processor of AWS takes so many times as long as a core of the measured machine.
CLOUD_SLOWNESS = 2.0
#: Lambda: memory of the template, and the memory that comes with one virtual processor.
LAMBDA_GB, LAMBDA_GB_OF_CPU = 3.0, 1.769
LAMBDA_DISK_GB = 4.0
LAMBDA_FREE_DISK_GB = 0.5
LAMBDA_LIMIT_S = 900.0
#: What is left of the limit for the end: the function stops the run then.
LAMBDA_RESERVE_S = 30.0
LAMBDA_MOST_BYTES = 1 << 30
#: A run has to fit into this share of the limit, because the time is an estimate.
LAMBDA_SHARE = 0.6
LAMBDA_START_S = 5.0
#: Fargate: a task that works by itself, and one that waits for a cluster.
BATCH_CPU, BATCH_GB, BATCH_START_S = 4, 16, 60.0
DRIVER_CPU, DRIVER_GB = 1, 4
DOWNLOAD_BYTES = 60e6  # a second, from S3
#: EMR: m5.xlarge, one primary node and the workers of mrjob.conf.
NODE_CPU, WORKERS, VOLUME_GB = 4, 2, 80
EMR_BOOT_S, EMR_END_S = 420.0, 180.0
#: A cluster that waits so long for the tables ends itself, and another one boots for the last step.
EMR_IDLE_S = 600.0
STREAMING = 1.25  # CPU for a line on Hadoop to that of a bare process
S3_PART_BYTES = 8e6
RUN_OBJECTS = 120  # that a run publishes


class Workload(NamedTuple):
    """The work of a run."""

    lines: int
    stored_bytes: int
    text_bytes: int
    organisms: int  # that the samples show: at least
    has_report: bool = True


class Estimate(NamedTuple):
    """Time, memory and cost of a run on a route."""

    route: str
    seconds: float
    memory_mb: float  # of the largest machine's processes
    usd: float
    fits: bool  # whether the route can do it
    arithmetic: tuple[str, ...]


def add_up(samples: Sequence[InputSample], has_report: bool = True) -> Workload:
    """Return the workload of inputs."""
    taxa: set[int] = set().union(*(each.taxa for each in samples)) - {0}
    return Workload(
        lines=sum(each.lines for each in samples),
        stored_bytes=sum(each.stored_bytes for each in samples),
        text_bytes=sum(each.text_bytes for each in samples),
        organisms=max(len(taxa), 1),
        has_report=has_report,
    )


def estimate_routes(
    work: Workload, rates: Rates, prices: Prices, cores: int, workers: int = WORKERS
) -> list[Estimate]:
    """Return the estimate of each route, in the order of `ROUTES`.

    Args:
        work: The workload.
        rates: The measured rates.
        prices: The list prices.
        cores: The cores of this machine.
        workers: The core nodes of a cluster of EMR.
    """
    return [
        _estimate_laptop(work, rates, cores),
        _estimate_lambda(work, rates, prices),
        _estimate_batch(work, rates, prices),
        _estimate_emr(work, rates, prices, workers),
    ]


class _Phases(NamedTuple):
    """Seconds of a run on one machine as fast as the measured one."""

    start: float
    job: float
    tables: float
    report: float

    @property
    def seconds(self) -> float:
        return sum(self)

    def describe(self, slowness: float) -> str:
        """Return the sum in words."""
        words = (f"{name} {value * slowness:,.1f} s" for name, value in self._asdict().items())
        return " + ".join(words)


def _compute_phases(work: Workload, rates: Rates, cores: float) -> _Phases:
    local = rates.local
    used = 1.0 if choose_runner(work.text_bytes) == "inline" else max(cores, 1.0)
    return _Phases(
        local.start_s,
        work.lines * local.line_us / 1e6 / used,
        _count_rows(work, rates) * local.profile_row_us / 1e6,
        _report_seconds(work, rates),
    )


def _count_rows(work: Workload, rates: Rates) -> float:
    local = rates.local
    by_lines = work.lines * local.rows_of_line
    if not local.rows_of_organism:
        return by_lines
    return min(work.organisms * local.rows_of_organism, by_lines)


def _report_seconds(work: Workload, rates: Rates) -> float:
    if not work.has_report:
        return 0.0
    local = rates.local
    return (
        local.report_s
        + min(work.organisms, local.report_organisms) * local.report_organism_s
        + work.lines * local.report_line_us / 1e6
    )


def _memory(work: Workload, rates: Rates) -> float:
    local = rates.local
    return min(local.memory_mb + work.lines / 1e6 * local.memory_line_mb, local.memory_most_mb)


def _estimate_laptop(work: Workload, rates: Rates, cores: int) -> Estimate:
    phases = _compute_phases(work, rates, cores)
    steps = (
        phases.describe(1.0),
        f"job: {work.lines:,} lines x {rates.local.line_us} us, by {cores} cores if it is large",
        f"tables: {_count_rows(work, rates):,.0f} rows of profile x "
        f"{rates.local.profile_row_us} us",
    )
    return Estimate("laptop", phases.seconds, _memory(work, rates), 0.0, True, steps)


def _estimate_lambda(work: Workload, rates: Rates, prices: Prices) -> Estimate:
    cpu = LAMBDA_GB / LAMBDA_GB_OF_CPU
    phases = _compute_phases(work, rates, cpu)
    download = work.stored_bytes / DOWNLOAD_BYTES
    seconds = LAMBDA_START_S + download + phases.seconds * CLOUD_SLOWNESS
    disk = (LAMBDA_DISK_GB - LAMBDA_FREE_DISK_GB) * prices.lambda_disk_gb_second
    usd = seconds * (LAMBDA_GB * prices.lambda_gb_second + disk) + prices.lambda_request
    puts = RUN_OBJECTS * prices.s3_put
    fits = (
        work.stored_bytes <= LAMBDA_MOST_BYTES
        and seconds <= (LAMBDA_LIMIT_S - LAMBDA_RESERVE_S) * LAMBDA_SHARE
        and _memory(work, rates) <= LAMBDA_GB * 1000
    )
    steps = (
        f"start {LAMBDA_START_S:.0f} s + download {download:,.1f} s + "
        f"{phases.describe(CLOUD_SLOWNESS)}",
        f"{seconds:,.1f} s x ({LAMBDA_GB:g} GB x {prices.lambda_gb_second} + disk {disk:.2e}) + "
        f"{RUN_OBJECTS} PUT x {prices.s3_put} USD",
        f"fits up to {LAMBDA_MOST_BYTES / 1e9:.1f} GB and "
        f"{(LAMBDA_LIMIT_S - LAMBDA_RESERVE_S) * LAMBDA_SHARE:.0f} s",
    )
    return Estimate("lambda", seconds, _memory(work, rates), usd + puts, fits, steps)


def _estimate_batch(work: Workload, rates: Rates, prices: Prices) -> Estimate:
    phases = _compute_phases(work, rates, BATCH_CPU)
    download = work.stored_bytes / DOWNLOAD_BYTES
    seconds = BATCH_START_S + download + phases.seconds * CLOUD_SLOWNESS
    hour = BATCH_CPU * prices.fargate_vcpu_hour + BATCH_GB * prices.fargate_gb_hour
    usd = seconds / 3600 * hour + RUN_OBJECTS * prices.s3_put
    steps = (
        f"start {BATCH_START_S:.0f} s + download {download:,.1f} s + "
        f"{phases.describe(CLOUD_SLOWNESS)}",
        f"{seconds / 3600:.3f} h x ({BATCH_CPU} vCPU x {prices.fargate_vcpu_hour} + "
        f"{BATCH_GB} GB x {prices.fargate_gb_hour}) + {RUN_OBJECTS} PUT x {prices.s3_put} USD",
    )
    return Estimate("batch", seconds, _memory(work, rates), usd, True, steps)


def _estimate_emr(work: Workload, rates: Rates, prices: Prices, workers: int) -> Estimate:
    cluster = rates.cluster
    line_us = (
        rates.inflate_us
        + (cluster.map_us + cluster.reduce_us + cluster.add_up_us) * STREAMING
        + cluster.sort_us
    ) * CLOUD_SLOWNESS
    cores = NODE_CPU * workers
    job = work.lines * line_us / 1e6 / cores
    tables = work.lines * cluster.table_us / 1e6 * CLOUD_SLOWNESS
    report = _report_seconds(work, rates) * CLOUD_SLOWNESS
    billed = min(tables, EMR_IDLE_S + EMR_BOOT_S)
    hours = (EMR_BOOT_S + job + EMR_END_S + billed) / 3600
    nodes = workers + 1
    node = prices.emr_node_hour + VOLUME_GB * prices.volume_gb_hour
    seconds = hours * 3600 - billed + tables + report
    driver = DRIVER_CPU * prices.fargate_vcpu_hour + DRIVER_GB * prices.fargate_gb_hour
    moved = work.stored_bytes + 2 * work.lines * cluster.output_bytes
    requests = moved / S3_PART_BYTES * (prices.s3_get + prices.s3_put) + RUN_OBJECTS * prices.s3_put
    usd = hours * nodes * node + seconds / 3600 * driver + requests
    steps = (
        f"boot {EMR_BOOT_S:.0f} s + job {job:,.1f} s on {cores} vCPU + tables {tables:,.1f} s + "
        f"end {EMR_END_S:.0f} s; report {report:,.1f} s after the cluster's end, which waits "
        f"{EMR_IDLE_S:.0f} s for tables at most and boots again",
        f"{hours:.3f} h x {nodes} nodes x ({prices.emr_node_hour} + volumes "
        f"{VOLUME_GB * prices.volume_gb_hour:.4f}) + {seconds / 3600:.3f} h of the driver in "
        f"Fargate x {driver:.4f} + requests {requests:.4f} USD",
    )
    return Estimate("emr", seconds, _memory(work, rates), usd, True, steps)
