from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from source import modules, strings

from gafreduce.jobs.native import loader
from gafreduce.package_files import list_package_files

REPOSITORY = Path(__file__).parents[1]
FOLDERS = ("gafreduce", "jobs", "ontology", "reports")


#: What the source distribution is made of, apart from single files.
SOURCES = (*FOLDERS, "data", "docs", "infra", "integrations", "tests")


@pytest.fixture(scope="module")
def source_distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    source = folder / "source"
    left_out = shutil.ignore_patterns("__pycache__", "*.so", "golden")
    for name in SOURCES:
        shutil.copytree(REPOSITORY / name, source / name, ignore=left_out, symlinks=True)
    for name in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source / name)
    script = f"from setuptools import build_meta; build_meta.build_sdist({str(folder)!r})"
    subprocess.run([sys.executable, "-c", script], cwd=source, check=True, capture_output=True)
    (made,) = folder.glob("*.tar.gz")
    return made


@pytest.fixture(scope="module")
def wheel(source_distribution: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--no-build-isolation", "-w", folder, source_distribution),  # needs no package index
        ],
        check=True,
    )
    (made,) = folder.glob("*.whl")
    return made


def test_the_package_claims_one_name() -> None:
    names = {name for name, owners in packages_distributions().items() if "gafreduce" in owners}
    assert {name for name in names if not name.startswith("__editable__")} == {"gafreduce"}


def test_the_modules_for_workflow_engines_name_this_version() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    stated = re.compile(
        r"(?:gafreduce(?:=| =|:)|TOOL_VERSION@\">|version: \[\"|'gafreduce', ')([\w.]+)"
    )
    found = {
        (path.suffix, match)
        for path in (REPOSITORY / "integrations").rglob("*.*")
        for match in stated.findall(path.read_text(encoding="utf-8"))
        if match[0].isdigit()
    }
    assert found == {
        (suffix, version) for suffix in (".cwl", ".nf", ".wdl", ".xml", ".yaml", ".yml")
    }


def dependencies(*extras: str) -> set[str]:
    """Return names of declared dependencies, those of a normal install when no extra is named."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    declared = [line for extra in extras for line in optional[extra]] or project["dependencies"]
    return {re.split(r"[\[<>=; ]", line)[0] for line in declared}


def imported(folder: Path) -> Iterator[str]:
    """Yield top-level names that the modules of a folder import, if only for type checkers."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    """Dependencies that come as part of another one stand for that one."""
    part_of = {"botocore": "boto3", "s3transfer": "boto3", "markupsafe": "jinja2"}
    part_of |= {"aws_lambda_powertools": "aws-lambda-powertools"}
    part_of |= {"backports": "backports.zstd", "yaml": "mrjob"}
    part_of |= {"argparse_manpage": "argparse-manpage"}
    newer = {"compression"}  # of the standard library, from Python 3.14
    for_types = {"mypy_boto3_s3"}
    files_only = {"httptools", "uvloop"}  # packages that are not imported: uvicorn does it
    names = {name for folder in FOLDERS for name in imported(REPOSITORY / folder)}
    names -= {"gafreduce"} | for_types | newer | set(sys.stdlib_module_names)
    declared = dependencies() | dependencies("export", "query", "serve", "lambda") - {"gafreduce"}
    assert {part_of.get(name, name) for name in names} | files_only == declared


def test_every_dependency_has_its_reason() -> None:
    text = (REPOSITORY / "docs" / "decisions.md").read_text(encoding="utf-8")
    reasons = text.partition("## 1. ")[2].partition("\n## ")[0].lower()
    names = dependencies() | dependencies("test", "lint", "export", "query", "serve", "lambda")
    names -= {"gafreduce"}  # tests need its extras
    plugins = {name: name.removeprefix("pytest-") for name in names}
    assert [name for name, said in plugins.items() if said not in reasons] == []


def test_no_decision_is_longer_than_it_need_be() -> None:
    text = (REPOSITORY / "docs" / "decisions.md").read_text(encoding="utf-8")
    _, *decisions = text.split("\n## ")
    for number, decision in enumerate(decisions, 1):
        assert re.match(rf"{number}\. .+ \(\d{{4}}-\d\d-\d\d\)\n", decision)
        assert number == 1 or len(decision.strip().splitlines()) <= 10


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert {name for name in top if not name.endswith(".data")} == {"gafreduce"}
    left_out = {".c", ".h", ".so", ".pyc"}
    sources = {name for name in list_package_files("") if Path(name).suffix not in left_out}
    assert len(sources) > 200
    assert {f"gafreduce/{name}" for name in sources} <= set(names)
    samples = {path.name for path in (REPOSITORY / "data" / "samples").glob("*.gaf")}
    samples |= {"go-samples.obo", "inputs.tsv"}  # what `gafreduce demo` reads
    assert {f"gafreduce/samples/{name}" for name in samples} <= set(names)
    if loader.module is not None:
        assert f"gafreduce/jobs/native/{loader.SHIPPED_NAME}" in names
        assert "-cp311-abi3-" in wheel.name


def test_messages_name_pages_that_the_wheel_holds(wheel: Path) -> None:
    folder = ".data/data/share/doc/gafreduce/"
    installed = {
        name.split(folder)[1] for name in zipfile.ZipFile(wheel).namelist() if folder in name
    }
    named = re.compile(r"\b(docs|infra|benchmarks|data)/([\w./-]+\.md)")
    found = {
        (match[1], match[2])
        for tree in modules().values()
        for text in strings(tree)
        for match in named.finditer(text)
        if "://" not in text
    }
    assert ("docs", "rules.md") in found
    assert found - {("docs", "NAME.md")} <= {("docs", name) for name in installed}


def test_the_source_distribution_holds_what_a_packager_needs(source_distribution: Path) -> None:
    with tarfile.open(source_distribution) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {
        path.relative_to(REPOSITORY).as_posix()
        for folder, pattern in (
            ("tests", "*.py"),
            ("docs", "*.md"),
            ("data/samples", "*"),
            ("integrations", "*.*"),
            ("jobs/native", "*.[ch]"),
        )
        for path in (REPOSITORY / folder).rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert len(needed) > 300
    assert needed - names == set()


#: The oldest that nodes have, and those without `distutils` and `pipes`.
NODE_PYTHONS = ("3.9", "3.12", "3.13")


def node_python(version: str = "3.9") -> str:
    here = Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python")
    for found in [*map(str, here), shutil.which(f"python{version}")]:
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    pytest.skip(f"needs Python {version}, which nodes may have")


def run_mapper(
    path: list[Path], samples: Path, folder: Path, version: str = "3.9"
) -> subprocess.CompletedProcess[bytes]:
    """Run a mapper as a node does: no site packages, only what was shipped."""
    from gafreduce.jobs.files import input_list
    from gafreduce.jobs.files.input_list import InputFile
    from gafreduce.ontology.cache import load_term_file

    gaf = samples / "Bacillus_subtilis_168-224308.gaf"
    listed = folder / "inputs.tsv"
    size = gaf.stat().st_size
    input_list.write_input_list([InputFile("s3://in/x.gaf", "x.gaf", "gaf", "plain", size)], listed)
    terms = load_term_file(samples / "go-samples.obo", "GO:0030420", ("is_a", "part_of"))
    script = f"""
import sys
sys.path[:0] = {[str(entry) for entry in path]!r}
from gafreduce.jobs.annotation_profile import MRAnnotationProfile
job = MRAnnotationProfile(sys.argv[1:])
job.execute()
"""
    return subprocess.run(
        [
            *(node_python(version), "-S", "-c", script, "--mapper", "--step-num=0"),
            *("--term-file", str(terms.path), "--input-list", str(listed)),
        ],
        input=gaf.read_bytes(),
        cwd=folder,
        capture_output=True,
        env={
            "mapreduce_map_input_file": "s3a://in/x.gaf",
            "mapreduce_task_attempt_id": "attempt_1_0001_m_000000_0",
            "PATH": "/usr/bin:/bin",
        },
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


@pytest.mark.parametrize("version", NODE_PYTHONS)
def test_every_module_of_the_jobs_runs_on_nodes(
    wheel: Path, mrjob_zip: Path, tmp_path: Path, version: str
) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    modules = [
        name.removesuffix(".py").replace("/", ".")
        for name in names
        if re.fullmatch(r"gafreduce/jobs/[a-z0-9_/]+\.py", name)
    ]
    assert len(modules) > 50
    script = (
        f"import sys, importlib; sys.path[:0] = {[str(wheel), str(mrjob_zip)]!r}\n"
        f"for name in {[*modules, 'gafreduce.ontology.termfile']!r}: importlib.import_module(name)"
    )
    done = subprocess.run(
        [node_python(version), "-S", "-c", script], capture_output=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("version", NODE_PYTHONS)
def test_a_node_needs_only_the_wheel_and_mrjob(
    wheel: Path, mrjob_zip: Path, samples: Path, tmp_path: Path, version: str
) -> None:
    done = run_mapper([wheel, mrjob_zip], samples, tmp_path, version)
    assert done.returncode == 0, done.stderr.decode()
    rows = [line.split(b"\t") for line in done.stdout.splitlines()]
    assert sum(row[2] == b"A" for row in rows) == 58
    counts = [row[2] for row in rows if row[1] == b"counts"]
    assert counts[0].split()[3] == b"84"


@pytest.mark.parametrize("content", ["shipped", "of another platform"])
def test_a_node_uses_the_c_extension_when_it_can(
    wheel: Path, mrjob_zip: Path, samples: Path, tmp_path: Path, content: str
) -> None:
    """Python 3.9 loads what was made for a later one; what can't be loaded changes nothing."""
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    without = run_mapper([wheel, mrjob_zip], samples, tmp_path)
    shipped = tmp_path / loader.SHIPPED_NAME
    shipped.write_bytes(
        Path(loader.module.__file__).read_bytes() if content == "shipped" else b"\x7fELF"
    )
    done = run_mapper([wheel, mrjob_zip], samples, tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == without.stdout
    said = "from gafreduce.jobs.native import loader; print(loader.module is not None)"
    script = f"import sys; sys.path[:0] = {[str(wheel), str(mrjob_zip)]!r}; {said}"
    asked = subprocess.run(
        [node_python(), "-S", "-c", script],
        cwd=tmp_path,
        env={"mapreduce_task_attempt_id": "attempt_1_0001_m_000000_0", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == str(content == "shipped")


@pytest.mark.parametrize("missing", ["wheel", "mrjob"])
def test_the_node_test_is_honest(
    wheel: Path, mrjob_zip: Path, samples: Path, tmp_path: Path, missing: str
) -> None:
    shipped = [mrjob_zip] if missing == "wheel" else [wheel]
    done = run_mapper(shipped, samples, tmp_path)
    assert done.returncode != 0
    assert b"ModuleNotFoundError" in done.stderr
