"""The main job gives the same bytes wherever it runs, started by hand as mrjob users do.

Golden is the inline runner's output over the same files. Records are compared sorted, all of them
and byte for byte, but for two facts about an input file that only this machine can see as it reads:
its stored bytes and their sha256 (a task on a cluster sees text).
"""

import gzip
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from minihadoop.cluster import Cluster

from jobs import input_list, launch
from jobs.input_list import InputFile

JOB = Path(__file__).parents[2] / "jobs" / "annotation_profile.py"
SEEN_HERE_ONLY = re.compile(rb'"n_bytes": \d+|"sha256": "[0-9a-f]*"')
MIB = 1024 * 1024

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass
class Job:
    """Runs the job's script and gives back its records."""

    run: Run
    folder: Path
    term_file: Path
    conf: Path

    def __call__(
        self,
        runner: str,
        inputs: Sequence[InputFile],
        *options: str,
        output: str = "",
        uber: bool = True,
    ) -> list[bytes]:
        """Run the job over the inputs' URIs; `output` names a place that is not printed."""
        listed = self.folder / f"{runner}-inputs.tsv"
        input_list.write(inputs, listed)
        named = ["--output-dir", output, "--no-cat-output"] if output else []
        done = self.run(
            [
                *(sys.executable, "-W", "ignore", JOB),
                *("--runner", runner, "--conf-path", self.conf),
                *("--term-file", self.term_file, "--input-list", listed),
                *(*options, *named, *(file.uri for file in inputs)),
            ],
            uber=uber,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return records(done.stdout.encode()) if not output else []


def records(output: bytes) -> list[bytes]:
    """Return the records of an output, sorted, without what only this machine can see."""
    return sorted(SEEN_HERE_ONLY.sub(b"", record) for record in output.splitlines(keepends=True))


def at(inputs: Sequence[InputFile], place: str) -> list[InputFile]:
    """Return the same inputs as they are known at another place."""
    return [replace(file, uri=f"{place}/{Path(file.uri).name}") for file in inputs]


@pytest.fixture
def job(run: Run, tmp_path: Path, term_file: Path, mrjob_conf: Path) -> Job:
    return Job(run, tmp_path, term_file, mrjob_conf)


@pytest.fixture(scope="session")
def excerpts(shared_data: Path) -> list[InputFile]:
    return launch.describe([str(shared_data / "seven-organisms" / "excerpt" / "*.gaf")])


@pytest.fixture(scope="session")
def whole(shared_data: Path) -> list[InputFile]:
    return launch.describe([str(shared_data / "seven-organisms" / "whole" / "*.gaf.gz")])


@pytest.fixture(scope="session")
def two_plain(whole: list[InputFile], tmp_path_factory: pytest.TempPathFactory) -> list[InputFile]:
    """Two whole files as plain text, which Hadoop splits."""
    folder = tmp_path_factory.mktemp("plain")
    for file in whole[:2]:
        text = gzip.decompress(Path(file.uri).read_bytes())
        (folder / Path(file.uri).stem).write_bytes(text)
    return launch.describe([str(folder / "*.gaf")])


@pytest.fixture
def put(run: Run, cluster: Cluster) -> Callable[[Sequence[InputFile], str], list[InputFile]]:
    """Return a function that puts inputs into HDFS in one call, in blocks of 1 MiB."""

    def put(inputs: Sequence[InputFile], name: str) -> list[InputFile]:
        place = f"hdfs://127.0.0.1:{cluster.ports.namenode}/{name}"
        files = [file.uri for file in inputs]
        assert run(["hadoop", "fs", "-mkdir", "-p", place]).returncode == 0
        done = run(["hadoop", "fs", "-D", f"dfs.blocksize={MIB}", "-put", "-f", *files, place])
        assert done.returncode == 0, done.stderr
        return at(inputs, place)

    return put


@pytest.fixture(scope="session")
def in_bucket(s3: Any, excerpts: list[InputFile]) -> list[InputFile]:
    """The excerpts in a bucket."""
    s3.create_bucket(Bucket="annotations")
    for file in excerpts:
        s3.upload_file(file.uri, "annotations", f"in/{Path(file.uri).name}")
    return at(excerpts, "s3://annotations/in")


def objects(s3: Any, bucket: str, prefix: str) -> bytes:
    """Return the part files below a prefix, one after another; there must be a `_SUCCESS`."""
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    assert f"{prefix}_SUCCESS" in keys
    parts = [key for key in keys if "/part-" in key]
    return b"".join(s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in parts)


def test_local_equals_inline(job: Job, excerpts: list[InputFile]) -> None:
    golden = job("inline", excerpts)
    assert len(golden) > 1000
    assert job("local", excerpts) == golden


def test_hadoop_in_uber_mode_equals_inline(
    job: Job, excerpts: list[InputFile], put: Callable[..., list[InputFile]]
) -> None:
    assert job("hadoop", put(excerpts, "excerpts")) == job("inline", excerpts)


@pytest.mark.parametrize("reducers", [3, 8])
def test_reducers_and_small_splits_change_nothing(
    job: Job, two_plain: list[InputFile], put: Callable[..., list[InputFile]], reducers: int
) -> None:
    inputs = put(two_plain, "plain")
    made = job("hadoop", inputs, "-D", f"mapreduce.job.reduces={reducers}", uber=False)
    assert made == job("inline", two_plain)


def test_whole_files_in_containers_equal_inline(
    job: Job, whole: list[InputFile], put: Callable[..., list[InputFile]]
) -> None:
    made = job("hadoop", put(whole, "whole"), uber=False)
    assert made == job("inline", whole)


def test_hadoop_from_s3_to_s3_equals_inline(
    job: Job, excerpts: list[InputFile], in_bucket: list[InputFile], s3: Any
) -> None:
    job("hadoop", in_bucket, output="s3://results/results/by-hadoop")
    assert records(objects(s3, "results", "results/by-hadoop/")) == job("inline", excerpts)


def test_emr_path_equals_inline(
    job: Job, excerpts: list[InputFile], in_bucket: list[InputFile], s3: Any
) -> None:
    job("emr", in_bucket, output="s3://results/results/by-emr")
    assert records(objects(s3, "results", "results/by-emr/")) == job("inline", excerpts)
    left = s3.list_objects_v2(Bucket="results", Prefix="tmp/")
    assert left["KeyCount"] == 0
