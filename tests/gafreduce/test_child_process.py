"""Nothing in the working folder, and no variable of Python's, is executed or changes a result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gafreduce.child_process import (
    list_trusted_entries,
    make_python_command,
    restart_with_trusted_libraries,
)

GAFREDUCE = Path(sys.executable).with_name("gafreduce")
#: Names of top-level modules that a run imports, apart from the standard library.
THIRD_PARTY = (
    *("boto3", "botocore", "dateutil", "distutils", "docopt", "ftpretty", "goatools", "jinja2"),
    *("jobs", "markupsafe", "matplotlib", "mrjob", "networkx", "numpy", "ontology", "pandas"),
    *("pipes", "pyarrow", "pydot", "pytz", "reports", "requests", "rich", "scipy", "statsmodels"),
    *("sitecustomize", "usercustomize", "yaml", "zstandard", "compression", "backports"),
)


def plant(folder: Path, names: list[str]) -> Path:
    """Write modules that note that they were executed, and a configuration of Matplotlib."""
    folder.mkdir()
    noted = folder / "executed"
    program = f"open({str(noted)!r}, 'a').write(__name__ + '\\n')\nraise SystemExit('planted')\n"
    for name in names:
        (folder / f"{name}.py").write_text(program)
    (folder / "reports").mkdir()
    (folder / "reports" / "__init__.py").write_text(program)
    (folder / "_compiled.abi3.so").write_bytes(b"\x7fELF of somebody else")
    (folder / "matplotlibrc").write_text("backend: module://planted\nsavefig.dpi: 7\n")
    return noted


def run_in(folder: Path, command: list[str], samples: Path, *arguments: str, **more: str) -> None:
    done = subprocess.run(
        [
            *(*command, "run", str(samples), "--ontology", str(samples / "go-samples.obo")),
            *("-q", "-o", *arguments),
        ],
        cwd=folder,
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a run that do not depend on its command line."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for kind in ("tables", "figures")
        for path in sorted((folder / kind).rglob("*.*"))
        if path.stem != "runs"  # its row has the time of the run
    }


@pytest.fixture(scope="module")
def golden(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("clean")
    run_in(folder, [str(GAFREDUCE)], samples, str(folder / "run"))
    return contents(folder / "run")


@pytest.fixture(scope="module")
def golden_tables(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the tables of a run without a page."""
    folder = tmp_path_factory.mktemp("tables")
    run_in(folder, [str(GAFREDUCE)], samples, str(folder / "run"), "--no-report")
    return contents(folder / "run")


def test_no_module_of_the_working_folder_is_executed(
    samples: Path, tmp_path: Path, golden: dict[str, bytes]
) -> None:
    names = [name for name in sys.stdlib_module_names if name not in sys.builtin_module_names]
    noted = plant(tmp_path / "hostile", [*names, *THIRD_PARTY])
    run_in(tmp_path / "hostile", [str(GAFREDUCE)], samples, str(tmp_path / "run"))
    assert not noted.exists(), noted.read_text()
    assert contents(tmp_path / "run") == golden


def test_a_module_run_by_python_leaves_the_working_folder_alone(
    samples: Path, tmp_path: Path, golden_tables: dict[str, bytes]
) -> None:
    noted = plant(tmp_path / "hostile", ["json", "random", "numpy", "uuid", "argparse", "logging"])
    command = [sys.executable, "-m", "gafreduce"]
    run_in(tmp_path / "hostile", command, samples, str(tmp_path / "run"), "--no-report")
    assert not noted.exists(), noted.read_text()
    assert contents(tmp_path / "run") == golden_tables


@pytest.mark.parametrize("entry", [".:", "hostile"])
def test_relative_entries_of_pythonpath_are_ignored(
    samples: Path, tmp_path: Path, golden_tables: dict[str, bytes], entry: str
) -> None:
    hostile = tmp_path / "hostile"
    noted = plant(hostile, ["pyarrow", "goatools", "mrjob"])
    folder = tmp_path if entry == "hostile" else hostile
    arguments = (str(tmp_path / "run"), "--no-report")
    run_in(folder, [str(GAFREDUCE)], samples, *arguments, PYTHONPATH=entry)
    assert not noted.exists(), noted.read_text()
    assert contents(tmp_path / "run") == golden_tables


#: Libraries that extension modules of Python need, each with one of these modules.
LIBRARIES = {"libz.so.1": "zlib", "libbz2.so.1.0": "bz2", "liblzma.so.5": "lzma"}


@pytest.mark.parametrize("value", [":", "/usr/lib:", ".:/usr/lib"])
def test_no_library_comes_from_the_working_folder(
    samples: Path, tmp_path: Path, value: str
) -> None:
    """An empty entry of LD_LIBRARY_PATH is the working folder."""
    for name in LIBRARIES:
        (tmp_path / name).write_text("no library")
    environment = {**os.environ, "LD_LIBRARY_PATH": value}

    def start(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    if start(sys.executable, "-c", "pass").returncode:
        pytest.skip("this Python needs one of the libraries for starting")
    modules = ",".join(LIBRARIES.values())
    if start(sys.executable, "-c", f"import {modules}").returncode == 0:
        pytest.skip("this Python has these libraries built in")
    ontology = str(samples / "go-samples.obo")
    program = (sys.executable, "-m", "gafreduce")
    for command in ((str(GAFREDUCE),), program):
        done = start(*command, "search", "competence", "--ontology", ontology)
        assert (done.returncode, done.stderr) == (0, "")
        assert "GO:0030420" in done.stdout


def test_a_process_with_absolute_folders_of_libraries_is_not_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = []
    monkeypatch.setattr(os, "execv", lambda *arguments: started.append(arguments))
    for value in ("", "/opt/lib", "/opt/lib:$ORIGIN/lib"):
        monkeypatch.setenv("LD_LIBRARY_PATH", value)
        restart_with_trusted_libraries()
    assert not started
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib:")
    restart_with_trusted_libraries()
    assert started == [(sys.executable, [sys.executable, *sys.orig_argv[1:]])]
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/lib"


def test_a_child_imports_from_where_its_parent_does(tmp_path: Path) -> None:
    """Applications that carry their import path (pex, shiv) work: no variable is needed."""
    command = make_python_command("gafreduce.ontology.build")
    done = subprocess.run(
        command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "usage: python -m gafreduce.ontology.build" in done.stderr


def test_the_working_folder_is_not_trusted_by_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "real")
    assert list_trusted_entries([str(tmp_path / "link"), "lib", str(tmp_path)]) == [str(tmp_path)]


def test_the_folders_of_python_are_trusted_as_working_folders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A command works in a folder of installed packages or of the standard library, too."""
    before = list_trusted_entries(sys.path)
    for folder in (Path(pytest.__file__).parents[1], Path(os.__file__).parent):
        assert str(folder) in before
        monkeypatch.chdir(folder)
        assert list_trusted_entries(sys.path) == before


def test_a_removed_working_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "removed"
    folder.mkdir()
    done = subprocess.run(
        ["sh", "-c", f'rmdir "$PWD"; "{GAFREDUCE}" --version; "{GAFREDUCE}" verify run'],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("gafreduce ")
    assert done.stderr == (
        "gafreduce: the working folder: expected one that exists, got No such file or directory "
        "(change to another folder: cd)\n"
    )
