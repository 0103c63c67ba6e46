"""Inputs that are damaged, change, go away or may not be read: said in words, nothing published."""

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from job_runs import SAMPLES, Command, Job, RunCommand, run_command
from minihadoop.cluster import Cluster
from minihadoop.configuration import Keys
from s3_fault_proxy import FaultProxy
from sabotage import sabotage

from gafreduce.errors import FAILED, INPUT
from gafreduce.jobs.files.input_list import InputFile

pytestmark = pytest.mark.faults

Golden = Callable[..., list[bytes]]
Put = Callable[..., list[InputFile]]
RUNNERS = ("inline", "local", "hadoop", "emr")
SAMPLE = SAMPLES / "Escherichia_coli_K_12-83333.gaf"
ONE_ATTEMPT = ("-D", "mapreduce.map.maxattempts=1")


def truncated(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def damaged(packed: bytes) -> bytes:
    return packed[:-8] + bytes([packed[-8] ^ 0xFF]) + packed[-7:]


def with_junk(packed: bytes) -> bytes:
    return packed + b"junk that is no gzip member"


def empty(packed: bytes) -> bytes:
    return b""


def not_gzip(packed: bytes) -> bytes:
    return gzip.decompress(packed)


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("spoil", [truncated, damaged, with_junk, empty, not_gzip])
def test_broken_gzip_is_named_and_nothing_is_published(
    gafreduce: RunCommand,
    tmp_path: Path,
    s3: Any,
    bucket: Callable[[str], str],
    runner: str,
    spoil: Callable[[bytes], bytes],
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "broken.gaf.gz").write_bytes(spoil(gzip.compress(SAMPLE.read_bytes())))
    sound = SAMPLES / "Bacillus_subtilis_168-224308.gaf"
    (folder / "sound.gaf").write_bytes(sound.read_bytes())
    inputs, output = str(folder), tmp_path / "run"
    if runner == "emr":
        inputs = f"s3://{bucket('annotations')}/broken-{spoil.__name__}/"
        for path in folder.iterdir():
            s3.upload_file(str(path), "annotations", f"broken-{spoil.__name__}/{path.name}")
    more = ONE_ATTEMPT if runner in ("hadoop", "emr") else ()
    done = gafreduce(runner, inputs, output=output, more=more)
    if spoil is not_gzip and not more:  # here its content says what it is, and it is sound
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 1
    assert done.stderr.startswith("gafreduce: ")
    assert "broken.gaf.gz" in done.stderr
    assert "sound.gaf" not in done.stderr
    assert not output.exists()


def test_two_gzip_members_are_both_read(
    job: Job, whole: list[InputFile], put: Put, tmp_path: Path, golden: Golden
) -> None:
    source = Path(whole[0].uri)
    lines = gzip.decompress(source.read_bytes()).splitlines(keepends=True)
    halves = (b"".join(lines[:1000]), b"".join(lines[1000:]))
    (tmp_path / source.name).write_bytes(b"".join(map(gzip.compress, halves)))
    inputs = put([whole[0]._replace(uri=str(tmp_path / source.name))], "two-members")
    assert job("hadoop", inputs) == golden(whole[:1])


@dataclass
class InBucket:
    """A sample in a bucket, which a test can change or remove."""

    s3: Any
    bucket: str
    key: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def put(self) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=SAMPLE.read_bytes())

    def replaced(self) -> None:
        other = (SAMPLES / "Bacillus_subtilis_168-224308.gaf").read_bytes()
        self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=other)

    def deleted(self) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=self.key)


@pytest.fixture
def one_in_bucket(s3: Any, bucket: Callable[[str], str], command: Command) -> InBucket:
    found = InBucket(s3, bucket("annotations"), f"{command.name}/one.gaf")
    found.put()
    return found


def check_refused(done: Any, found: InBucket, output: Path, code: int = FAILED) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("gafreduce: ")
    assert found.uri in done.stderr
    assert not output.exists()


@pytest.mark.parametrize("change", ["replaced", "deleted"])
def test_object_that_changes_while_it_is_brought_fails_the_run(
    gafreduce: RunCommand, cluster: Cluster, one_in_bucket: InBucket, tmp_path: Path, change: str
) -> None:
    """The driver has listed it and read its first bytes; it changes before the second reading."""

    def act(method: str, path: str) -> None:
        reads.append(path) if method == "GET" and one_in_bucket.key in path else None
        if len(reads) == 2:
            getattr(one_in_bucket, change)()

    reads: list[str] = []
    with FaultProxy(cluster.ports.s3, on_request=act) as proxy:
        environment = {"AWS_ENDPOINT_URL_S3": proxy.endpoint}
        output = tmp_path / "run"
        done = gafreduce("inline", one_in_bucket.uri, output=output, environment=environment)
    assert len(reads) >= 2, "it was not read twice: nothing was tested"
    check_refused(done, one_in_bucket, output)


@pytest.mark.parametrize("change", ["replaced", "deleted"])
@pytest.mark.parametrize("runner", ["hadoop", "emr"])
def test_object_that_changes_before_the_cluster_reads_it_fails_the_run(
    gafreduce: RunCommand,
    cluster: Cluster,
    command: Command,
    one_in_bucket: InBucket,
    tmp_path: Path,
    runner: str,
    change: str,
) -> None:
    starter = command.marker if runner == "hadoop" else cluster.marker(cluster.control_plane_name)
    output = tmp_path / "run"
    with sabotage(
        starter, f"-input {one_in_bucket.uri}", lambda pid: getattr(one_in_bucket, change)()
    ):
        done = gafreduce(runner, one_in_bucket.uri, output=output, more=ONE_ATTEMPT)
    check_refused(done, one_in_bucket, output)


@pytest.fixture
def stranger(cluster: Cluster, s3: Any, bucket: Callable[[str], str], command: Command) -> Keys:
    """Return a user who may read the samples' bucket and nothing else."""
    name = "".join(filter(str.isalnum, command.name))
    keys = cluster.create_s3_user(name, "strangersecret")
    may_read = {
        "Effect": "Allow",
        "Principal": {"AWS": [name]},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::open", "arn:aws:s3:::open/*"],
    }
    policy = {"Version": "2012-10-17", "Statement": [may_read]}
    s3.put_bucket_policy(Bucket=bucket("open"), Policy=json.dumps(policy))
    s3.upload_file(str(SAMPLE), "open", "one.gaf")
    return keys


def signed_as(keys: Keys) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": keys.access, "AWS_SECRET_ACCESS_KEY": keys.secret}


@pytest.mark.parametrize("runner", ["inline", "hadoop"])
def test_input_that_the_driver_may_not_read_is_named(
    gafreduce: RunCommand, one_in_bucket: InBucket, stranger: Keys, tmp_path: Path, runner: str
) -> None:
    output = tmp_path / "run"
    done = gafreduce(runner, one_in_bucket.uri, output=output, environment=signed_as(stranger))
    check_refused(done, one_in_bucket, output)
    assert "access is denied" in done.stderr
    assert stranger.secret not in done.stderr


def test_input_that_the_cluster_may_not_read_is_named(
    gafreduce: RunCommand, cluster: Cluster, one_in_bucket: InBucket, stranger: Keys, tmp_path: Path
) -> None:
    conf, keys = tmp_path / "conf", cluster.keys
    shutil.copytree(cluster.environment(uber=True)["HADOOP_CONF_DIR"], conf)
    site = (conf / "core-site.xml").read_text()
    for ours, theirs in ((keys.access, stranger.access), (keys.secret, stranger.secret)):
        site = site.replace(f"<value>{ours}</value>", f"<value>{theirs}</value>")
    (conf / "core-site.xml").write_text(site)
    output = tmp_path / "run"
    as_stranger = {"HADOOP_CONF_DIR": str(conf)}
    done = gafreduce(
        "hadoop", one_in_bucket.uri, output=output, environment=as_stranger, more=ONE_ATTEMPT
    )
    check_refused(done, one_in_bucket, output, INPUT)
    assert "Forbidden" in done.stderr


def test_output_that_the_driver_may_not_write_is_named(
    mrjob_conf: Path, command: Command, s3: Any, stranger: Keys
) -> None:
    output = "s3://results/results/not-mine/"
    asked = run_command("inline", "s3://open/one.gaf", output=output, conf=mrjob_conf)
    done = command.run(asked, signed_as(stranger))
    assert done.returncode == FAILED
    assert "s3://results/results/not-mine" in done.stderr
    assert "access is denied" in done.stderr
    assert s3.list_objects_v2(Bucket="results", Prefix="results/not-mine")["KeyCount"] == 0
