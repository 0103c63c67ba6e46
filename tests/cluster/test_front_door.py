"""`gafreduce run` on the cluster: all tables, byte for byte those of the inline runner."""

import getpass
import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from job_runs import SAMPLES, Front, Run, front_door
from minihadoop import processes
from minihadoop.cluster import Cluster

REPOSITORY = Path(__file__).parents[2]
WAIT_SECONDS = 120
APPLICATION_STATES = "ACCEPTED,RUNNING,SUBMITTED,NEW,NEW_SAVING"


@pytest.fixture
def golden(gafreduce: Front, tmp_path: Path) -> dict[str, bytes]:
    """Return the tables that the inline runner makes of the samples."""
    done = gafreduce("inline", SAMPLES, output=tmp_path / "golden")
    assert done.returncode == 0, done.stderr
    return tables(tmp_path / "golden")


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
    done = gafreduce("local", SAMPLES, output=tmp_path / "local")
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "local") == golden


def test_hadoop_gives_the_golden_tables(
    gafreduce: Front, golden: dict[str, bytes], tmp_path: Path
) -> None:
    done = gafreduce("hadoop", SAMPLES, output=tmp_path / "hadoop")
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "hadoop") == golden


def test_hadoop_reads_gpad_with_the_gene_products_beside_it(
    gafreduce: Front, tmp_path: Path
) -> None:
    formats = REPOSITORY.parent / "shared" / "data" / "formats"
    gpad = formats / "biopython_goa_yeast.gpa.59.gpa"
    if not gpad.is_file():
        pytest.skip("needs ../shared")
    gpi = formats / "biopython_gp_information.goa_yeast.28.gpi"
    options = ("--companion", str(gpi), "--taxon", "559292", "--term", "GO:0008150")
    for runner in ("inline", "hadoop"):
        done = gafreduce(runner, gpad, *options, output=tmp_path / runner)
        assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "hadoop") == tables(tmp_path / "inline")


def test_hadoop_keeps_the_same_lines_in_quarantine(gafreduce: Front, tmp_path: Path) -> None:
    """Refused lines of any bytes, and repaired ones, come through both shuffles."""
    path = tmp_path / "some.gaf"
    bad = b"caf\xe9 short\n\xe2\x98\x83\t\t\n\x01\r\n"
    path.write_bytes((SAMPLES / "Escherichia_coli_K_12-83333.gaf").read_bytes() + bad)
    found = []
    for runner in ("inline", "hadoop"):
        folder = tmp_path / runner
        done = gafreduce(runner, path, "--quarantine", "--obsolete", "drop", output=folder)
        assert done.returncode == 0, done.stderr
        (kept,) = (folder / "extras" / "quarantine").iterdir()
        found.append((tables(folder), kept.name, kept.read_bytes()))
    assert found[0] == found[1]
    assert b"caf\xe9 short" in gzip.decompress(found[0][2])


def test_check_says_the_same_on_hadoop(run: Run, mrjob_conf: Path) -> None:
    said = [
        run(
            [
                *(sys.executable, "-W", "ignore", "-m", "gafreduce", "check", SAMPLES),
                *("--ontology", SAMPLES / "go-samples.obo", "--format", "tsv"),
                *("--runner", runner, "--conf", mrjob_conf),
            ],
            None,
        )
        for runner in ("inline", "hadoop")
    ]
    assert [done.returncode for done in said] == [0, 0], said[1].stderr
    assert said[0].stdout == said[1].stdout
    assert "process_and_regulation" in said[0].stdout


def test_emr_gives_the_golden_tables(
    gafreduce: Front, golden: dict[str, bytes], samples_in_s3: str, s3: Any
) -> None:
    done = gafreduce("emr", samples_in_s3, output="s3://results/results/front-door/")
    assert done.returncode == 0, done.stderr
    assert tables_in_s3(s3, "results", "results/front-door/") == golden


@pytest.mark.faults
def test_broken_gzip_is_named_and_nothing_is_published(gafreduce: Front, tmp_path: Path) -> None:
    packed = gzip.compress((SAMPLES / "Bacillus_subtilis_168-224308.gaf").read_bytes())
    broken = tmp_path / "broken.gaf.gz"
    broken.write_bytes(packed[: len(packed) // 2])
    done = gafreduce("hadoop", broken, output=tmp_path / "run")
    assert done.returncode == 1
    assert "broken.gaf.gz" in done.stderr
    assert not (tmp_path / "run").exists()


def test_gzip_without_its_suffix_is_refused_before_anything_starts(
    gafreduce: Front, tmp_path: Path
) -> None:
    packed = gzip.compress((SAMPLES / "Bacillus_subtilis_168-224308.gaf").read_bytes())
    (tmp_path / "packed.gaf").write_bytes(packed)
    done = gafreduce("hadoop", tmp_path / "packed.gaf", output=tmp_path / "run")
    assert done.returncode == 1
    assert "packed.gaf" in done.stderr
    assert ".gz" in done.stderr


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_interrupted_run_ends_its_application_and_leaves_nothing(
    cluster: Cluster, mrjob_conf: Path, run: Run, tmp_path: Path, number: int
) -> None:
    (tmp_path / "tmp").mkdir()
    started = subprocess.Popen(
        front_door("hadoop", SAMPLES, output=tmp_path / "run", conf=mrjob_conf),
        env={
            **os.environ,
            **cluster.environment(uber=True),
            "PYTHONPATH": str(REPOSITORY),
            "TMPDIR": str(tmp_path / "tmp"),
        },
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + WAIT_SECONDS
    while not processes.find(cluster.marker("nodemanager"), "--step-num=0 --mapper"):
        assert started.poll() is None, "the run ended before it was interrupted"
        assert time.monotonic() < deadline
        time.sleep(processes.POLL_SECONDS)
    started.send_signal(number)
    assert started.wait(timeout=WAIT_SECONDS) == 130
    assert not (tmp_path / "run").exists()
    assert list((tmp_path / "tmp").iterdir()) == []
    listed = run(["yarn", "application", "-list", "-appStates", APPLICATION_STATES])
    assert "application_" not in listed.stdout
    left = run(["hadoop", "fs", "-ls", "-R", f"/tmp/gafreduce-{getpass.getuser()}"])
    assert [line for line in left.stdout.splitlines() if not line.startswith("d")] == []
