from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from gafreduce.jobs import native

# a busy machine is no failure: no test is timed; CI says the same of the same commit each time
settings.register_profile("untimed", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("untimed")

# the extension that `make sanitize` builds goes before the one that is installed
if "GAFREDUCE_SANITIZED" in os.environ:
    native.__path__.insert(0, os.environ["GAFREDUCE_SANITIZED"])

REPOSITORY = Path(__file__).parents[1]
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def shared_service_models() -> Iterator[None]:
    """Parse each of botocore's descriptions of services (megabytes of JSON) once, not for each session."""
    parsed: dict[str, Any] = {}
    load = JSONFileLoader.load_file

    def load_once(loader: JSONFileLoader, path: str) -> Any:
        if path not in parsed:
            parsed[path] = load(loader, path)
        return parsed[path]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JSONFileLoader, "load_file", load_once)
        yield


@pytest.fixture(scope="session")
def samples() -> Path:
    return REPOSITORY / "data" / "samples"


@pytest.fixture(scope="session")
def real_files() -> list[Path]:
    """The five whole files and the two excerpts of the founding seven."""
    folder = SHARED / "data" / "seven-organisms"
    if not folder.is_dir():
        pytest.skip("needs ../shared")
    whole = sorted((folder / "whole").glob("*.gaf.gz"))
    return [
        *whole,
        *sorted((folder / "excerpt").glob("*_168-*")),
        *sorted((folder / "excerpt").glob("Esch*")),
    ]


@pytest.fixture(scope="session")
def real_ontology() -> Path:
    path = SHARED / "data" / "ontology" / "go-basic-2022-07-01.obo.gz"
    if not path.is_file():
        pytest.skip("needs ../shared")
    return path


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def gafreduce(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line in this process; gives exit code, output and errors."""
    from gafreduce.cli.main import main

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep term files out of the user's cache, but keep them from test to test."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
