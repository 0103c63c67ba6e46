"""Mutation testing of the modules that decide numbers, verdicts, files and publishing.

    python tests/mutants/mutating.py --mutants 400 --seed 1

Each mutant is one small change (`mutations.py`) in a copy of the repository; the tests that run the
changed line must fail. First each test file is run once to record which tests run which lines.
A mutant that no test kills, and that `equivalent.tsv` does not list, is a defect of the tests.

All tests are collected once; each mutant is a fork of that process, with the changed function in
place of the original one and in the file, for processes that tests start. What runs while a module
is imported is changed in the file only, and its tests run in a new process.

Records and outcomes are kept in the work folder, with which an interrupted run goes on; files of
tests that changed are run again, and survivors tried again.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gc
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType
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
MOST_SECONDS = 60.0
EQUIVALENT = Path(__file__).with_name("equivalent.tsv")
_OPTIONS = ("-q", "-p", "no:cacheprovider", "--tb=line", "-p", "_hypothesis_pytestplugin",
            "-p", "pytest_timeout", "-W", "ignore::pytest.PytestAssertRewriteWarning")  # fmt: skip


class Records:
    """The seconds and the lines of each test, by test file."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.by_file: dict[str, dict[str, Any]] = {}

    def select(self, mutation: Mutation) -> list[tuple[str, set[str], float]]:
        """Return the test files that run the lines of a mutation, with tests and seconds."""
        found = []
        tests_of = Path("tests", mutation.module).parent.as_posix()
        changed = {str(line) for line in range(mutation.line, mutation.end_line + 1)}
        if not mutation.is_in_body:  # all tests that run any function of the module
            source = (self.tree / mutation.module).read_bytes()
            changed = {str(line) for line in list_body_lines(source)}
        for name, record in self.by_file.items():
            lines = record["lines"].get(mutation.module, {})
            tests = {test for line in changed for test in lines.get(line, ())}
            tests = set(record["seconds"]) if "" in tests else tests & set(record["seconds"])
            if tests:
                found.append((name, tests, sum(record["seconds"][test] for test in tests)))
        found.sort(key=lambda each: (not each[0].startswith(tests_of), each[2]))
        totals = itertools.accumulate(each[2] for each in found)
        return [
            e
            for n, (e, total) in enumerate(zip(found, totals, strict=True))
            if not n or total < MOST_SECONDS
        ]


class _Recorder:
    """A pytest plugin: records the seconds and the lines of each test, and which failed.

    Lines of fixtures belong to all tests of the file, for fixtures are shared.
    """

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        product = [f"{tree}/{folder}/*" for folder in ("gafreduce", "jobs", "reports")]
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=product)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

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
            lines[os.path.relpath(name, self.tree)] = {
                line: [""] if "" in contexts else contexts
                for line, contexts in data.contexts_by_lineno(name).items()
                if contexts
            }
        passed = {key: s for key, s in self.seconds.items() if key not in self.failed}
        return {"seconds": passed, "failed": sorted(self.failed), "lines": lines}


class Workshop:
    """A pytest plugin: tries mutants in forks of the process that has collected the tests.

    Args:
        folder: The work folder.
        pure: Whether the C extension is left out.
    """

    def __init__(self, folder: Path, pure: bool = False) -> None:
        self.folder, self.tree, self.tmp = folder, folder / "tree", folder / "tmp"
        self.pure = pure
        self.records = Records(self.tree)
        self.sample: list[Mutation] = []
        self.outcomes: dict[str, str] = {}
        self._items: dict[str, dict[str, pytest.Item]] = {}
        self._functions: dict[str, list[FunctionType]] = {}

    def copy(self) -> None:
        """Copy the product, unless it is there, and the tests; make an environment for the copy."""
        command = ["git", "ls-files", "-coz", "--exclude-standard"]
        listed = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
        names = [*listed.stdout.decode().split("\0"), "jobs/native/_compiled.abi3.so"]
        is_new = not self.tree.exists()
        for name in names:
            if (
                os.path.lexists(REPOSITORY / name)
                and (is_new or name.startswith("tests/"))
                and name
            ):
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / name, self.tree / name, follow_symlinks=False)
        if is_new:
            venv.create(self.tree / ".venv", symlinks=True)
            (site,) = self.tree.glob(".venv/lib/python*/site-packages")
            packages = Path(pytest.__file__).parents[1]
            site.joinpath("copy.pth").write_text(f"{self.tree}\n{packages}\n")
            command_file = self.tree / ".venv/bin/gafreduce"
            command_file.write_text(f"#!{command_file.with_name('python')}\nimport sys\n"
                                    "from gafreduce.__main__ import entry\nsys.exit(entry())\n")  # fmt: skip
            command_file.chmod(0o755)
        self.tmp.mkdir(exist_ok=True)

    def enter(self) -> None:
        """Make the copy the product of this process."""
        os.chdir(self.tree)
        own = ("TMPDIR", "HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")
        os.environ |= {name: str(self.tmp) for name in own}
        os.environ |= {"CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        if self.pure:
            os.environ["GAFREDUCE_PURE"] = "1"
        sys.path[:0] = [str(self.tree)]
        sys.executable = str(self.tree / ".venv/bin/python")

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Draw few examples, and do not search for the smallest one."""
        phases = (Phase.explicit, Phase.generate)
        profile = settings.get_profile("untimed")
        settings.register_profile("mutants", profile, phases=phases, max_examples=25)
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Record the tests, then try the mutants."""
        for item in session.items:
            self._items.setdefault(item.nodeid.partition("::")[0], {})[item.nodeid] = item
        functions = defaultdict(list)
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(
                f"{self.tree}/"
            ):
                module = os.path.relpath(os.path.realpath(each.__code__.co_filename), self.tree)
                functions[module].append(each)
        self._functions = functions
        gc.collect()
        gc.freeze()  # children do not look for garbage in what they share
        for file, items in self._items.items():
            self._record(file, list(items.values()))
        kept = self.folder / "outcomes.json"
        self.outcomes.update(json.loads(kept.read_text()) if kept.is_file() else {})
        # survivors are tried again at the end
        self.sample.sort(key=lambda each: each.key in self.outcomes)
        for number, mutation in enumerate(self.sample, 1):
            before = self.outcomes.get(mutation.key, "")
            if before.startswith(("killed", "timeout")):
                continue
            outcome = self.try_mutant(mutation)
            if self.pure and outcome == "no test":
                continue
            self.outcomes[mutation.key] = outcome
            kept.write_text(json.dumps(self.outcomes, indent=1))
            print(f"{number}/{len(self.sample)} {mutation.module}:{mutation.line} {mutation.function}: "
                  f"{mutation.text}: {outcome}", file=sys.__stderr__, flush=True)  # fmt: skip
        return True

    def _record(self, file: str, items: Sequence[pytest.Item]) -> None:
        digest = hashlib.sha256((self.tree / file).read_bytes()).hexdigest()
        name = f"{file.replace('/', '.')}{' pure' if self.pure else ''}.json"
        kept = self.folder / "records" / name
        if not (kept.is_file() and json.loads(kept.read_text())["digest"] == digest):
            kept.parent.mkdir(exist_ok=True)

            def work() -> int:
                recorder = _Recorder(self.tree)
                items[0].config.pluginmanager.register(recorder)
                recorder.coverage.start()
                _run_items(items, stop=False)
                recorder.coverage.stop()
                kept.write_text(json.dumps({**recorder.make_record(), "digest": digest}))
                return 0

            start = time.monotonic()
            if self._fork(work, 900) != 0:
                raise SystemExit(f"{file}: {(self.folder / 'output').read_text()}")
            record = json.loads(kept.read_text())
            failed = f", not used: {record['failed']}" if record["failed"] else ""
            print(f"{file}: {len(record['seconds'])} tests, {time.monotonic() - start:.0f} s{failed}",
                  file=sys.__stderr__, flush=True)  # fmt: skip
        self.records.by_file[file] = json.loads(kept.read_text())

    def try_mutant(self, mutation: Mutation) -> str:
        """Return "killed", "timeout", or "survived" with the number of tests."""
        selected = self.records.select(mutation)
        if not selected:
            return "no test"
        path = self.tree / mutation.module
        original, status = path.read_bytes(), path.stat()
        changed = mutation.apply(original)
        path.write_bytes(changed)
        os.utime(path, (time.time(), next(_TIMES)))  # no bytecode of another mutant is used
        seconds = 2 * sum(each[2] for each in selected) + 20
        try:
            if mutation.is_in_body:
                items = [self._items[file][test] for file, tests, _ in selected
                         for test in self._items[file] if test in tests]  # fmt: skip

                def work() -> int:
                    self._swap(mutation.module, changed)
                    return _run_items(items, stop=True)

                code = self._fork(work, seconds)
            else:
                code = self._run_pytest([each[0] for each in selected], seconds + 20)
        finally:
            path.write_bytes(original)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        n_tests = sum(len(each[1]) for each in selected)
        files = ", ".join(each[0].rpartition("/")[2] for each in selected)
        outcome = {0: "survived", _TIMEOUT: "timeout", 99: "error"}.get(code, "killed")
        return f"{outcome} ({n_tests} tests in {files})"

    def _run_pytest(self, files: Sequence[str], seconds: float) -> int:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            *_OPTIONS,
            f"--basetemp={self.tmp}/pytest",
            *files,
        ]
        with (self.folder / "output").open("wb") as output:
            try:
                return subprocess.run(
                    command, stdout=output, stderr=output, timeout=seconds, check=False
                ).returncode
            except subprocess.TimeoutExpired:
                return _TIMEOUT

    def _swap(self, module: str, changed: bytes) -> None:
        """Give the functions of a module their changed code."""
        codes: dict[str, dict[tuple[str, int], CodeType]] = {}
        for each in self._functions[module]:
            old = each.__code__
            if old.co_filename not in codes:
                whole = compile(changed, old.co_filename, "exec", dont_inherit=True)
                codes[old.co_filename] = dict(_list_codes(whole))
            key = (old.co_qualname, old.co_firstlineno)
            each.__code__ = codes[old.co_filename].get(key, old)

    def _fork(self, work: Callable[[], int], seconds: float) -> int:
        """Do work in a process group of its own; return its exit code."""
        child = os.fork()
        if child == 0:
            try:
                os.setsid()
                output = os.open(
                    self.folder / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644
                )
                os.dup2(output, 1)
                os.dup2(output, 2)
                os._exit(work())
            except BaseException as error:
                os.write(2, f"{error!r}\n".encode())
                os._exit(99)
        end, pause = time.monotonic() + seconds, 0.005
        code = _TIMEOUT
        while time.monotonic() < end:
            if (found := os.waitpid(child, os.WNOHANG))[0]:
                code = os.waitstatus_to_exitcode(found[1])
                break
            time.sleep(pause := min(pause * 1.2, 0.1))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        if code == _TIMEOUT:
            os.waitpid(child, 0)
        return code


_TIMEOUT = -signal.SIGALRM
_TIMES = itertools.count(int(time.time()))


def _run_items(items: Sequence[pytest.Item], stop: bool) -> int:
    for item, following in itertools.zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if stop and item.session.testsfailed:
            return 1
    return 0


def _list_codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield (each.co_qualname, each.co_firstlineno), each
            yield from _list_codes(each)


def list_modules(tree: Path, modules: Iterable[str] = MODULES) -> list[str]:
    """Return the modules of some folders, relative to the repository."""
    found = []
    for module in modules:
        path = tree / module
        found += [path] if path.is_file() else sorted(path.glob("*.py"))
    return [each.relative_to(tree).as_posix() for each in found]


def list_tests(tree: Path) -> list[str]:
    """Return the test files that may kill mutants."""
    found: dict[str, None] = {}
    for name in TESTS:
        path = tree / name
        for each in [path] if path.is_file() else sorted(path.rglob("test_*.py")):
            found[each.relative_to(tree).as_posix()] = None
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
    folder = options.folder.resolve()
    Workshop(folder).copy()
    sample = draw_sample(folder / "tree", options.mutants, options.seed, options.only)
    files = list_tests(folder / "tree")
    for pure in (False, True):
        child = os.fork()
        if child == 0:
            shop = Workshop(folder, pure)
            shop.sample = sample
            shop.enter()
            chosen = [each for each in files if not pure or Path(each).stem in PURE_TESTS]
            arguments = (*_OPTIONS, f"--rootdir={shop.tree}", f"--basetemp={shop.tmp}/pytest")
            os._exit(int(pytest.main([*arguments, *chosen], plugins=[shop])))
        os.waitpid(child, 0)
    return print_results(sample, json.loads((folder / "outcomes.json").read_text()))


def print_results(sample: Sequence[Mutation], outcomes: Mapping[str, str]) -> int:
    """Print the survivors and the numbers; return 1 if a survivor is not explained."""
    equivalent = read_equivalent()
    killed = [e for e in sample if outcomes.get(e.key, "").startswith(("killed", "timeout"))]
    alive = [each for each in sample if each not in killed]
    unexplained = [each for each in alive if each.key not in equivalent]
    for each in unexplained:
        print(
            f"{each.module}:{each.line} {each.function}: {each.text}: {outcomes.get(each.key, 'not tried')}"
        )
    print(f"{len(sample)} mutants: {len(killed)} killed, {len(alive) - len(unexplained)} equivalent, "
          f"{len(unexplained)} alive")  # fmt: skip
    return bool(unexplained)


if __name__ == "__main__":
    sys.exit(main())
