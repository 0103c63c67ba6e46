"""`gafreduce run` on the cluster: all tables, byte for byte those of the inline runner."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from job_runs import Run

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "data" / "samples"
ONTOLOGY = SAMPLES / "go-samples.obo"

Front = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gafreduce(run: Run, mrjob_conf: Path) -> Front:
    """Return a function that runs `gafreduce run` over some inputs."""

    def gafreduce(runner: str, *inputs: str, output: str) -> "subprocess.CompletedProcess[str]":
        return run(
            [
                *(sys.executable, "-W", "ignore", "-m", "gafreduce", "run", *inputs),
                *("--ontology", ONTOLOGY, "--runner", runner, "--conf", mrjob_conf),
                *("--output", output, "--no-report"),
            ]
        )

    return gafreduce


@pytest.fixture
def golden(gafreduce: Front, tmp_path: Path) -> dict[str, bytes]:
    """Return the tables that the inline runner makes of the samples."""
    done = gafreduce("inline", str(SAMPLES), output=str(tmp_path / "golden"))
    assert done.returncode == 0, done.stderr
    return tables(tmp_path / "golden")


@pytest.fixture
def samples_in_s3(s3: Any) -> str:
    """Return the prefix below which the samples and their sheet lie."""
    s3.create_bucket(Bucket="samples")
    for path in (*SAMPLES.glob("*.gaf"), SAMPLES / "inputs.tsv"):
        s3.upload_file(str(path), "samples", f"in/{path.name}")
    return "s3://samples/in/"


def tables(run_folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in (run_folder / "tables").glob("*.tsv")}
    assert len(found) >= 7
    return found


def tables_in_s3(s3: Any, bucket: str, prefix: str) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}tables/")["Contents"]
    keys = [found["Key"] for found in listed if found["Key"].endswith(".tsv")]
    return {Path(key).name: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_local_gives_the_golden_tables(
    gafreduce: Front, golden: dict[str, bytes], tmp_path: Path
) -> None:
    done = gafreduce("local", str(SAMPLES), output=str(tmp_path / "local"))
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "local") == golden


def test_hadoop_gives_the_golden_tables(
    gafreduce: Front, golden: dict[str, bytes], tmp_path: Path
) -> None:
    done = gafreduce("hadoop", str(SAMPLES), output=str(tmp_path / "hadoop"))
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "hadoop") == golden


def test_emr_gives_the_golden_tables(
    gafreduce: Front, golden: dict[str, bytes], samples_in_s3: str, s3: Any
) -> None:
    done = gafreduce("emr", samples_in_s3, output="s3://results/results/front-door/")
    assert done.returncode == 0, done.stderr
    assert tables_in_s3(s3, "results", "results/front-door/") == golden
