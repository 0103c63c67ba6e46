"""What the tests of the warehouse share: two runs of the samples, their annotations, and the ancestors."""

from __future__ import annotations

from pathlib import Path

import pytest


def _call(*arguments: object) -> None:
    from gafreduce.cli.main import main

    assert main([str(argument) for argument in arguments]) == 0


@pytest.fixture(scope="session")
def parent(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the runs `competence` and `manual`, which has no electronic lines."""
    folder = tmp_path_factory.mktemp("runs")
    ontology = samples / "go-samples.obo"
    common = ("run", samples, "--ontology", ontology, "--no-report", "-q", "-o")
    _call(*common, folder / "competence")
    _call(*common, folder / "manual", "--exclude-evidence", "IEA", "--max-rejected", "1%")
    return folder


@pytest.fixture(scope="session")
def lines(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the annotations of the samples as Parquet."""
    folder = tmp_path_factory.mktemp("lines") / "lines"
    ontology = samples / "go-samples.obo"
    _call("convert", samples, "--to", "parquet", "--ontology", ontology, "-o", folder, "-q")
    return folder


@pytest.fixture(scope="session")
def ancestors(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ancestors of the samples' ontology as Parquet."""
    path = tmp_path_factory.mktemp("ancestors") / "ancestors.parquet"
    _call("convert", "--ancestors", "--ontology", samples / "go-samples.obo", "-o", path)
    return path
