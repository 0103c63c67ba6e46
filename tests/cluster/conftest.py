import gzip
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE), str(REPOSITORY)]  # what is here is not installed

from job_runs import (  # noqa: E402 - the path
    SAMPLES,
    Command,
    Environment,
    Job,
    Run,
    RunCommand,
    at,
    run_command,
    tables,
)
from minihadoop import build  # noqa: E402
from minihadoop.cluster import Cluster  # noqa: E402
from minihadoop.configuration import Options  # noqa: E402

from gafreduce.execution.node_package import write_node_package  # noqa: E402 - the path
from gafreduce.jobs.files.input_list import InputFile  # noqa: E402
from gafreduce.jobs.runners import script  # noqa: E402

TEST_SECONDS = 900
MIB = 1024 * 1024
# Long enough for a JVM that a busy machine keeps waiting.
DEAD_AFTER_SECONDS = 180
LOG_LINES_SHOWN = 12
SHARED = pytest.StashKey[Path]()


def _is_named(config: pytest.Config) -> bool:
    """Tell whether a run names this folder, or something in it."""
    named = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    return any(HERE in (path, *path.parents) for path in named)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how long a test of dead nodes waits."""
    parser.addoption(
        "--dead-after",
        type=int,
        default=DEAD_AFTER_SECONDS,
        help="seconds after which a node or ApplicationMaster that says nothing is given up",
    )


def _options(config: pytest.Config) -> Options:
    """Return the options of the cluster; its blocks are small, so that files have splits."""
    dead_after = 1000 * config.getoption("--dead-after")
    return Options(block_size=MIB, expiry_ms=dead_after, node_expiry_ms=dead_after)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out of a run that does not name it."""
    return None if _is_named(config) else True


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line("markers", "cluster: needs the real Hadoop (make test-cluster)")
    config.addinivalue_line(
        "markers", "faults: breaks things on purpose, or takes long (make test-faults)"
    )
    config.addinivalue_line(
        "markers", "alone: breaks something that other tests need at the same time"
    )
    config.addinivalue_line("markers", "large: CI leaves it out, for a smaller test is like it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here, and give it the time that JVMs need."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("cluster")
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give each worker of a run with `-n` one and the same cluster, started and stopped here."""
    config = node.config
    if not _is_named(config):
        return
    if SHARED not in config.stash:
        folder = Path(tempfile.mkdtemp(prefix="gafreduce-cluster-"))
        stack = ExitStack()
        config.add_cleanup(stack.close)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        _raise_at_sigterm()
        stack.enter_context(Cluster.started(folder / "running", build.build(), _options(config)))
        config.stash[SHARED] = folder / "running"
    node.workerinput["cluster"] = str(config.stash[SHARED])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show the daemons' last log lines with a failure."""
    report: pytest.TestReport = yield  # type: ignore[assignment, misc]
    running = getattr(item, "funcargs", {}).get("cluster")
    if report.failed and isinstance(running, Cluster):
        report.sections.append(("the daemons' last words", running.last_words(LOG_LINES_SHOWN)))
    return report  # type: ignore[return-value]


def _raise_at_sigterm() -> Any:
    """Let SIGTERM end the session as Ctrl-C does, so that the daemons are stopped."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    return signal.signal(signal.SIGTERM, stop)


@pytest.fixture(scope="session", autouse=True)
def stop_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the session as Ctrl-C does."""
    before = _raise_at_sigterm()
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def tools() -> build.Tools:
    """Return what the cluster runs, built when the cache does not hold it."""
    return build.build()


@pytest.fixture(scope="session")
def cluster(
    request: pytest.FixtureRequest,
    tools: build.Tools,
    worker: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """Return the cluster that tests share."""
    shared = getattr(request.config, "workerinput", {}).get("cluster")
    if shared:
        with Cluster.attached(Path(shared), tools, worker) as running:
            yield running
        return
    scratch = tmp_path_factory.mktemp("cluster") / "running"
    with Cluster.started(scratch, tools, _options(request.config)) as running:
        yield running
    running.remove()


@pytest.fixture
def command(cluster: Cluster, tmp_path: Path) -> Command:
    """Return how commands are run against the cluster, in an empty folder."""
    return Command(cluster, tmp_path)


@pytest.fixture
def run(command: Command) -> Run:
    """Return a function that runs a command against the cluster, in an empty folder."""
    return command.run


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Return the name of this process among those that share the cluster."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "only"))


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
def bucket(s3: Any) -> Callable[[str], str]:
    """Return a function that makes a bucket when there is none of this name, and names it."""

    def bucket(name: str) -> str:
        there = (s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists)
        with suppress(*there):  # another process that shares the cluster may have made it
            s3.create_bucket(Bucket=name)
        return name

    return bucket


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the package of the nodes: like a wheel, it is a zip with the import name gafreduce."""
    return write_node_package(tmp_path_factory.mktemp("wheel") / "gafreduce-0-py3-none-any.whl")


@pytest.fixture(scope="session")
def mrjob_conf(
    cluster: Cluster,
    bucket: Callable[[str], str],
    worker: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return the project's mrjob.conf with the names of this cluster filled in."""
    names = cluster.control("names")
    bucket("results")
    conf = yaml.safe_load((REPOSITORY / "mrjob.conf").read_text())
    conf["runners"]["emr"] |= {
        "region": names["region"],
        "subnet": names["subnet"],
        "cloud_tmp_dir": f"s3://results/tmp/{worker}/",
        "cloud_log_dir": "s3://results/logs/",
        "check_cluster_every": 1,
    }
    path = tmp_path_factory.mktemp("conf") / "mrjob.conf"
    path.write_text(yaml.safe_dump(conf))
    return path


@pytest.fixture(scope="session")
def job_conf(mrjob_conf: Path, wheel: Path) -> Path:
    """Return the same for the job's script, which does not ship itself as `gafreduce run` does."""
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
        "import shutil, sys; from pathlib import Path; from gafreduce.ontology import cache, termfile;"
        "made = cache.load_term_file("
        "    Path(sys.argv[1]), termfile.DEFAULT_TERM, termfile.DEFAULT_RELATIONS);"
        "shutil.copy(made.path, sys.argv[2])"
    )
    ontology = shared_data / "ontology" / "go-basic-2022-07-01.obo.gz"
    subprocess.run([sys.executable, "-c", make, ontology, path], cwd=REPOSITORY, check=True)
    return path


@pytest.fixture
def job(run: Run, tmp_path: Path, term_file: Path, job_conf: Path) -> Job:
    """Return how the main job's script is run."""
    return Job(run, tmp_path, term_file, job_conf)


@pytest.fixture(scope="session")
def golden(
    cluster: Cluster, term_file: Path, job_conf: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Sequence[InputFile]], list[bytes]]:
    """Return a function that gives the inline runner's records of some inputs, made once."""
    made: dict[tuple[str, ...], list[bytes]] = {}

    def golden(inputs: Sequence[InputFile]) -> list[bytes]:
        uris = tuple(file.uri for file in inputs)
        if uris not in made:
            folder = tmp_path_factory.mktemp("golden")
            inline = Job(Command(cluster, folder).run, folder, term_file, job_conf)
            made[uris] = inline("inline", inputs)
        return made[uris]

    return golden


@pytest.fixture(scope="session")
def excerpts(shared_data: Path) -> list[InputFile]:
    return script.describe_inputs([str(shared_data / "seven-organisms" / "excerpt" / "*.gaf")])


@pytest.fixture(scope="session")
def whole(shared_data: Path) -> list[InputFile]:
    return script.describe_inputs([str(shared_data / "seven-organisms" / "whole" / "*.gaf.gz")])


@pytest.fixture(scope="session")
def two_plain(whole: list[InputFile], tmp_path_factory: pytest.TempPathFactory) -> list[InputFile]:
    """Two whole files as plain text, which Hadoop splits: seven splits of 1 MiB."""
    folder = tmp_path_factory.mktemp("plain")
    for file in whole[:2]:
        text = gzip.decompress(Path(file.uri).read_bytes())
        (folder / Path(file.uri).stem).write_bytes(text)
    return script.describe_inputs([str(folder / "*.gaf")])


@pytest.fixture(scope="session")
def one_plain(whole: list[InputFile], tmp_path_factory: pytest.TempPathFactory) -> list[InputFile]:
    """All whole files as one of plain text, thrice: its one mapper is at it for a second."""
    path = tmp_path_factory.mktemp("plain") / "all.gaf"
    path.write_bytes(3 * b"".join(gzip.decompress(Path(file.uri).read_bytes()) for file in whole))
    return script.describe_inputs([str(path)])


@pytest.fixture
def put(cluster: Cluster) -> Callable[..., list[InputFile]]:
    """Return a function that puts inputs into a folder of HDFS, in blocks of 1 MiB by default."""

    def put(inputs: Sequence[InputFile], name: str, block_size: int = MIB) -> list[InputFile]:
        for file in inputs:
            path = Path(file.uri)
            cluster.put_into_hdfs(path, f"/{name}/{path.name}", block_size)
        return at(inputs, f"hdfs://127.0.0.1:{cluster.ports.namenode}/{name}")

    return put


@pytest.fixture(scope="session")
def in_bucket(
    s3: Any, bucket: Callable[[str], str], excerpts: list[InputFile], worker: str
) -> list[InputFile]:
    """Return the excerpts in a bucket: those of this worker, for a replaced input stops a run."""
    name = bucket("annotations")
    for file in excerpts:
        s3.upload_file(file.uri, name, f"in/{worker}/{Path(file.uri).name}")
    return at(excerpts, f"s3://{name}/in/{worker}")


@pytest.fixture
def gafreduce(run: Run, mrjob_conf: Path) -> RunCommand:
    """Return a function that runs `gafreduce run` over some inputs."""

    def gafreduce(
        runner: str,
        *inputs: str | Path,
        output: str | Path,
        environment: Environment | None = None,
        uber: bool = True,
        **how: Any,
    ) -> subprocess.CompletedProcess[str]:
        asked = run_command(runner, *inputs, output=output, conf=mrjob_conf, **how)
        return run(asked, environment, uber)

    return gafreduce


@pytest.fixture(scope="session")
def samples_in_s3(s3: Any, bucket: Callable[[str], str], worker: str) -> str:
    """Return the prefix below which the samples and their sheet lie, of this worker alone."""
    name = bucket("samples")
    for path in (*SAMPLES.glob("*.gaf"), SAMPLES / "inputs.tsv"):
        s3.upload_file(str(path), name, f"in/{worker}/{path.name}")
    return f"s3://{name}/in/{worker}/"


@pytest.fixture(scope="session")
def golden_tables(
    cluster: Cluster, mrjob_conf: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, bytes]]:
    """Return a function that gives the tables the inline runner makes of inputs, made once."""
    made: dict[object, dict[str, bytes]] = {}

    def golden_tables(*inputs: str | Path, **how: Any) -> dict[str, bytes]:
        asked = (inputs, tuple(sorted(how.items())))
        if asked not in made:
            folder = tmp_path_factory.mktemp("golden-tables")
            output = folder / "run"
            command = run_command("inline", *inputs, output=output, conf=mrjob_conf, **how)
            done = Command(cluster, folder).run(command)
            assert done.returncode == 0, done.stderr
            made[asked] = tables(output)
        return made[asked]

    return golden_tables


@pytest.fixture(scope="session")
def whole_go(shared_data: Path) -> Path:
    """Return the file of a whole ontology."""
    return shared_data / "ontology" / "go-basic-2022-07-01.obo.gz"
