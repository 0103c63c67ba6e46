"""Tests of `integrations/` by the engines themselves: `make test-integrations`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

#: For the Python of planemo, which has Galaxy's libraries.
collect_ignore = ["galaxy_job.py"]
HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

Engine = Callable[..., subprocess.CompletedProcess[str]]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out of a run that does not name it."""
    named = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    return None if any(HERE in (path, *path.parents) for path in named) else True


@pytest.fixture(scope="session")
def integrations() -> Path:
    return REPOSITORY / "integrations"


@pytest.fixture(scope="session")
def engines() -> Path:
    """The folder with an environment for each engine."""
    return Path(os.environ["GAFREDUCE_INTEGRATIONS"])


@pytest.fixture(scope="session")
def golden() -> dict[str, bytes]:
    """The tables of the sample run that do not depend on its inputs' paths."""
    folder = REPOSITORY / "tests" / "golden"
    return {
        name: (folder / f"{name}.tsv").read_bytes()
        for name in ("organisms", "gene_products", "annotations", "profile", "terms")
    }


@pytest.fixture
def call(tmp_path: Path) -> Engine:
    """Run a command in an empty folder, with gafreduce on the path; fails with what it printed."""
    environment = os.environ | {
        "PATH": f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "NXF_OFFLINE": "true",
        "NXF_ANSI_LOG": "false",
        "NXF_HOME": str(tmp_path / ".nextflow-home"),
    }

    def run(*words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(word) for word in words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run
