"""Tests on a real Hadoop: only when asked for, by naming this folder (`make test-cluster`)."""

import gzip
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE), str(REPOSITORY)]  # what is here is not installed

from job_runs import SAMPLES, Front, Job, Run, at, front_door  # noqa: E402 - needs the path
from minihadoop import build  # noqa: E402
from minihadoop.cluster import Cluster  # noqa: E402
from minihadoop.configuration import Options  # noqa: E402

from jobs import launch  # noqa: E402
from jobs.input_list import InputFile  # noqa: E402

RUN_SECONDS = 600
MIB = 1024 * 1024
DEAD_AFTER_MS = 15_000  # long enough for a JVM that a busy machine keeps waiting


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out of a run that does not name it."""
    named = any(Path(argument.split("::")[0]).resolve() == HERE for argument in config.args)
    inside = any(
        HERE in Path(argument.split("::")[0]).resolve().parents for argument in config.args
    )
    return None if named or inside else True


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line("markers", "cluster: needs the real Hadoop (make test-cluster)")
    config.addinivalue_line("markers", "faults: breaks things on purpose (make test-faults)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here, and give it the time that JVMs need."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("cluster")
            item.add_marker(pytest.mark.timeout(RUN_SECONDS))


@pytest.fixture(scope="session", autouse=True)
def stop_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the session as Ctrl-C does, so that the daemons are stopped."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def tools() -> build.Tools:
    """Return what the cluster runs, built when the cache does not hold it."""
    return build.build()


@pytest.fixture(scope="session")
def cluster(tools: build.Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return the cluster that tests share; its blocks are small, so that files have splits."""
    scratch = tmp_path_factory.mktemp("cluster") / "running"
    options = Options(block_size=MIB, expiry_ms=DEAD_AFTER_MS)
    with Cluster.started(scratch, tools, options) as running:
        yield running
    running.remove()


@pytest.fixture
def run(cluster: Cluster, tmp_path: Path) -> Run:
    """Return a function that runs a command against the cluster, in an empty folder."""

    def run(
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        uber: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        with subprocess.Popen(
            words,
            env={
                **os.environ,
                **cluster.environment(uber),
                "PYTHONPATH": str(REPOSITORY),
                "TMPDIR": str(tmp_path),  # what a run leaves lies where a test can see it
                **(environment or {}),
            },
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, errors = process.communicate(timeout=RUN_SECONDS)
            finally:
                # A command that is given up must not leave the `hadoop` that it called.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    return run


@pytest.fixture(scope="session")
def s3(cluster: Cluster) -> Any:
    """Return a boto3 client of the S3 server."""
    return boto3.client(
        "s3",
        endpoint_url=cluster.s3_endpoint,
        aws_access_key_id=cluster.keys.access,
        aws_secret_access_key=cluster.keys.secret,
        region_name="us-east-1",
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what ships to the nodes: a wheel is a zip of the packages, and so is this."""
    path = tmp_path_factory.mktemp("wheel") / "gafreduce-0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in ("jobs", "ontology"):
            for module in sorted((REPOSITORY / package).rglob("*.py")):
                archive.write(module, module.relative_to(REPOSITORY))
    return path


@pytest.fixture(scope="session")
def mrjob_conf(cluster: Cluster, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project's mrjob.conf with the names of this cluster filled in."""
    names = cluster.control("names")
    s3.create_bucket(Bucket="results")
    conf = yaml.safe_load((REPOSITORY / "mrjob.conf").read_text())
    conf["runners"]["emr"] |= {
        "region": names["region"],
        "subnet": names["subnet"],
        "cloud_tmp_dir": "s3://results/tmp/",
        "cloud_log_dir": "s3://results/logs/",
        "check_cluster_every": 1,
    }
    path = tmp_path_factory.mktemp("conf") / "mrjob.conf"
    path.write_text(yaml.safe_dump(conf))
    return path


@pytest.fixture(scope="session")
def job_conf(mrjob_conf: Path, wheel: Path) -> Path:
    """Return the same for the job's script, which does not ship itself as the front door does."""
    conf = yaml.safe_load(mrjob_conf.read_text())
    for runner in ("hadoop", "emr"):
        conf["runners"][runner]["py_files"] = [str(wheel)]
    path = mrjob_conf.with_name("job.conf")
    path.write_text(yaml.safe_dump(conf))
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real annotation files, which are not part of the project."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs ../shared: real annotation files, which are no part of the project")
    return folder


@pytest.fixture(scope="session")
def term_file(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the term file of the default target in a whole GO."""
    path = tmp_path_factory.mktemp("terms") / "terms.tsv"
    make = (
        "import shutil, sys; from pathlib import Path; from ontology import cache, termfile;"
        "made = cache.cached_term_file("
        "    Path(sys.argv[1]), termfile.DEFAULT_TERM, termfile.DEFAULT_RELATIONS);"
        "shutil.copy(made.path, sys.argv[2])"
    )
    ontology = shared_data / "ontology" / "go-basic-2022-07-01.obo.gz"
    subprocess.run([sys.executable, "-c", make, ontology, path], cwd=REPOSITORY, check=True)
    return path


@pytest.fixture
def job(run: Run, tmp_path: Path, term_file: Path, job_conf: Path) -> Job:
    return Job(run, tmp_path, term_file, job_conf)


@pytest.fixture(scope="session")
def excerpts(shared_data: Path) -> list[InputFile]:
    return launch.describe([str(shared_data / "seven-organisms" / "excerpt" / "*.gaf")])


@pytest.fixture(scope="session")
def whole(shared_data: Path) -> list[InputFile]:
    return launch.describe([str(shared_data / "seven-organisms" / "whole" / "*.gaf.gz")])


@pytest.fixture(scope="session")
def two_plain(whole: list[InputFile], tmp_path_factory: pytest.TempPathFactory) -> list[InputFile]:
    """Two whole files as plain text, which Hadoop splits: seven splits of 1 MiB."""
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


@pytest.fixture
def gafreduce(run: Run, mrjob_conf: Path) -> Front:
    """Return a function that runs `gafreduce run` over some inputs."""

    def gafreduce(
        runner: str,
        *inputs: str | Path,
        output: str | Path,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return run(front_door(runner, *inputs, output=output, conf=mrjob_conf), environment)

    return gafreduce


@pytest.fixture(scope="session")
def samples_in_s3(s3: Any) -> str:
    """Return the prefix below which the samples and their sheet lie."""
    s3.create_bucket(Bucket="samples")
    for path in (*SAMPLES.glob("*.gaf"), SAMPLES / "inputs.tsv"):
        s3.upload_file(str(path), "samples", f"in/{path.name}")
    return "s3://samples/in/"
