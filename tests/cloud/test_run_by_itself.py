"""A sheet is put into S3, and a run is there: with AWS's matcher, emulator and a real S3 server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from minicloud import EmulatedFunction, MiniCloud
    from s3_fault_proxy import FaultProxy

pytestmark = pytest.mark.timeout(900)
BUCKET = "gafres"
#: Names that may differ between the same run here and in S3: `runs` has the date and the run id.
OWN_OF_A_RUN = {"runs"}


def upload(cloud: MiniCloud, name: str, paths: list[Path], ontology: Path) -> str:
    """Put files, ontology and, last, a sheet; return the key of the sheet."""
    cloud.s3.put_object(Bucket=BUCKET, Key="in/go-basic.obo.gz", Body=ontology.read_bytes())
    for path in paths:
        cloud.s3.put_object(Bucket=BUCKET, Key=f"in/{name}/{path.name}", Body=path.read_bytes())
    return put_sheet(cloud, name, paths)


def put_sheet(cloud: MiniCloud, name: str, paths: list[Path]) -> str:
    key = f"in/{name}/inputs.tsv"
    rows = "".join(f"{path.name}\n" for path in paths)
    cloud.s3.put_object(Bucket=BUCKET, Key=key, Body=f"path\n{rows}".encode())
    return key


def manifests(cloud: MiniCloud, name: str) -> list[str]:
    keys = cloud.list_keys(f"results/{name}/")
    return [key for key in keys if key.endswith("/MANIFEST.tsv")]


@pytest.fixture(scope="session")
def pair(samples: Path) -> list[Path]:
    """Return two sample files."""
    return [
        samples / name
        for name in ("Bacillus_subtilis_168-224308.gaf", "Escherichia_coli_K_12-83333.gaf")
    ]


def test_the_rule_of_the_template_matches_inputs_alone(cloud: MiniCloud) -> None:
    from minicloud import make_event

    keys = {
        "in/seven/inputs.tsv": True,
        "in/seven/a.gaf.gz": True,
        "in/a/b/inputs.tsv": True,
        "in/go-basic.obo.gz": False,
        "results/seven/1/run.json": False,
        "tmp/state/waiting/seven.json": False,
    }
    assert {key: cloud.matcher.matches(make_event(key)) for key in keys} == keys
    event = make_event("in/seven/inputs.tsv")
    assert not cloud.matcher.matches(event | {"detail-type": "Object Deleted"})
    event["detail"]["bucket"]["name"] = "other"
    assert not cloud.matcher.matches(event)


def test_the_founding_seven_become_a_run_with_the_bytes_of_a_command(
    cloud: MiniCloud,
    real_files: list[Path],
    real_ontology: Path,
    tmp_path: Path,
) -> None:
    begun = time.monotonic()
    key = upload(cloud, "seven", real_files, real_ontology)
    put = time.monotonic()
    answer = cloud.wait_for(key)
    seconds = time.monotonic() - put
    assert answer.get("status") == "published", answer
    prefix = answer["results"].removeprefix(f"s3://{BUCKET}/")
    folder = tmp_path / "in"
    folder.mkdir()
    for path in real_files:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "inputs.tsv").write_text("path\n" + "".join(f"{p.name}\n" for p in real_files))
    started = time.monotonic()
    command = [sys.executable, "-m", "gafreduce", "run", str(folder / "inputs.tsv")]
    options = ["--ontology", str(real_ontology), "-o", str(tmp_path / "run"), "-r", "inline"]
    subprocess.run([*command, *options, "--search", "-q"], check=True)
    here = time.monotonic() - started
    sys.stderr.write(
        f"\nput to manifest {seconds:.1f} s, by command {here:.1f} s, files {put - begun:.1f} s; "
        f"at most {cloud.function.memory.peak_mb:.0f} MB with the temporary folder\n"
    )
    compared = 0
    for path in sorted((tmp_path / "run").rglob("*")):
        name = path.relative_to(tmp_path / "run").as_posix()
        is_table = name.startswith(("tables/", "parquet/")) and path.is_file()
        if is_table and path.stem not in OWN_OF_A_RUN:
            stored = cloud.s3.get_object(Bucket=BUCKET, Key=f"{prefix}/{name}")["Body"].read()
            assert stored == path.read_bytes(), name
            compared += 1
    assert compared > 40
    keys = cloud.list_keys(prefix)
    assert {f"{prefix}/report.html", f"{prefix}/extras/search.sqlite"} <= set(keys)
    record = json.loads(cloud.s3.get_object(Bucket=BUCKET, Key=f"{prefix}/run.json")["Body"].read())
    assert len(record["correlation_id"]) == 36
    partitions = boto3.client("glue").get_partitions(
        DatabaseName="gafreduce", TableName="organisms"
    )["Partitions"]
    assert [each["StorageDescriptor"]["Location"] for each in partitions] == [
        f"{answer['results']}/parquet/organisms/"
    ]
    log = cloud.function.log.read_text()
    assert record["correlation_id"] in log
    assert '"Lines":[' in log


def test_the_event_twice_and_two_at_once_make_one_run(
    cloud: MiniCloud, pair: list[Path], samples: Path
) -> None:
    from minicloud import make_event

    key = upload(cloud, "twice", pair, samples / "go-samples.obo")
    assert cloud.wait_for(key)["status"] == "published"
    assert cloud.function.call(make_event(key))["status"] == "exists"
    assert len(manifests(cloud, "twice")) == 1

    other = cloud.start_function()
    try:
        for path in pair:
            cloud.s3.put_object(Bucket=BUCKET, Key=f"in/both/{path.name}", Body=path.read_bytes())
        put_sheet(cloud, "both", pair)  # one event by the server, one more at the same time
        event = make_event("in/both/inputs.tsv")
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(other.call, event)
            found = {cloud.wait_for("in/both/inputs.tsv")["status"], second.result()["status"]}
        assert "published" in found
        assert found <= {"published", "running", "exists"}
        assert len(manifests(cloud, "both")) == 1
    finally:
        other.stop()


def test_a_missing_object_and_a_broken_file_wait(
    cloud: MiniCloud, pair: list[Path], samples: Path
) -> None:
    first, second = pair
    cloud.s3.put_object(
        Bucket=BUCKET, Key="in/go-basic.obo.gz", Body=(samples / "go-samples.obo").read_bytes()
    )
    cloud.failures()
    cloud.s3.put_object(Bucket=BUCKET, Key=f"in/late/{first.name}", Body=first.read_bytes())
    key = put_sheet(cloud, "late", pair)
    assert cloud.wait_for(key)["status"] == "waiting"
    (failure,) = cloud.failures()
    assert second.name in failure["reason"]
    broken = f"in/late/{second.name}"
    cloud.s3.put_object(Bucket=BUCKET, Key=broken, Body=b"<html>503</html>\n")
    assert cloud.wait_for(broken)["status"] == "waiting"
    (failure,) = cloud.failures()
    assert second.name in failure["reason"]
    assert manifests(cloud, "late") == []
    cloud.s3.put_object(Bucket=BUCKET, Key=broken, Body=second.read_bytes())
    assert cloud.wait_for(broken)["status"] == "published"
    assert len(manifests(cloud, "late")) == 1
    assert cloud.list_keys("tmp/state/") == []


@pytest.fixture
def quiet(cloud: MiniCloud) -> Iterator[None]:
    """Deliver no events: a test calls the function itself."""
    cloud.is_delivering = False
    yield
    cloud.is_delivering = True


@pytest.fixture
def proxy(cloud: MiniCloud) -> Iterator[FaultProxy]:
    """Return what is between functions and the S3 server."""
    from s3_fault_proxy import FaultProxy

    with FaultProxy(cloud.s3_port) as found:
        yield found


@pytest.fixture
def function(cloud: MiniCloud, proxy: FaultProxy) -> Iterator[EmulatedFunction]:
    """Return a function that sees S3 through the proxy."""
    found = cloud.start_function(AWS_ENDPOINT_URL_S3=proxy.endpoint)
    yield found
    found.stop()


@pytest.fixture
def upload_event(
    cloud: MiniCloud, quiet: None, pair: list[Path], samples: Path
) -> Callable[[str], dict[str, Any]]:
    """Return a function that uploads two files with a sheet, and returns the sheet's event."""
    from minicloud import make_event

    return lambda name: make_event(upload(cloud, name, pair, samples / "go-samples.obo"))


@pytest.mark.slow
def test_s3_that_refuses_and_a_time_out_leave_nothing_half_published(
    cloud: MiniCloud,
    proxy: FaultProxy,
    function: EmulatedFunction,
    upload_event: Callable[[str], dict[str, Any]],
) -> None:
    from s3_fault_proxy import Fault

    event = upload_event("refused")
    short = cloud.start_function(
        seconds=120, GAFREDUCE_RESERVE="60", AWS_ENDPOINT_URL_S3=proxy.endpoint
    )
    refusing = Fault("status", method="PUT", path="/parquet/")
    late = Fault("latency", method="PUT", path="/results/", seconds=10)
    try:
        for called, fault, expected in (
            (function, refusing, "TransientError"),
            (short, late, "StoppedError"),
        ):
            proxy.faults = [fault]
            answer: dict[str, Any] = called.call(event)
            assert answer.get("errorType") == expected, answer
            assert proxy.injected[fault.kind] > 0
            proxy.faults = []
            assert cloud.list_keys("results/refused/") == [], "no lock, and nothing half-published"
    finally:
        short.stop()
    assert function.call(event)["status"] == "published"
    assert len(manifests(cloud, "refused")) == 1
    assert cloud.list_keys("tmp/state/") == []


@pytest.mark.slow
def test_a_run_that_is_killed_in_mid_publish_is_made_by_the_next_try(
    cloud: MiniCloud,
    proxy: FaultProxy,
    function: EmulatedFunction,
    upload_event: Callable[[str], dict[str, Any]],
) -> None:
    from s3_fault_proxy import Fault

    event = upload_event("killed")
    proxy.faults = [Fault("hold-write", method="PUT", path="/tables/", times=1)]
    with ThreadPoolExecutor(1) as pool:
        called = pool.submit(function.call, event)
        assert proxy.held.wait(300)
        function.kill_run()
        assert called.result().get("errorType") == "TransientError"
    proxy.faults = []
    assert cloud.list_keys("results/killed/"), "its lock at least"
    assert manifests(cloud, "killed") == []
    begun = time.monotonic()
    assert cloud.function.call(event)["status"] == "published"
    sys.stderr.write(f"\nthe next try took {time.monotonic() - begun:.0f} s\n")
    assert len(manifests(cloud, "killed")) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("quiet")
def test_too_little_memory_ends_the_run_and_not_the_function(
    cloud: MiniCloud, real_files: list[Path], real_ontology: Path
) -> None:
    from minicloud import make_event

    event = make_event(upload(cloud, "large", real_files, real_ontology))
    small = cloud.start_function(megabytes=200)
    try:
        answer: dict[str, Any] = small.call(event)
        assert answer.get("errorType") == "TransientError", answer
        assert "out of memory" in answer["errorMessage"]
    finally:
        small.stop()
    assert manifests(cloud, "large") == []
