"""Tests on a real Hadoop: only when asked for, by naming this folder (`make test-cluster`)."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path.insert(0, str(HERE))  # for minihadoop and s3_fault_proxy, which are not installed

from minihadoop import build  # noqa: E402 - needs the path
from minihadoop.cluster import Cluster  # noqa: E402
from minihadoop.configuration import Options  # noqa: E402

RUN_SECONDS = 600

Run = Callable[..., "subprocess.CompletedProcess[str]"]


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
    with Cluster.started(scratch, tools, Options(block_size=1024 * 1024)) as running:
        yield running
    running.remove()


@pytest.fixture
def run(cluster: Cluster, tmp_path: Path) -> Run:
    """Return a function that runs a command against the cluster, in an empty folder."""

    def run(
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        uber: bool = True,
        **options: Any,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            env={**os.environ, **cluster.environment(uber), **(environment or {})},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
            **options,
        )

    return run
