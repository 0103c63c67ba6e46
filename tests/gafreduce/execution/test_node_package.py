from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gafreduce.execution.node_package import write_node_package
from gafreduce.package_files import list_package_files


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_node_package(tmp_path_factory.mktemp("package") / "gafreduce.zip")


def test_the_package_of_nodes_has_the_modules_and_tables_of_the_jobs(package: Path) -> None:
    names = {name.removeprefix("gafreduce/") for name in zipfile.ZipFile(package).namelist()}
    of_jobs = {name for name in list_package_files("") if name.startswith("jobs/")}
    assert {name for name in of_jobs if name.endswith((".py", ".tsv"))} <= names
    assert "jobs/rules/rules.tsv" in names
    assert not [name for name in names if name.startswith(("reports/", "commands/", "storage/"))]


def test_tables_are_read_from_the_package_of_nodes(package: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(package)!r});"
        "from gafreduce.jobs.model.eco import __file__ as path, read_eco_id;"
        "from gafreduce.jobs.rules.catalogue import RULES;"
        "print(path.startswith(sys.path[0]), read_eco_id('ECO:0000314')[0], len(RULES) > 40)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=package.parent,
    )
    assert (done.stdout, done.stderr) == ("True IDA True\n", "")
