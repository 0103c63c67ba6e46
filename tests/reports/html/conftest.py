"""The page of the samples, for tests in browsers."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.cli.main import main

PARTIAL = ("224308", "83333")


@pytest.fixture(scope="module")
def sample_page(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples as five complete and two partial files, so that the page has every section."""
    folder = tmp_path_factory.mktemp("page")
    lines = ["path\tcomplete"]
    for path in sorted(samples.glob("*.gaf*")):
        lines.append(f"{path}\t{str(not any(each in path.name for each in PARTIAL)).lower()}")
    (folder / "inputs.tsv").write_text("\n".join(lines) + "\n")
    arguments = ["run", folder / "inputs.tsv", "--ontology", samples / "go-samples.obo", "-q"]
    assert main([str(each) for each in (*arguments, "-o", folder / "run")]) == 0
    return folder / "run" / "report.html"
