"""Mutation testing of the modules that decide numbers, verdicts, files and publishing.

    python tests/mutants/mutating.py --mutants 400 --seed 1

Each mutant is one small change (`mutations.py`) in a copy of the repository; the tests that run the
changed line must fail. First each test file is run once to record which tests run which lines.
A mutant that no test kills, and that `equivalent.tsv` does not list, is a defect of the tests.

Measures are kept in the work folder, with which an interrupted run goes on; files of tests
that changed are run again, and survivors tried again.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gc
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
#: The tests nearest to the modules: those below the same path, and those of whole runs.
TESTS = (
    *(f"tests/{module}" for module in MODULES),
    *("tests/gafreduce/commands", "tests/gafreduce/test_owned_paths.py", "tests/test_golden.py"),
    *("tests/test_truth_table.py", "tests/test_laws.py", "tests/jobs/test_annotation_profile.py"),
)
#: Tests that are also run without the C extension, which otherwise replaces some Python.
PURE_TESTS = ("test_propagation", "test_sorting", "test_token_cache", "test_taxon_counter",
              "test_golden")  # fmt: skip
#: Seconds of tests that a mutant has to survive; the nearest tests come first.
MOST_SECONDS = 30.0
#: Test files that one process runs.
BATCH = 4
EQUIVALENT = Path(__file__).with_name("equivalent.tsv")
#: Imported once, not by each mutant.
_LIBRARIES = ("boto3", "mrjob.job", "moto", "numpy", "pandas", "pyarrow.parquet", "scipy.stats",
              "duckdb", "networkx", "matplotlib.figure", "jinja2", "rich.console", "goatools")  # fmt: skip


class _Selection:
    """A pytest plugin: runs only some tests, with few examples, and seeks no smallest one."""

    def __init__(self, wanted: set[str] | None = None) -> None:
        self.wanted = wanted

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutants", settings.get_profile("untimed"), phases=phases, max_examples=25
        )
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.wanted is not None:
            items[:] = [each for each in items if each.nodeid in self.wanted]


class _Recorder(_Selection):
    """A pytest plugin: records the seconds and the lines of each test, and which failed.

    Lines of fixtures belong to all tests of the file, for fixtures are shared.
    """

    def __init__(self, tree: Path) -> None:
        super().__init__()
        self.tree = tree
        product = [f"{tree}/{folder}/*" for folder in ("gafreduce", "jobs", "reports")]
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=product)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_runtest_logstart(self) -> None:
        self.coverage.switch_context("")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self.failed.add(report.nodeid)

    def make_record(self) -> dict[str, Any]:
        """Return the seconds of each test, and the tests of each line ("": the whole file)."""
        data, lines = self.coverage.get_data(), {}
        for name in data.measured_files():
            module = os.path.relpath(name, self.tree)
            lines[module] = {
                line: [""] if "" in contexts else contexts
                for line, contexts in data.contexts_by_lineno(name).items()
                if contexts
            }
        passed = {key: s for key, s in self.seconds.items() if key not in self.failed}
        return {"seconds": passed, "failed": sorted(self.failed), "lines": lines}


class Workshop:
    """The copy in which mutants are made, and the measures.

    Args:
        folder: The work folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.tree, self.tmp = folder, folder / "tree", folder / "tmp"
        self.records: dict[str, dict[str, Any]] = {}  # by test file, and " pure"

    def copy(self) -> None:
        """Copy the product, unless it is there, and the tests; make an environment for the copy."""
        listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=REPOSITORY, check=True,
                                stdout=subprocess.PIPE).stdout.decode().split("\0")  # fmt: skip
        extension = [str(p.relative_to(REPOSITORY)) for p in REPOSITORY.glob("jobs/native/*.so")]
        is_new = not self.tree.exists()
        for name in filter(None, [*listed, *extension]):
            if is_new or name.startswith("tests/"):
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / name, self.tree / name, follow_symlinks=False)
        if is_new:
            venv.create(self.tree / ".venv", symlinks=True)
            (site,) = self.tree.glob(".venv/lib/python*/site-packages")
            site.joinpath("copy.pth").write_text(
                f"{self.tree}\n{Path(pytest.__file__).parents[1]}\n"
            )
            command = self.tree / ".venv/bin/gafreduce"
            command.write_text(
                f"#!{command.with_name('python')}\nimport sys\n"
                "from gafreduce.__main__ import entry\nsys.exit(entry())\n"
            )
            command.chmod(0o755)
        self.tmp.mkdir(exist_ok=True)

    def run(self, pure: bool, seconds: float, work: Callable[[], int]) -> int:
        """Do work in a process of its own, with the copy as the product; return its exit code."""
        child = os.fork()
        if child == 0:
            try:
                self._enter(pure)
                os._exit(work())
            except BaseException as error:
                os.write(2, f"{error!r}\n".encode())
                os._exit(99)
        end = time.monotonic() + seconds
        pause = 0.005
        while time.monotonic() < end:
            if (found := os.waitpid(child, os.WNOHANG))[0]:
                self._end(child)
                return os.waitstatus_to_exitcode(found[1])
            time.sleep(pause := min(pause * 1.2, 0.1))
        self._end(child)
        os.waitpid(child, 0)
        return -signal.SIGALRM

    def _end(self, group: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)

    def _enter(self, pure: bool) -> None:
        os.setsid()
        output = os.open(self.folder / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(self.tree)
        own = {name: str(self.tmp) for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")}
        os.environ |= own | {"CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        if pure:
            os.environ["GAFREDUCE_PURE"] = "1"
        sys.path[:0] = [str(self.tree)]
        sys.executable = str(self.tree / ".venv/bin/python")

    def _pytest(self, *arguments: str, plugin: _Selection) -> int:
        basic = ("-q", "-x", "-p", "no:cacheprovider", "--tb=line",
                 "-p", "_hypothesis_pytestplugin", "-p", "pytest_timeout",
                 "-W", "ignore::pytest.PytestAssertRewriteWarning")  # fmt: skip
        own = (f"--rootdir={self.tree}", f"--basetemp={self.tmp}/pytest")
        return int(pytest.main([*basic, *own, *arguments], plugins=[plugin]))

    def record(self, file: str, pure: bool) -> None:
        """Run a test file to learn its tests, or take what an earlier run learned."""
        name = file + (" pure" if pure else "")
        digest = hashlib.sha256((self.tree / file).read_bytes()).hexdigest()
        kept = self.folder / "records" / f"{name.replace('/', '.')}.json"
        if kept.is_file() and (record := json.loads(kept.read_text()))["digest"] == digest:
            self.records[name] = record
            return
        made = self.tmp / "record.json"
        made.unlink(missing_ok=True)

        def work() -> int:
            recorder = _Recorder(self.tree)
            recorder.coverage.start()
            self._pytest("--maxfail=1000", file, plugin=recorder)
            recorder.coverage.stop()
            made.write_text(json.dumps(recorder.make_record()))
            return 0

        start = time.monotonic()
        if self.run(pure, 900, work) == 0:
            record = json.loads(made.read_text())
        else:
            raise SystemExit(f"{name}: {(self.folder / 'output').read_text()}")
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(record | {"digest": digest}))
        self.records[name] = record
        failed = f", not used: {record['failed']}" if record["failed"] else ""
        print(f"{name}: {len(record['seconds'])} tests, {time.monotonic() - start:.0f} s{failed}",
              flush=True)  # fmt: skip

    def select(self, mutation: Mutation) -> list[tuple[str, set[str], float]]:
        """Return the test files that run the lines of a mutation, with tests and seconds."""
        found = []
        tests_of = Path("tests", mutation.module).parent.as_posix()
        nearest = (tests_of, mutation.module, f"gafreduce/{mutation.module}")
        changed = {str(line) for line in range(mutation.line, mutation.end_line + 1)}
        if not mutation.is_in_body:  # all tests that run any function of the module
            source = (self.tree / mutation.module).read_bytes()
            changed = {str(line) for line in list_body_lines(source)}
        for name, record in self.records.items():
            lines = record["lines"].get(mutation.module, {})
            tests = {test for line in changed for test in lines.get(line, ())}
            tests = set(record["seconds"]) if "" in tests else tests & set(record["seconds"])
            if tests:
                found.append((name, tests, sum(record["seconds"][test] for test in tests)))
        found.sort(key=lambda each: (not each[0].startswith(nearest), each[2]))
        return found

    def try_mutant(self, mutation: Mutation) -> str:
        """Return which tests killed a mutant, or "survived"."""
        path, total = self.tree / mutation.module, 0.0
        original, status = path.read_bytes(), path.stat()
        selected = self.select(mutation)
        path.write_bytes(mutation.apply(original))
        os.utime(path, (time.time() + 1e6, next(_TIMES)))  # no bytecode of another mutant is used
        try:
            for pure in (False, True):
                files = [each for each in selected if each[0].endswith(" pure") == pure]
                size = 1  # the nearest file alone, then some together
                while files and total < MOST_SECONDS:
                    batch, files, size = files[:size], files[size:], BATCH
                    total += (seconds := sum(each[2] for each in batch))
                    names = [each[0].removesuffix(" pure") for each in batch]
                    selection = _Selection(set().union(*(each[1] for each in batch)))
                    work = lambda: self._pytest(*names, plugin=selection)  # noqa: E731, B023
                    code = self.run(pure, 2 * seconds + 20, work)
                    if code == 99 or code == pytest.ExitCode.NO_TESTS_COLLECTED:
                        return f"error {code}"
                    if code:
                        return f"{'timeout' if code == -signal.SIGALRM else 'killed'}: {names}"
        finally:
            path.write_bytes(original)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return f"survived {sum(len(each[1]) for each in selected)} tests"


def _count_up() -> Iterator[int]:
    time_now = int(time.time())
    while True:
        yield (time_now := time_now + 1)


_TIMES = _count_up()


def list_modules(tree: Path, modules: Iterable[str] = MODULES) -> list[str]:
    """Return the modules of some folders, relative to the repository."""
    found = []
    for module in modules:
        path = tree / module
        found += [path] if path.is_file() else sorted(path.glob("*.py"))
    return [each.relative_to(tree).as_posix() for each in found]


def list_tests(tree: Path) -> list[str]:
    """Return the test files that may kill mutants, and the modules with doctests."""
    found: dict[str, None] = {}
    for name in TESTS:
        path = tree / name
        for each in [path] if path.is_file() else sorted(path.rglob("test_*.py")):
            found[each.relative_to(tree).as_posix()] = None
    for module in list_modules(tree):
        if b">>> " in (tree / module).read_bytes():
            found[module if module.startswith("gafreduce/") else f"gafreduce/{module}"] = None
    return list(found)


def list_mutations(tree: Path, modules: Iterable[str]) -> list[Mutation]:
    """Return all mutations of some modules or folders."""
    return [
        mutation
        for module in list_modules(tree, modules)
        for mutation in find_mutations(module, (tree / module).read_bytes())
    ]


def read_equivalent() -> dict[str, str]:
    """Return why a mutation makes no difference, by its key."""
    with EQUIVALENT.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {f"{row['module']}\t{row['function']}\t{row['line']}": row["reason"] for row in rows}


def main() -> int:
    """Try mutants and print the survivors; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=400, help="size of the sample")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="", help="only mutants whose module begins like this")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "build" / "mutants",
                        help="work folder; remove it after changes of the product")  # fmt: skip
    options = parser.parse_args()
    shop = Workshop(options.folder.resolve())
    shop.copy()
    for name in _LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # children do not look for garbage in what they share
    for file in list_tests(shop.tree):
        shop.record(file, pure=False)
        if Path(file).stem in PURE_TESTS:
            shop.record(file, pure=True)
    everything = list_mutations(shop.tree, MODULES)
    everything.sort(key=lambda each: each.rank(options.seed))
    sample = sorted(everything[: options.mutants], key=lambda each: each.module)
    sample = [each for each in sample if each.module.startswith(tuple(options.only.split(",")))]
    kept = shop.folder / "outcomes.json"
    outcomes = json.loads(kept.read_text()) if kept.is_file() else {}
    sample.sort(key=lambda each: each.key in outcomes)  # survivors are tried again at the end
    for number, mutation in enumerate(sample, 1):
        if not outcomes.get(mutation.key, "").startswith(("killed", "timeout")):
            outcomes[mutation.key] = shop.try_mutant(mutation)
            kept.write_text(json.dumps(outcomes, indent=1))
            print(f"{number}/{len(sample)} {mutation.module}:{mutation.line} {mutation.function}: "
                  f"{mutation.text}: {outcomes[mutation.key]}", flush=True)  # fmt: skip
    return print_results(sample, outcomes)


def print_results(sample: Sequence[Mutation], outcomes: Mapping[str, str]) -> int:
    """Print the survivors and the numbers; return 1 if a survivor is not explained."""
    equivalent = read_equivalent()
    alive = [each for each in sample if outcomes[each.key].startswith(("survived", "error"))]
    unexplained = [each for each in alive if each.key not in equivalent]
    for each in unexplained:
        print(f"{each.module}:{each.line} {each.function}: {each.text}: {outcomes[each.key]}")
    n_equivalent = len(alive) - len(unexplained)
    print(f"{len(sample)} mutants: {len(sample) - len(alive)} killed, {n_equivalent} equivalent, "
          f"{len(unexplained)} alive")  # fmt: skip
    return bool(unexplained)


if __name__ == "__main__":
    sys.exit(main())
