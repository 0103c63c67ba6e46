"""Mutation testing of the modules that decide numbers, verdicts, files and publishing.

    python tests/mutants/mutating.py --mutants 400 --seed 1

Each mutant is one small change (`mutations.py`) in a copy of the repository; tests that run the
changed line must fail: first the examples in the module and the tests of its package, then those
of `WHOLE`. A mutant that no test kills, and that `equivalent.tsv` does not list, is a defect of the tests.

Tests run in forks of a process that has imported the libraries, but nothing of the product. Which
lines each test runs is recorded when its file is first needed. Records and outcomes are kept in the
work folder, with which an interrupted run goes on; survivors are tried again, those that are listed
are not.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import importlib
import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import coverage
import pytest
from hypothesis import Phase, settings
from mutations import Mutation, find_mutations, list_body_lines

REPOSITORY = Path(__file__).parents[2]
MODULES = (
    *("jobs/mapper", "jobs/reducer", "jobs/model", "jobs/rules", "jobs/accounting", "jobs/files"),
    *("jobs/convert", "reports/tables", "reports/statistics", "reports/components"),
    *("gafreduce/publishing", "gafreduce/inputs", "gafreduce/pipeline", "gafreduce/storage"),
    "gafreduce/owned_paths.py",
)
#: Tests of the whole product, and those of one package that run much of another.
WHOLE = (
    *("tests/test_golden.py", "tests/test_truth_table.py", "tests/test_laws.py"),
    *("tests/jobs/test_annotation_profile.py", "tests/jobs/rules/test_rules.py"),
    *("tests/jobs/convert/test_convert.py", "tests/jobs/formats/test_every_format.py"),
    *("tests/reports/statistics/test_run_all.py", "tests/gafreduce/inputs/test_listing.py"),
    *(
        "tests/gafreduce/pipeline/test_changed_inputs.py",
        "tests/gafreduce/commands/runs/test_clean.py",
    ),
    *(
        "tests/gafreduce/publishing/test_run_record.py",
        "tests/gafreduce/commands/runs/test_verify.py",
    ),
    *("tests/gafreduce/commands/test_files_of_others.py", "tests/reports/html/test_page.py"),
    *("tests/gafreduce/commands/inputs/test_sheet.py", "tests/gafreduce/cli/test_command_line.py"),
    *(
        "tests/gafreduce/commands/runs/test_explain.py",
        "tests/gafreduce/commands/runs/test_slim.py",
    ),
    *("tests/reports/comparison/test_comparison.py", "tests/gafreduce/api/test_api.py"),
    *("tests/gafreduce/cli/test_special_files.py", "tests/gafreduce/cli/test_filter_options.py"),
    *(
        "tests/gafreduce/execution/test_emr_staging.py",
        "tests/gafreduce/execution/test_output_parts.py",
    ),
    *("tests/gafreduce/study/test_study.py", "tests/test_strains.py"),
)
#: Tests that are also run without the C extension, which otherwise replaces some Python.
PURE_TESTS = ("test_propagation", "test_sorting", "test_token_cache", "test_taxon_counter",
              "test_golden")  # fmt: skip
#: CPU seconds of tests that a mutant has to survive, of each of the two kinds of tests.
MOST_SECONDS = 60.0
_MOST_MEMORY = 6 << 30
#: What tests of each folder import, to be imported once.
_LIBRARIES = {
    "": ("botocore.loaders", "hypothesis.strategies"),
    "jobs": ("mrjob.job", "mrjob.runner"),
    "reports": ("pandas", "pyarrow.parquet", "pyarrow.dataset", "matplotlib.pyplot", "jinja2",
                "scipy.stats", "statsmodels.api"),
    "gafreduce": ("boto3", "moto", "moto.s3.models", "pandas", "pyarrow.parquet", "mrjob.emr"),
}  # fmt: skip
EQUIVALENT = Path(__file__).with_name("equivalent.tsv")
_OPTIONS = ("-q", "-p", "no:cacheprovider", "--tb=line", "-p", "_hypothesis_pytestplugin",
            "-p", "pytest_timeout", "-W", "ignore::pytest.PytestAssertRewriteWarning")  # fmt: skip


class TestChoice:
    """A pytest plugin: runs the chosen tests in their order, with few examples each."""

    def __init__(self, names: Sequence[str]) -> None:
        self.order = {name: number for number, name in enumerate(names)}

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Draw few examples, and do not search for the smallest one."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", settings(), phases=phases, max_examples=25)
        settings.load_profile("mutants")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out and order tests."""
        chosen = [each for each in items if each.nodeid in self.order]
        items[:] = sorted(chosen, key=lambda each: self.order[each.nodeid])


class TestRecorder(TestChoice):
    """A pytest plugin: records the time and the lines of each test of a file, and which failed.

    Lines of fixtures belong to all tests of the file, for fixtures are shared, and so do those that
    run when the file is imported. CPU time chooses tests, for a busy machine does not change it;
    the time that passes says how long a test may take.
    """

    def __init__(self, tree: Path, target: Path) -> None:
        self.tree, self.target = tree, target
        product = [f"{tree}/{folder}/*" for folder in ("gafreduce", "jobs", "reports")]
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=product)
        self.seconds: dict[str, float] = {}
        self.passing: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_collection(self) -> None:
        """Begin before the file is imported."""
        self.coverage.start()

    def pytest_collection_modifyitems(self) -> None:  # type: ignore[override]
        """Leave out no test."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        seconds, start = _count_cpu_seconds(), time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = _count_cpu_seconds() - seconds
            self.passing[item.nodeid] = time.monotonic() - start

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the seconds of each test, and the tests of each line ("": the whole file)."""
        self.coverage.stop()
        data, lines = self.coverage.get_data(), {}
        for name in data.measured_files():
            lines[os.path.relpath(name, self.tree)] = {
                line: [""] if "" in contexts else contexts
                for line, contexts in data.contexts_by_lineno(name).items()
                if contexts
            }
        passed = {key: s for key, s in self.seconds.items() if key not in self.failed}
        record = {"seconds": passed, "passing": self.passing, "lines": lines}
        self.target.write_text(json.dumps(record))


def _count_cpu_seconds() -> float:
    """Return the CPU seconds of this process and of its children that ended."""
    return sum(os.times()[:4])


def choose_tests(
    changed: Iterable[int], module: str, records: Mapping[str, dict[str, Any]]
) -> dict[str, float]:
    """Return the tests that run the changed lines of a module, with their CPU seconds.

    Args:
        changed: The numbers of the lines.
        module: Its path.
        records: By test file; files with quick tests come first, unless one has the module's name.
    """
    found = []
    for file, record in records.items():
        lines = record["lines"].get(module, {})
        is_other = Path(file).stem.removeprefix("test_") != Path(module).stem
        tests = {test for line in changed for test in lines.get(str(line), ())}
        if not tests and not is_other:  # lines of threads and child processes are not recorded
            tests = {""}
        seconds = {
            test: value
            for test, value in sorted(record["seconds"].items(), key=lambda pair: pair[1])
            if test in tests or "" in tests
        }
        found.append((is_other, sum(seconds.values()), seconds))
    found.sort(key=lambda each: each[:2])
    ordered = {test: value for *_, seconds in found for test, value in seconds.items()}
    totals = itertools.accumulate(ordered.values())
    return {
        test: value
        for number, ((test, value), total) in enumerate(zip(ordered.items(), totals, strict=True))
        if not number or total < MOST_SECONDS
    }


class Workshop:
    """A copy of the product in which mutants are tried."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tree, self.tmp = folder, folder / "tree", folder / "tmp"
        self._times = itertools.count(int(time.time()))

    def copy(self) -> None:
        """Copy the product, unless it is there, and the tests; make an environment for the copy."""
        command = ["git", "ls-files", "-coz", "--exclude-standard"]
        listed = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
        is_new = not self.tree.exists()
        for name in (*listed.stdout.decode().split("\0"), "jobs/native/_compiled.abi3.so"):
            is_wanted = name and os.path.lexists(REPOSITORY / name)
            if is_wanted and (is_new or name.startswith("tests/")):
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / name, self.tree / name, follow_symlinks=False)
        self.tmp.mkdir(exist_ok=True)
        if is_new:
            venv.create(self.tree / ".venv", symlinks=True)
            (site,) = self.tree.glob(".venv/lib/python*/site-packages")
            packages = Path(pytest.__file__).parents[1]
            site.joinpath("copy.pth").write_text(f"{self.tree}\n{packages}\n")
            command_file = self.tree / ".venv/bin/gafreduce"
            command_file.write_text(f"#!{command_file.with_name('python')}\nimport sys\n"
                                    "from gafreduce.__main__ import entry\nsys.exit(entry())\n")  # fmt: skip
            command_file.chmod(0o755)

    def enter(self) -> None:
        """Make the copy the product of this process."""
        os.chdir(self.tree)
        own = ("TMPDIR", "HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")
        os.environ |= {name: str(self.tmp) for name in own}
        os.environ |= {"CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        sys.path[:0] = [str(self.tree)]
        sys.executable = str(self.tree / ".venv/bin/python")

    def try_mutant(self, mutation: Mutation) -> str:
        """Return "killed" or "timeout" with the seconds, "survived" with the tests, or "no test"."""
        for name in (*_LIBRARIES[""], *_LIBRARIES[mutation.module.partition("/")[0]]):
            importlib.import_module(name)
        path = self.tree / mutation.module
        original, status = path.read_bytes(), path.stat()
        changed: Iterable[int] = range(mutation.line, mutation.end_line + 1)
        if not mutation.is_in_body:  # it runs at import: all tests that run any function
            changed = list_body_lines(original)
        nearest = (self.tree / "tests" / mutation.module).parent.glob("test_*.py")
        nearby = sorted(each.relative_to(self.tree).as_posix() for each in nearest)
        if b"\n    >>> " in original:  # its examples
            nearby.append(f"gafreduce/{mutation.module.removeprefix('gafreduce/')}")
        far = [each for each in WHOLE if each not in nearby]
        survived: list[str] = []
        start = time.monotonic()
        for files, is_pure in itertools.product((nearby, far), (False, True)):
            records = {
                file: self.read_record(file, is_pure)
                for file in files
                if not is_pure or Path(file).stem in PURE_TESTS
            }
            tests = choose_tests(changed, mutation.module, records)
            if not tests:
                continue
            path.write_bytes(mutation.apply(original))
            os.utime(
                path, (time.time(), next(self._times))
            )  # no bytecode of another mutant is used
            passing = sum(r["passing"].get(each, 0.0) for r in records.values() for each in tests)
            try:
                code = self._run_tests(TestChoice(list(tests)), passing, is_pure,
                                       "-x", *{each.partition("::")[0] for each in tests})  # fmt: skip
            finally:
                path.write_bytes(original)
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
            if code != 0:
                word = "timeout" if code == _TIMEOUT else "killed"
                return f"{word} after {time.monotonic() - start:.0f} s"
            survived += tests
        files = dict.fromkeys(each.partition("::")[0] for each in survived)
        return f"survived {len(survived)} tests in {', '.join(files)}" if files else "no test"

    def read_record(self, file: str, is_pure: bool) -> dict[str, Any]:
        """Return what the tests of a file run, and in which time; record it if there is no record."""
        digest = hashlib.sha256((self.tree / file).read_bytes()).hexdigest()[:16]
        name = f"{file.replace('/', '.')}.{digest}{'.pure' if is_pure else ''}.json"
        kept = self.folder / "records" / name
        if not kept.is_file():
            kept.parent.mkdir(exist_ok=True)
            start = time.monotonic()
            self._run_tests(TestRecorder(self.tree, kept), 600, is_pure, file)
            if not kept.is_file():
                print(f"{file}: not recorded, no test of it is used", flush=True)
                kept.write_text('{"seconds": {}, "passing": {}, "lines": {}}')
            else:
                print(f"{file}: recorded in {time.monotonic() - start:.0f} s", flush=True)
        record: dict[str, Any] = json.loads(kept.read_text())
        return record

    def _run_tests(self, plugin: TestChoice, seconds: float, is_pure: bool, *arguments: str) -> int:
        """Run tests in a fork, for some times the seconds that they take; return the exit code."""
        child = os.fork()
        if child == 0:
            try:
                os.setsid()
                output = os.open(self.folder / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(output, 1)
                os.dup2(output, 2)
                resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
                os.environ |= {"GAFREDUCE_PURE": "1"} if is_pure else {}
                own = (f"--rootdir={self.tree}", f"--basetemp={self.tmp}/pytest")
                os._exit(pytest.main([*_OPTIONS, *own, *arguments], plugins=[plugin]))
            finally:
                os._exit(99)
        end, code = time.monotonic() + 3 * seconds + 30, _TIMEOUT
        while time.monotonic() < end:
            if (found := os.waitpid(child, os.WNOHANG))[0]:
                code = os.waitstatus_to_exitcode(found[1])
                break
            time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        if code == _TIMEOUT:
            os.waitpid(child, 0)
        return code


_TIMEOUT = -signal.SIGALRM


def list_mutations(tree: Path, modules: Iterable[str]) -> list[Mutation]:
    """Return all mutations of some modules or folders."""
    paths = [
        path
        for each in modules
        for path in ([tree / each] if each.endswith(".py") else sorted((tree / each).glob("*.py")))
    ]
    return [
        mutation
        for path in paths
        for mutation in find_mutations(path.relative_to(tree).as_posix(), path.read_bytes())
    ]


def read_equivalent() -> dict[str, str]:
    """Return why a mutation makes no difference, by its key."""
    with EQUIVALENT.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {f"{row['module']}\t{row['function']}\t{row['line']}": row["reason"] for row in rows}


def draw_sample(tree: Path, size: int, seed: str, only: str) -> list[Mutation]:
    """Return a sample of the mutations of all modules, or those of it below some paths."""
    everything = list_mutations(tree, MODULES)
    everything.sort(key=lambda each: each.rank(seed))
    sample = sorted(everything[:size], key=lambda each: (each.module, each.start))
    return [each for each in sample if each.module.startswith(tuple(only.split(",")))]


def main() -> int:
    """Try mutants and print the survivors; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=400, help="size of the sample")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="", help="only mutants of modules that begin like this")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "build" / "mutants",
                        help="work folder; remove it after changes of the product")  # fmt: skip
    options = parser.parse_args()
    shop = Workshop(options.folder.resolve())
    shop.copy()
    shop.enter()
    sample = draw_sample(shop.tree, options.mutants, options.seed, options.only)
    kept = shop.folder / "outcomes.json"
    outcomes = json.loads(kept.read_text()) if kept.is_file() else {}
    equivalent = read_equivalent()
    for number, mutation in enumerate(sample, 1):
        known = outcomes.get(mutation.key, "")
        if mutation.key not in equivalent and not known.startswith(("killed", "timeout")):
            outcomes[mutation.key] = shop.try_mutant(mutation)
            kept.write_text(json.dumps(outcomes, indent=1))
            print(f"{number}/{len(sample)} {mutation}: {outcomes[mutation.key]}", flush=True)
    return print_results(sample, outcomes, equivalent)


def print_results(
    sample: Sequence[Mutation], outcomes: Mapping[str, str], equivalent: Mapping[str, str]
) -> int:
    """Print the survivors and the numbers; return 1 if there is a survivor."""
    listed = [each for each in sample if each.key in equivalent]
    tried = [each for each in sample if each.key not in equivalent]
    alive = [e for e in tried if not outcomes[e.key].startswith(("killed", "timeout"))]
    for each in alive:
        print(f"{each}: {outcomes[each.key]}")
    print(f"{len(sample)} mutants: {len(tried) - len(alive)} killed, {len(listed)} listed as equivalent, "
          f"{len(alive)} alive")  # fmt: skip
    return bool(alive)


if __name__ == "__main__":
    sys.exit(main())
