"""The page of the samples, for tests in browsers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import FLAGS

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()
