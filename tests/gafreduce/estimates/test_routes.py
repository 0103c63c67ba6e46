"""Time and cost by route, against arithmetic by hand and against measured runs."""

from pathlib import Path

import pytest
import yaml

from gafreduce.estimates import rates, routes
from gafreduce.estimates.routes import Workload

#: Runs measured on 30 November 2026 on two cores: lines, stored bytes, text, organisms, seconds.
MEASURED = {
    "five whole organisms": (97_146, 1_144_560, 16.4e6, 5, 6.27),
    "the founding seven": (97_586, 1_204_000, 16.4e6, 7, 6.36),
    "seven excerpts": (1_489, 233_650, 0.23e6, 7, 5.34),
    "twice the five": (194_292, 2_400_000, 33.3e6, 10, 9.24),
    "five times the five": (485_730, 6_010_000, 83.3e6, 25, 13.49),
    "GOA's shape, 0.3 M lines": (299_816, 4_600_000, 52.5e6, 200, 10.54),
    "GOA's shape, 1 M lines": (1_001_652, 15_430_000, 176e6, 653, 19.07),
    "one organism, 2 M lines": (1_994_789, 24_800_000, 343e6, 1, 14.55),
}
MEASURED_TABLES_ONLY = {
    "five whole organisms": (97_146, 1_144_560, 16.4e6, 5, 1.29),
    "five times the five": (485_730, 6_010_000, 83.3e6, 25, 1.83),
    "GOA's shape, 1 M lines": (1_001_652, 15_430_000, 176e6, 653, 4.46),
}


def estimate(work: Workload, cores: int = 2) -> dict[str, routes.Estimate]:
    found = routes.estimate_routes(work, rates.read_rates(), rates.read_prices(), cores)
    assert tuple(each.route for each in found) == routes.ROUTES
    return {each.route: each for each in found}


@pytest.mark.parametrize("name", MEASURED)
def test_estimated_time_is_within_30_percent_of_measured_runs(name):
    *work, seconds = MEASURED[name]
    found = estimate(Workload(*map(int, work)))["laptop"].seconds
    assert found == pytest.approx(seconds, rel=0.30)


@pytest.mark.parametrize("name", MEASURED_TABLES_ONLY)
def test_estimated_time_of_tables_is_within_30_percent_of_measured_runs(name):
    *work, seconds = MEASURED_TABLES_ONLY[name]
    found = estimate(Workload(*map(int, work), has_report=False))["laptop"].seconds
    assert found == pytest.approx(seconds, rel=0.30)


#: Round numbers, so that the results can be computed by hand.
RATES = rates.Rates(
    "2026-01-01",
    "",
    1.0,
    rates.LocalRates(1.0, 2.0, 1.0, 4.0, 3.0, 0.5, 10, 1000.0, 0.5, 200.0, 10.0, 500.0),
    rates.ClusterRates(2.0, 1.0, 1.0, 1.0, 0.5, 8.0),
)
PRICES = rates.Prices("2026-01-01", "r", 0.01, 0.0, 0.5, 0.1, 0.01, 0.3, 0.001, 0.001, 0.0)


def test_laptop_by_hand():
    work = Workload(10_000_000, 100_000_000, 1_500_000_000, 20)
    laptop = routes.estimate_routes(work, RATES, PRICES, 2)[0]
    # start 1; 10 M lines x 2 us / 2 cores = 10; 20 x 1000 rows x 1 us = 0.02;
    # report 4 + 10 organisms x 0.5 + 10 M lines x 3 us = 39
    assert laptop.seconds == pytest.approx(1 + 10 + 0.02 + 39)
    assert laptop.memory_mb == 200 + 10 * 10
    assert laptop.usd == 0


def test_lambda_by_hand():
    work = Workload(100_000, 60_000_000, 1_000_000, 1, has_report=False)
    found = routes.estimate_routes(work, RATES, PRICES, 2)[1]
    # start 5, download 1, and twice 1 + 0.2 (one core: inline) + 1000 rows x 1 us
    assert found.seconds == pytest.approx(5 + 1 + 2 * (1 + 0.2 + 0.001))
    # 3 GB x 0.01 a second, a request, 120 PUT
    assert found.usd == pytest.approx(8.402 * 3 * 0.01 + 0.5 + 120 * 0.001)
    assert found.fits


def test_batch_and_emr_by_hand():
    work = Workload(100_000, 60_000_000, 1_000_000, 1, has_report=False)
    _, _, batch, emr = routes.estimate_routes(work, RATES, PRICES, 2)
    assert batch.seconds == pytest.approx(60 + 1 + 2 * 1.201)
    hour = 4 * 0.1 + 16 * 0.01
    assert batch.usd == pytest.approx(63.402 / 3600 * hour + 0.12)
    # a line: (1 + (2 + 1 + 1) x 1.25 + 1) x 2 = 14 us on 8 cores; tables 0.5 x 2 us
    cluster = 420 + 0.1 * 14 / 8 + 180 + 0.1
    assert emr.seconds == pytest.approx(cluster)
    node_hours = cluster / 3600 * 3 * (0.3 + 80 * 0.001)
    driver = cluster / 3600 * (0.1 + 4 * 0.01)
    requests = (60e6 + 2 * 100_000 * 8) / 8e6 * 0.001 + 0.12
    assert emr.usd == pytest.approx(node_hours + driver + requests)
    larger = routes.estimate_routes(work, RATES, PRICES, 2, workers=8)[3]
    assert larger.usd == pytest.approx(3 * node_hours + driver + requests, rel=1e-3)


def test_the_cluster_is_that_of_mrjob_conf():
    options = yaml.safe_load((Path(__file__).parents[3] / "mrjob.conf").read_text())
    emr = options["runners"]["emr"]
    assert (emr["num_core_instances"], emr["num_task_instances"]) == (routes.WORKERS, 0)
    assert emr["core_instance_type"] == emr["master_instance_type"] == "m5.xlarge"


@pytest.mark.parametrize(
    ("work", "fits"),
    [
        (Workload(97_146, 1_144_560, 16_400_000, 5), True),
        (Workload(1_000_000, (1 << 30) + 1, 1 << 33, 5), False),  # more than 1 GB
        (Workload(200_000_000, 1 << 29, 1 << 33, 5), False),  # too long
    ],
)
def test_what_fits_into_lambda(work, fits):
    assert estimate(work)["lambda"].fits is fits


def test_the_goals_of_cost_hold():
    seven = estimate(Workload(97_586, 1_204_000, 16_400_000, 7))
    assert seven["lambda"].usd <= 0.01
    goa = estimate(Workload(1_500_000_000, 23_000_000_000, 264_000_000_000, 100_000))
    assert max(goa["batch"].usd, goa["emr"].usd) <= 1
    assert not goa["lambda"].fits
    large = estimate(Workload(200_000_000, 3_000_000_000, 35_000_000_000, 5_000))
    assert max(large["batch"].usd, large["emr"].usd) <= 0.50


def test_strays_do_not_count():
    sample = routes.InputSample("a", 10, 20, 30, frozenset({0, 5}), True)
    assert routes.add_up([sample, sample._replace(taxa=frozenset({6}))]) == Workload(60, 20, 40, 2)
