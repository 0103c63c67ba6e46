from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
from go_server import serve

from gafreduce.cli.main import parser
from gafreduce.jobs.annotation_profile import MRAnnotationProfile

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
SAMPLES = REPOSITORY / "data" / "samples"
#: What users read.
WRITTEN = [*sorted(REPOSITORY.glob("*.md")), *sorted(DOCS.glob("*.md"))]
#: What describes the product as it is; changelog and decisions also name what was before.
CURRENT = [
    *(path for path in WRITTEN if path.name not in ("CHANGELOG.md", "decisions.md")),
    SAMPLES / "README.md",
    REPOSITORY / "infra" / "README.md",
    *sorted((REPOSITORY / "benchmarks").glob("*.md")),
]


def generator(name: str) -> ModuleType:
    """Return the module that makes a part of the documents."""
    spec = importlib.util.spec_from_file_location(f"make_{name}", DOCS / f"make_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("name", ["formats", "rules", "command_line"])
def test_generated_tables_are_up_to_date(name: str) -> None:
    text = read(DOCS / f"{name.replace('_', '-')}.md")
    assert generator(name).with_tables(text) == text, "run `make docs`"


sessions = generator("sessions")


@pytest.mark.parametrize("document", sessions.DOCUMENTS)
def test_commands_of_console_blocks_print_what_is_shown(document: str) -> None:
    text = read(REPOSITORY / document)
    assert sessions.with_output(text, document != "README.md") == text, "run `make docs`"


def test_every_reason_of_a_rejection_is_documented() -> None:
    sources = "".join(path.read_text() for path in (REPOSITORY / "jobs").rglob("*.py"))
    reasons = set(re.findall(r'Rejection\(\s*"(\w+)"', sources))
    documented = set(re.findall(r"^\| (\w+) \| GORULE", read(DOCS / "formats.md"), re.MULTILINE))
    assert len(reasons) >= 7
    assert reasons <= documented


def test_links_between_documents_lead_somewhere() -> None:
    for path in CURRENT:
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", read(path)):
            assert (path.parent / target).exists(), f"{name_of(path)}: {target}"


def test_the_index_leads_to_every_document() -> None:
    index = read(DOCS / "index.md")
    for path in DOCS.glob("*.md"):
        assert path.name == "index.md" or f"]({path.name})" in index, path.name


def test_lines_of_documents_have_at_most_120_columns() -> None:
    wide = [
        f"{name_of(path)}:{number}"
        for path in WRITTEN
        for number, line in enumerate(read(path).splitlines(), 1)
        if len(line) > 120
    ]
    assert wide == []


def test_paths_in_documents_exist() -> None:
    folders = "gafreduce|jobs|reports|ontology|docs|tests|benchmarks|infra|data"
    for path in [*CURRENT, DOCS / "decisions.md"]:
        for named in re.findall(rf"`((?:{folders})/[\w/.-]*)`", read(path)):
            exists = "NAME" in named or (REPOSITORY / named).exists()
            assert exists, f"{name_of(path)}: {named}"


def test_tests_named_in_documents_exist() -> None:
    sources = "".join(path.read_text() for path in (REPOSITORY / "tests").rglob("test_*.py"))
    for path in CURRENT:
        for named in re.findall(r"`(test_\w+)`", read(path)):
            assert f"def {named}(" in sources, f"{name_of(path)}: {named}"


def commands() -> list[tuple[str, list[str]]]:
    """Return the command lines of gafreduce that the current documents show."""
    found = []
    for path in CURRENT:
        for line in read(path).replace("\\\n", " ").splitlines():
            start = re.match(r"\s*(?:\$ )?(?:\.venv/bin/)?gafreduce (?![\w-]+:)(?=[a-z-])", line)
            if start and "COMMAND" not in line and "..." not in line:
                words = line[start.end() :].partition(" | ")[0].partition(" > ")[0]
                found.append((name_of(path), shlex.split(words, comments=True)))
    return found


def test_commands_in_documents_are_understood() -> None:
    shown = [(name, words) for name, words in commands() if not re.search(r"[${;]", str(words))]
    assert len(shown) >= 30
    names = set(subparsers())
    for name, words in shown:
        if words[0] not in names or "--help" in words:
            continue
        try:
            parser().parse_args(words)
        except SystemExit:
            pytest.fail(f"{name}: {' '.join(words)}")


def test_options_in_documents_exist() -> None:
    """Options that the text names in passing: those of gafreduce, of its jobs, or of mrjob."""
    job = MRAnnotationProfile(["--no-conf"])
    known = {name for action in job.arg_parser._actions for name in action.option_strings}
    for command in [parser(), *subparsers().values()]:
        known |= {name for action in command._actions for name in action.option_strings}
    of_others = {"--min-gene-products"}  # the example of CONTRIBUTING.md
    of_others |= {"--goterms", "--only", "--batch-size", "--last-failed", "--cpu", "--ini"}
    of_others |= {"--provenance", "--no-compile", "--pip-version"}  # of docker, pip and pex
    for path in CURRENT:
        named = set(re.findall(r"`(?:gafreduce [a-z-]+ )?(--[a-z-]+)", read(path)))
        assert named <= known | of_others, name_of(path)


def subparsers() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def test_targets_in_documents_exist() -> None:
    makefiles = [REPOSITORY / "Makefile", *REPOSITORY.glob("tests/*/*.mk")]
    makefiles += REPOSITORY.glob("benchmarks/*.mk")
    rules = "".join(path.read_text(encoding="utf-8") for path in makefiles)
    targets = set(re.findall(r"^([a-z-]+):", rules, re.MULTILINE))
    for path in CURRENT:
        named = re.findall(r"(?:`|^ {4}|^)make ([a-z-]+)", read(path), re.MULTILINE)
        assert set(named) <= targets, name_of(path)


def shell_blocks(path: Path) -> list[str]:
    """Return the blocks that readers copy into a shell."""
    return re.findall(r"^```sh\n(.*?)^```$", read(path), re.MULTILINE | re.DOTALL)


#: Stands for curl: writes a sample file, or the ontology of the samples, without a network.
CURL = """#!/usr/bin/env bash
while [ $# -gt 0 ]; do if [ "$1" = -o ]; then to="$2"; shift; fi; url="$1"; shift; done
case "$url" in
  *go-basic.obo) cp data/samples/go-samples.obo "$to" ;;
  *ECOLI*) gzip -c data/samples/Escherichia*.gaf > "$to" ;;
  *BACSU*) gzip -c data/samples/Bacillus_subtilis*.gaf > "$to" ;;
  *) cp data/samples/Bacillus_amylo*.gaf "$to" ;;
esac
"""


def run_in_clone(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of bash in a folder that looks like a fresh clone, without a network."""
    tools, clone = folder / "tools", folder / "clone"
    tools.mkdir()
    clone.mkdir()
    sessions.make_clone(clone)
    (tools / "curl").write_text(CURL)
    (tools / "curl").chmod(0o755)
    environment = {"PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin", "HOME": os.environ["HOME"]}
    with serve() as server:
        server.add_samples(REPOSITORY / "data" / "samples")
        environment |= {
            "GAFREDUCE_GO_CURRENT_URL": f"{server.address}/current",
            "GAFREDUCE_GOA_URL": f"{server.address}/goa",
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        return subprocess.run(
            ["bash", "-e"],
            input=script,
            cwd=clone,
            env=environment,
            capture_output=True,
            check=False,
            text=True,
        )


@pytest.mark.parametrize("name", ["README.md", "docs/own-files.md", "docs/rules.md"])
def test_shell_blocks_work_as_printed(name: str, tmp_path: Path) -> None:
    """All but `make`: a console block has the demo, and this is one of the tests."""
    blocks = "\n".join(shell_blocks(REPOSITORY / name))
    lines = [line for line in blocks.splitlines() if not line.startswith("make ")]
    samples = "data/samples --ontology data/samples/go-samples.obo"
    activate = [] if name == "README.md" else ["source .venv/bin/activate"]
    demo = f".venv/bin/gafreduce run {samples} -o demo --quiet"
    script = "\n".join([*activate, demo, *lines])
    done = run_in_clone(script, tmp_path)
    assert done.returncode == 0, done.stderr
    if " -o my-run" in script:
        assert (tmp_path / "clone" / "my-run" / "report.html").exists()


def test_the_makefile_of_the_pipeline_guide_works_as_printed(tmp_path: Path) -> None:
    (rule,) = re.findall(
        r"^```make\n(.*?)^```$", read(DOCS / "pipelines.md"), re.MULTILINE | re.DOTALL
    )
    script = "source .venv/bin/activate\ncp -r data/samples my-files\ncp my-files/go-samples.obo go-basic.obo\n"
    script += f"cat > pipeline.mk <<'END'\n{rule}END\nmake -f pipeline.mk\nmake -f pipeline.mk\n"
    done = run_in_clone(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout
    run = tmp_path / "clone" / "my-run"
    assert (run / "MANIFEST.tsv").exists()
    (query,) = re.findall(r"^```sql\n(.*?)^```$", read(DOCS / "pipelines.md"), re.M | re.S)
    found = duckdb.sql(query.replace("my-run", str(run))).fetchall()
    assert ("Bacillus subtilis 168", "electronic_only", 52) in found


def test_the_readme_names_the_pythons_of_the_package() -> None:
    package = read(REPOSITORY / "pyproject.toml")
    versions = re.findall(r"Programming Language :: Python :: (3\.\d+)", package)
    assert len(versions) >= 3
    assert all(version in read(REPOSITORY / "README.md") for version in versions)


def test_the_job_of_the_hadoop_guide_works_as_printed(tmp_path: Path) -> None:
    text = read(DOCS / "hadoop.md").replace("\\\n", " ")
    (line,) = re.findall(r"^python jobs/annotation_profile\.py -r local.*$", text, re.MULTILINE)
    words = shlex.split(line)
    assert words[-1] == "data/samples/*.gaf"
    words[0] = sys.executable
    words[words.index("--output-dir") + 1] = str(tmp_path / "out")
    files = [str(path) for path in sorted(SAMPLES.glob("*.gaf"))]
    done = subprocess.run(
        [words[0], "-W", "ignore", *words[1:-1], *files],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert list((tmp_path / "out").glob("part-*"))


def slugs(text: str) -> set[str]:
    """Return the anchors of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}


def test_references_to_sections_lead_somewhere() -> None:
    """In documents, and in the code, which names sections as docs/NAME.md#SECTION."""
    sections = {path.name: slugs(read(path)) for path in DOCS.glob("*.md")}
    sources = [p for folder in ("gafreduce", "jobs", "reports", "ontology") for p in code(folder)]
    for path in [*CURRENT, *sources]:
        found = re.findall(r"(?:docs/|\]\()(\w[\w-]*\.md)#([\w-]+)", read(path))
        for name, section in found:
            assert section in sections[name], f"{name_of(path)}: {name}#{section}"


def code(folder: str) -> list[Path]:
    """Return the Python modules of a folder at the top, without what its links lead to."""
    paths = [path for path in (REPOSITORY / folder).rglob("*.py") if not path.is_symlink()]
    return [path for path in paths if not any(parent.is_symlink() for parent in path.parents)]
