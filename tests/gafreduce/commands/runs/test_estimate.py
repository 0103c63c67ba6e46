"""`gafreduce estimate`, and the limit of cost of `gafreduce run`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]


def test_estimate_counts_the_samples(gafreduce: Command, samples: Path) -> None:
    code, out, errors = gafreduce("estimate", samples, "--json")
    assert (code, errors) == (0, "")
    found = json.loads(out)
    lines = sum(
        1
        for path in samples.glob("*.gaf")
        for line in path.read_text().splitlines()
        if line and not line.startswith("!")
    )
    assert (found["lines"], found["is_counted"]) == (lines, True)
    assert [each["route"] for each in found["routes"]] == ["laptop", "lambda", "batch", "emr"]
    assert all(each["arithmetic"] for each in found["routes"])


def test_a_runner_selects_its_route(gafreduce: Command, samples: Path) -> None:
    code, out, _ = gafreduce("estimate", samples, "-r", "local", "--cores", "1")
    assert code == 0
    rows = [line.split("\t")[0] for line in out.splitlines() if "\t" in line]
    assert rows == ["route", "laptop"]


def test_old_prices_are_a_warning(
    gafreduce: Command, samples: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from importlib.resources import files

    prices = json.loads((files("gafreduce.estimates") / "prices.json").read_text("utf-8"))
    prices["date"] = "2020-02-02"
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(prices))
    code, out, _ = gafreduce("estimate", samples, "--prices", path)
    assert code == 0
    assert "prices are of 2020-02-02" in caplog.text
    assert "prices of 2020-02-02" in out


def test_max_cost_stops_a_run_before_it_costs(
    gafreduce: Command, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request is made: there is no such endpoint."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    ontology = samples / "go-samples.obo"
    run = ("run", samples, "--ontology", ontology, "-r", "emr", "-o", "s3://none/x")
    code, out, errors = gafreduce(*run, "--max-cost", "0.10")
    assert (code, out) == (2, "")
    assert "--max-cost: expected at most 0.10 USD, got an estimate of 0.13 USD" in errors
    assert "nothing was started" in errors
    conf = tmp_path / "mrjob.conf"
    conf.write_text("runners: {emr: {num_core_instances: 6, num_task_instances: 2}}\n")
    code, _, errors = gafreduce(*run, "--max-cost", "0.30", "-c", conf)
    assert (code, "an estimate of 0.38 USD" in errors) == (2, True), errors
    conf.write_text("runners: {emr: {num_core_instances: many}}\n")
    code, _, errors = gafreduce(*run, "--max-cost", "0.30", "-c", conf)
    assert (code, "num_core_instances: expected a number" in errors) == (1, True), errors


def test_runs_here_cost_nothing(gafreduce: Command, samples: Path, tmp_path: Path) -> None:
    source, ontology = samples / "Escherichia_coli_K_12-83333.gaf", samples / "go-samples.obo"
    out = tmp_path / "run"
    run = ("run", source, "--ontology", ontology, "--no-report", "-q", "-o", out)
    assert gafreduce(*run, "--max-cost", "0")[0] == 0
    assert json.loads((out / "run.json").read_text())["options"]["runner"]["max_cost"] == 0
    assert (out / "tables" / "organisms.tsv").is_file()


@pytest.mark.parametrize("value", ["-1", "much", "nan"])
def test_a_limit_is_a_number_of_dollars(gafreduce: Command, samples: Path, value: str) -> None:
    code, _, errors = gafreduce("run", samples, f"--max-cost={value}")
    assert code == 2
    assert "expected US dollars such as 0.50" in errors
