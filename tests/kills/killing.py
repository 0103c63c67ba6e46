"""Kill every command that writes, by every signal, at random moments, or at every moment.

    python tests/kills/killing.py --kills 500 --seed 1
    python tests/kills/killing.py --kills 50 --seed 1 --first 117
    python tests/kills/killing.py --every-moment run convert

The latter kills (SIGKILL) before each change of the file system that a command makes itself. After each kill: nothing is published half, inputs are as before, no process is left, the same
command again gives the golden files, and `gafreduce clean` shows and removes what is left.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

GAFREDUCE = Path(sys.executable).with_name("gafreduce")
#: A program that runs a command and kills it at a moment.
MOMENTS = Path(__file__).parents[1] / "gafreduce" / "moments.py"
SAMPLES = Path(__file__).parents[2] / "data" / "samples"
ONTOLOGY = SAMPLES / "go-samples.obo"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL)
_MARK = "GAFREDUCE_KILLS_MARK"
#: Seconds that a command has on a machine with other work.
_SECONDS = 900.0
#: Seconds that processes have for ending after their parent.
_GRACE = 60.0


@dataclass(frozen=True)
class Scenario:
    """A command, in a folder that may have results of an earlier one."""

    name: str
    arguments: tuple[str, ...]
    outputs: tuple[str, ...]  # files and folders that it publishes
    prepared: str = ""  # name of the scenario whose results are there before

    @property
    def may_stay(self) -> tuple[str, ...]:
        """The files and folders that may be there at the end: a kill may have come too late."""
        return (*self.outputs, "run") if self.prepared == "killed" else self.outputs


def _run(*more: str) -> tuple[str, ...]:
    return ("run", "inputs", "--ontology", str(ONTOLOGY), "-q", "-o", "out/run", *more)


SCENARIOS = (
    Scenario("run", _run("-r", "inline", "--no-report"), ("run",)),
    Scenario("run-report", _run("-r", "inline"), ("run",)),
    Scenario("run-local", _run("-r", "local", "--cores", "2"), ("run",)),
    Scenario("run-force", _run("--no-report", "--force"), ("run",), "run"),
    Scenario("report", ("report", "out/run", "-q"), ("run",), "run-report"),
    Scenario("convert", ("convert", "inputs", "--to", "gpad2.0", "-q", "-o", "out/x.gpad",
                         "--write-gpi", "out/x.gpi"), ("x.gpad", "x.gpi")),
    Scenario("convert-again", ("convert", "inputs", "--to", "gaf2.2", "-q", "-o", "out/x.gaf"),
             ("x.gaf",), "convert-again"),
    Scenario("check", ("check", "inputs", "--ontology", str(ONTOLOGY), "-r", "local"), ()),
    Scenario("clean", ("clean", "out", "--older-than", "0", "--yes", "-q"), (), "killed"),
)  # fmt: skip
#: Names of the scenarios that draw figures, which takes most of the time.
_SLOW = ("run-report", "report")
#: The order of random kills: those less often than the others. It has no factor in common with the
#: number of signals, so that all combinations come.
_ORDER = tuple(
    each for turn in range(3) for each in SCENARIOS if turn == 0 or each.name not in _SLOW
)


class KillError(AssertionError):
    """A kill broke a promise."""


def _digest_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest(path: Path) -> str:
    """Return a digest of a file, or of the tables of a run folder."""
    if path.is_file():
        return _digest_file(path)
    tables = sorted((path / "tables").glob("*.tsv"))
    # `runs` has the time of the run
    return " ".join(f"{each.name}:{_digest_file(each)}" for each in tables if each.stem != "runs")


def find_defects(path: Path) -> list[str]:
    """Return the paths that are not as the manifest of a run folder states."""
    if path.is_file():
        return []
    if not (path / "MANIFEST.tsv").is_file():
        return ["MANIFEST.tsv"]
    defects = []
    for line in (path / "MANIFEST.tsv").read_text().splitlines()[1:]:
        name, n_bytes, sha256 = line.split("\t")
        each = path / name
        is_same = each.is_file() and each.stat().st_size == int(n_bytes)
        if not (is_same and _digest_file(each) == sha256):
            defects.append(name)
    return defects


def find_processes(mark: str) -> list[str]:
    """Return the processes with a mark in their environment, without zombies."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if f"{_MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z":
                    command = (folder / "cmdline").read_text().replace("\0", " ")
                    found.append(f"{folder.name} {state} {command[:100]}")
        except OSError:
            continue
    return found


class Arena:
    """A folder in which commands are killed: inputs, outputs, temporary files and a cache."""

    def __init__(self, root: Path, cache: Path, mark: str) -> None:
        self.root, self.mark = root, mark
        self.out, self.tmp = root / "out", root / "tmp"
        for folder in (self.out, self.tmp, root / "inputs"):
            folder.mkdir(parents=True)
        for path in sorted(SAMPLES.glob("Bacillus_*.gaf"))[-2:]:
            shutil.copyfile(path, root / "inputs" / path.name)
        self.environment = {
            **os.environ,
            "TMPDIR": str(self.tmp),
            "XDG_CACHE_HOME": str(cache),
            _MARK: mark,
        }
        self.inputs = self.digest_inputs()

    def digest_inputs(self) -> str:
        """Return a digest of the inputs, with the times of their last change."""
        paths = sorted((self.root / "inputs").iterdir())
        return " ".join(f"{_digest_file(each)} {each.stat().st_mtime_ns}" for each in paths)

    def start(self, arguments: Sequence[str], moment: int = 0) -> subprocess.Popen[bytes]:
        """Start a command in a process group of its own; it is killed at a moment that is not 0."""
        program = [sys.executable, str(MOMENTS), str(moment)] if moment else [str(GAFREDUCE)]
        return subprocess.Popen(
            [*program, *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, arguments: Sequence[str]) -> str:
        """Run a command to its end; return its output."""
        with self.start(arguments) as process:
            out, errors = process.communicate(timeout=_SECONDS)
        self.require(
            process.returncode == 0, f"{arguments} ended with {process.returncode}", errors
        )
        return out.decode()

    def require(self, condition: bool, text: str, errors: bytes = b"") -> None:
        """Raise KillError unless a condition holds."""
        if not condition:
            raise KillError(f"{text}\n{errors.decode(errors='replace')[-2000:]}")

    def kill(self, arguments: Sequence[str], delay: float, number: int, to_group: bool) -> int:
        """Kill a command after some seconds; return its exit code, as a shell counts."""
        with self.start(arguments) as process:
            time.sleep(delay)
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if to_group else os.kill)(process.pid, number)
            _, errors = process.communicate(timeout=_SECONDS)
        code = process.returncode
        code = 128 - code if code < 0 else code
        # Ctrl-C while Python itself starts gives one of its own codes, and a traceback
        if number != signal.SIGINT or b"in entry" in errors or b"Traceback" not in errors:
            self.require(code in (0, 128 + number), f"exit code {code}", errors)
            self.require(b"Traceback" not in errors, "a traceback", errors)
        self.wait_for_processes()
        return code

    def kill_at(self, arguments: Sequence[str], moment: int) -> int:
        """Kill a command at a moment; return its exit code, 0 if it has not so many."""
        with self.start(arguments, moment) as process:
            _, errors = process.communicate(timeout=_SECONDS)
        self.require(process.returncode in (0, -signal.SIGKILL), "it failed", errors)
        self.wait_for_processes()
        return abs(process.returncode)

    def wait_for_processes(self) -> None:
        """Wait for the end of the children of a killed command.

        Raises:
            KillError: One does not end.
        """
        end = time.monotonic() + _GRACE
        while (left := find_processes(self.mark)) and time.monotonic() < end:
            time.sleep(0.05)
        self.require(not left, f"processes are left: {left}")

    def list_left(self, outputs: Sequence[str]) -> list[str]:
        """Return what is left in the folders of outputs and of temporary files."""
        left = [f"out/{each.name}" for each in self.out.iterdir() if each.name not in outputs]
        return sorted([*left, *(f"tmp/{each.name}" for each in self.tmp.iterdir())])


@dataclass(frozen=True)
class Golden:
    """The results of an undisturbed command."""

    digests: dict[str, str]
    seconds: float


def make_golden(root: Path, cache: Path) -> dict[str, Golden]:
    """Run each scenario undisturbed; return its results by name."""
    golden = {}
    for scenario in SCENARIOS:
        arena = Arena(root / scenario.name, cache, "golden")
        prepare(arena, scenario, root)
        start = time.monotonic()
        arena.run(scenario.arguments)
        seconds = time.monotonic() - start
        digests = {name: digest(arena.out / name) for name in scenario.outputs}
        golden[scenario.name] = Golden(digests, seconds)
        left = arena.list_left(scenario.may_stay)
        arena.require(not left, f"{scenario.name} leaves {left}")
    return golden


def prepare(arena: Arena, scenario: Scenario, golden: Path) -> None:
    """Make what is there before the command of a scenario.

    Args:
        arena: Where.
        scenario: The command.
        golden: The folder of the arenas of undisturbed commands.
    """
    if scenario.prepared == "killed":
        arena.kill(SCENARIOS[0].arguments, 0.6, signal.SIGKILL, to_group=False)
    elif scenario.prepared == scenario.name:
        arena.run(scenario.arguments)
    elif scenario.prepared:
        shutil.copytree(golden / scenario.prepared / "out", arena.out, dirs_exist_ok=True)


def kill_once(root: Path, cache: Path, golden: dict[str, Golden], number: int, seed: str) -> str:
    """Kill one command and check all promises; return a word for the statistics.

    Raises:
        KillError: A promise is broken.
    """
    drawn = random.Random(f"{seed}-{number}")
    scenario = _ORDER[number % len(_ORDER)]
    kind = SIGNALS[number % len(SIGNALS)]
    to_group = drawn.random() < 0.5
    known = golden[scenario.name]
    delay = drawn.random() * known.seconds * 1.2
    own_cache = cache if drawn.random() < 0.7 else root / f"{number}-cache"
    arena = Arena(root / str(number), own_cache, f"{seed}-{number}")
    try:
        prepare(arena, scenario, root / "golden")
        code = arena.kill(scenario.arguments, delay, kind, to_group)
        _check(arena, scenario, known, code, cleans_first=drawn.random() < 0.5)
    except (KillError, subprocess.TimeoutExpired) as error:
        target = "group" if to_group else "process"
        raise KillError(
            f"kill {number} (seed {seed}): {scenario.name}, {kind.name} to the {target} after "
            f"{delay:.2f} s, in {arena.root}: {error}"
        ) from error
    shutil.rmtree(arena.root)
    shutil.rmtree(root / f"{number}-cache", ignore_errors=True)
    return f"{kind.name} {'in time' if code else 'too late'}"


def kill_each_moment(root: Path, cache: Path, scenario: Scenario, known: Golden) -> int:
    """Kill one command at each of its moments and check all promises; return how many there are.

    Raises:
        KillError: A promise is broken.
    """
    for moment in itertools.count(1):
        name = f"{scenario.name}-{moment}"
        arena = Arena(root / name, cache, name)
        try:
            prepare(arena, scenario, root / "golden")
            code = arena.kill_at(scenario.arguments, moment)
            _check(arena, scenario, known, code, cleans_first=bool(moment % 2))
        except (KillError, subprocess.TimeoutExpired) as error:
            raise KillError(
                f"{scenario.name}, moment {moment}, in {arena.root}: {error}"
            ) from error
        shutil.rmtree(arena.root)
        if code == 0:
            return moment - 1
    raise AssertionError


def _check(arena: Arena, scenario: Scenario, known: Golden, code: int, cleans_first: bool) -> None:
    """Check the promises after a kill.

    Args:
        arena: Where the command was killed.
        scenario: The command.
        known: Its results.
        code: Its exit code.
        cleans_first: Whether `clean` comes before the same command.
    """
    _check_outputs(arena, scenario, known, code)
    arena.require(arena.digest_inputs() == arena.inputs, "an input changed")
    if scenario.name == "clean" or cleans_first:
        _clean(arena, scenario)
    if scenario.outputs:
        arena.run(scenario.arguments)
        for name in scenario.outputs:
            path = arena.out / name
            is_golden = digest(path) == known.digests[name] and not find_defects(path)
            arena.require(is_golden, f"{name} is not golden after the rerun")
    _clean(arena, scenario)


def _check_outputs(arena: Arena, scenario: Scenario, known: Golden, code: int) -> None:
    for name in scenario.outputs:
        path = arena.out / name
        arena.require(path.exists() or code != 0, f"{name} is missing, with exit code 0")
        if scenario.prepared and not path.exists():  # killed between the two renames of --force
            path = next(arena.out.glob(f".{name}.*/old"), path)
            arena.require(path.exists(), f"{name} was removed")
        if path.exists():
            arena.require(digest(path) == known.digests[name], f"{name} is not golden")
            defects = find_defects(path)
            arena.require(not defects, f"{name} is published half: {defects[:5]}")


def _clean(arena: Arena, scenario: Scenario) -> None:
    """Check that `clean` shows all that is left, and removes it."""
    left = arena.list_left(scenario.may_stay)
    if not left:
        return
    shown = arena.run(("clean", "out", "--older-than", "0"))
    hidden = [each for each in left if each.rpartition("/")[2] not in shown]
    arena.require(not hidden, f"clean does not show {hidden}, only:\n{shown}")
    arena.run(("clean", "out", "--older-than", "0", "--yes", "-q"))
    left = arena.list_left(scenario.may_stay)
    arena.require(not left, f"clean --yes leaves {left}")


def kill_many(
    root: Path, n_kills: int, seed: str, n_workers: int, first: int = 0
) -> tuple[Counter[str], list[str]]:
    """Kill commands; return how often each signal came in time, and the broken promises.

    Args:
        root: A folder for all arenas.
        n_kills: How many.
        seed: What draws the moments; a kill depends on it and on its number.
        n_workers: Commands at a time.
        first: The number of the first kill.
    """
    cache = root / "cache"
    golden = make_golden(root / "golden", cache)
    counts: Counter[str] = Counter()
    failures = []
    with ThreadPoolExecutor(n_workers) as pool:
        started = [
            pool.submit(kill_once, root, cache, golden, number, seed)
            for number in range(first, first + n_kills)
        ]
        try:
            for each in started:
                try:
                    counts[each.result()] += 1
                except KillError as error:
                    failures.append(str(error))
                    print(error, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    return counts, failures


def kill_all_moments(root: Path, names: Sequence[str]) -> tuple[Counter[str], list[str]]:
    """Kill commands at each of their moments; return their numbers, and the broken promises."""
    cache = root / "cache"
    golden = make_golden(root / "golden", cache)
    counts: Counter[str] = Counter()
    failures = []
    for scenario in SCENARIOS:
        if names and scenario.name not in names:
            continue
        try:
            counts[scenario.name] = kill_each_moment(root, cache, scenario, golden[scenario.name])
        except KillError as error:
            failures.append(str(error))
            print(error, flush=True)
        print(scenario.name, counts[scenario.name], flush=True)
    return counts, failures


def main() -> int:
    """Kill commands and print statistics; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="the number of the first kill")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--every-moment", nargs="*", metavar="COMMAND", help="of these, or of all")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="kills-"))
    if options.every_moment is not None:
        counts, failures = kill_all_moments(root, options.every_moment)
    else:
        counts, failures = kill_many(
            root, options.kills, options.seed, options.workers, options.first
        )
    for word, count in sorted(counts.items()):
        print(f"{word}: {count}")
    n_kills = counts.total() + len(failures)
    seed = "" if options.every_moment is not None else f" (seed {options.seed})"
    print(f"{n_kills} kills{seed}, {len(failures)} broken promises")
    if not failures:
        shutil.rmtree(root)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
