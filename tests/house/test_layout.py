"""The layout of the product: small packages that describe themselves, one place for one fact.

The layers of imports are a contract in pyproject.toml, which `make lint` checks.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from source import FOLDERS, REPOSITORY, modules, strings

MOST_MODULES = 16
MOST_LINES = 400


def test_no_package_has_more_modules_than_fit_on_a_screen() -> None:
    found = Counter(name.rpartition("/")[0] for name in modules())
    assert {folder: n for folder, n in found.items() if n > MOST_MODULES} == {}


def test_no_module_is_too_long() -> None:
    lengths = {name: len((REPOSITORY / name).read_text().splitlines()) for name in modules()}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_packages_describe_themselves_and_import_nothing() -> None:
    for name, tree in modules().items():
        if name.endswith("/__init__.py") and name not in (
            "jobs/__init__.py",
            "gafreduce/__init__.py",
        ):  # one lets mrjob be imported, the other has the public names
            assert len(ast.get_docstring(tree) or "") > 40, name
            assert len(tree.body) == 1, name


def test_every_package_is_installed() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]
    found = {
        name.rpartition("/")[0].replace("/", ".")
        for name in modules()
        if name.endswith("/__init__.py")
    }
    top = {name if name.split(".")[0] == "gafreduce" else f"gafreduce.{name}" for name in found}
    assert set(settings["packages"]) == top | {"gafreduce.samples"}  # files without a module


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_tests_of_a_package_lie_in_a_folder_of_its_name(folder: str) -> None:
    packages = {path.parent.relative_to(REPOSITORY) for path in _inits(folder)}
    for path in (REPOSITORY / "tests" / folder).rglob("test_*.py"):
        assert path.parent.relative_to(REPOSITORY / "tests") in packages, path


def _inits(folder: str) -> list[Path]:
    return [
        path
        for path in (REPOSITORY / folder).rglob("__init__.py")
        if not path.parent.is_symlink() and "__pycache__" not in path.parts
    ]


def test_one_module_names_the_run_record() -> None:
    naming = [name for name, tree in modules().items() if "run.json" in set(strings(tree))]
    assert naming == ["gafreduce/publishing/run_folder.py"]
