from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ROOMS = {"gafreduce", "jobs", "ontology", "reports"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in [*ROOMS, "pyproject.toml", "README.md", "LICENSE"]:
        path = REPOSITORY / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, source],
        check=True,
    )
    (made,) = folder.glob("*.whl")
    return made


def test_the_names_are_ours_alone() -> None:
    owners = packages_distributions()
    assert {name: set(owners[name]) for name in ROOMS} == {name: {"gafreduce"} for name in ROOMS}


def test_the_wheel_holds_the_rooms_and_what_they_need(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == ROOMS
    sources = {
        str(path.relative_to(REPOSITORY))
        for room in ROOMS
        for path in (REPOSITORY / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources <= set(names)


def python39() -> str:
    here = Path("~/.pyenv/versions").expanduser().glob("3.9.*/bin/python")
    for found in [*map(str, here), shutil.which("python3.9")]:
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    pytest.skip("needs Python 3.9, what nodes have")


def run_mapper(path: list[Path], samples: Path, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a mapper as a node does: Python 3.9, no site packages, only what was shipped."""
    from jobs import input_list
    from jobs.input_list import InputFile
    from ontology.cache import cached_term_file

    gaf = samples / "Bacillus_subtilis_168-224308.gaf"
    listed = folder / "inputs.tsv"
    size = gaf.stat().st_size
    input_list.write([InputFile("s3://in/x.gaf", "x.gaf", "gaf", "plain", size)], listed)
    terms = cached_term_file(samples / "go-samples.obo", "GO:0030420", ("is_a", "part_of"))
    script = f"""
import sys
sys.path[:0] = {[str(entry) for entry in path]!r}
from jobs.annotation_profile import MRAnnotationProfile
job = MRAnnotationProfile(sys.argv[1:])
job.execute()
"""
    return subprocess.run(
        [
            *(python39(), "-S", "-c", script, "--mapper", "--step-num=0"),
            *("--term-file", str(terms.path), "--input-list", str(listed)),
        ],
        input=gaf.read_bytes(),
        cwd=folder,
        capture_output=True,
        env={"mapreduce_map_input_file": "s3a://in/x.gaf", "PATH": "/usr/bin:/bin"},
        check=False,
    )


@pytest.fixture(scope="module")
def mrjob_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import mrjob

    folder = tmp_path_factory.mktemp("mrjob")
    base = shutil.make_archive(
        str(folder / "mrjob"), "zip", Path(mrjob.__file__).parents[1], "mrjob"
    )
    return Path(base)


def test_a_node_needs_only_the_wheel_and_mrjob(
    wheel: Path, mrjob_zip: Path, samples: Path, tmp_path: Path
) -> None:
    done = run_mapper([wheel, mrjob_zip], samples, tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    rows = [line.split(b"\t") for line in done.stdout.splitlines()]
    assert sum(row[2] == b"A" for row in rows) == 58
    counts = [row[2] for row in rows if row[1] == b"counts"]
    assert counts[0].split()[3] == b"84"


@pytest.mark.parametrize("missing", ["wheel", "mrjob"])
def test_the_node_test_is_honest(
    wheel: Path, mrjob_zip: Path, samples: Path, tmp_path: Path, missing: str
) -> None:
    shipped = [mrjob_zip] if missing == "wheel" else [wheel]
    done = run_mapper(shipped, samples, tmp_path)
    assert done.returncode != 0
    assert b"ModuleNotFoundError" in done.stderr
