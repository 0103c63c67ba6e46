"""Versions of packages are those that importlib reads from their descriptions."""

from __future__ import annotations

import importlib.metadata

import pytest

from gafreduce.package_files import find_version
from gafreduce.pipeline.run_record import _LIBRARIES


@pytest.mark.parametrize("package", ["gafreduce", *_LIBRARIES, "PyYAML"])
def test_version_is_that_of_the_description(package: str) -> None:
    assert find_version(package) == importlib.metadata.version(package)


def test_package_that_is_not_installed_is_an_error() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        find_version("no-such-package")
