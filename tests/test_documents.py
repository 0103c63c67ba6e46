from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gafreduce.cli.main import parser
from gafreduce.jobs.annotation_profile import MRAnnotationProfile

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
SAMPLES = REPOSITORY / "data" / "samples"
#: What describes the command line as it is; emr.md also has what is built next.
DESCRIBE_NOW = ("README.md", "hadoop.md", "formats.md", "statistics.md", "verdicts.md")


@pytest.mark.parametrize("name", ["formats", "rules"])
def test_the_tables_in_documents_are_those_of_the_code(name: str) -> None:
    spec = importlib.util.spec_from_file_location(f"make_{name}", DOCS / f"make_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert module.with_tables(text) == text, "run `make docs`"


def test_every_reason_of_a_rejection_is_documented() -> None:
    sources = "".join(path.read_text() for path in (REPOSITORY / "jobs").rglob("*.py"))
    reasons = set(re.findall(r'Rejection\(\s*"(\w+)"', sources))
    documented = set(
        re.findall(r"^\| (\w+) \| GORULE", (DOCS / "formats.md").read_text(), re.MULTILINE)
    )
    assert len(reasons) >= 7
    assert reasons <= documented


def test_links_between_documents_lead_somewhere() -> None:
    for path in [*REPOSITORY.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def commands(*starts: str) -> list[tuple[str, list[str]]]:
    """Return the command lines of all documents that start so, with where they stand."""
    found = []
    for path in [*REPOSITORY.glob("*.md"), *DOCS.glob("*.md"), SAMPLES / "README.md"]:
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            words = shlex.split(line, comments=True) if line.strip().startswith(starts) else []
            found += [(path.name, words)] if words else []
    return found


def test_commands_in_documents_are_understood() -> None:
    shown = [c for c in commands("gafreduce ", ".venv/bin/gafreduce ") if c[0] in DESCRIBE_NOW]
    assert len(shown) >= 6
    for name, words in shown:
        try:
            parser().parse_args(words[1:])
        except SystemExit:
            pytest.fail(f"{name}: {' '.join(words)}")


def test_options_in_documents_exist() -> None:
    """Options that the text names in passing: those of gafreduce, of the jobs, or of mrjob."""
    job = MRAnnotationProfile(["--no-conf"])
    known = {name for action in job.arg_parser._actions for name in action.option_strings}
    for command in [parser(), *subparsers()]:
        known |= {name for action in command._actions for name in action.option_strings}
    of_others = {"--goterms"}  # InterProScan's
    for path in [REPOSITORY / "README.md", DOCS / "formats.md", DOCS / "verdicts.md"]:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"`(--[a-z-]+)", text)) <= known | of_others, path.name


def subparsers() -> list[argparse.ArgumentParser]:
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return list(action.choices.values())


def test_targets_in_documents_exist() -> None:
    makefiles = [REPOSITORY / "Makefile", *REPOSITORY.glob("tests/*/*.mk")]
    makefiles += REPOSITORY.glob("benchmarks/*.mk")
    rules = "".join(path.read_text(encoding="utf-8") for path in makefiles)
    targets = set(re.findall(r"^([a-z-]+):", rules, re.MULTILINE))
    for path in [*REPOSITORY.glob("*.md"), *DOCS.glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"(?:`|^ {4}|^)make ([a-z-]+)", text, re.MULTILINE)
        assert set(named) <= targets, path.name


def test_the_job_by_hand_works_as_printed(tmp_path: Path) -> None:
    ((_, words),) = (found for found in commands("python jobs/") if found[0] == "README.md")
    files = [str(path) for path in sorted(SAMPLES.glob("*.gaf"))]
    assert words[-1] == "data/samples/*.gaf"
    words[0] = sys.executable
    words[words.index("--output-dir") + 1] = str(tmp_path / "out")
    done = subprocess.run(
        [words[0], "-W", "ignore", *words[1:-1], *files],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert list((tmp_path / "out").glob("part-*"))
