"""Compare the speed of this checkout with that of another commit, in turn on one machine.

    python against.py BASE INPUT_FOLDER OBO SCRATCH [--pairs N] [--bound RATIO] [--only CASE...]

Both sides are clean exports of a commit, each installed into an environment of its own under
SCRATCH and kept there for the next comparison. The cases run in pairs, base and head in turn, and
every second pair in the opposite order; with --at-once both of a pair run at the same time, so that
a machine whose speed changes from second to second changes both alike: then the ratio of CPU time
says more, and wall time little. For each pair the ratio head / base is taken; the table
shows the median ratio of CPU and of wall time with a distribution-free 95 % confidence interval
(order statistics of the binomial distribution), so a single disturbed pair cannot move it.

Cases:
    full       every table of INPUT_FOLDER, without the page, `-r local`
    pure       the same without the C extension (only with --only)
    target     the same with `--scope target` (only with --only)
    seven      a whole run of the sample files or of --seven FOLDER, with figures and page; the term
               file's cache and the run folder are removed before each run
    tables     the same without figures and page, `--no-report`
    help       `gafreduce --help`

Exit code 1 when the upper end of an interval of CPU time is above the bound.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import measure
from commands import REPOSITORY, input_files

BOUND = 1.03
PAIRS = 15
DEFAULT_CASES = ("full", "tables", "seven", "help")
ALL_CASES = ("full", "pure", "target", "tables", "seven", "help")
_COLD_CASES = ("tables", "seven")


@dataclass(frozen=True)
class Interval:
    """The median of ratios and the ends of its 95 % confidence interval."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3f} ({self.low:.3f} to {self.high:.3f})"


def median_interval(ratios: Sequence[float]) -> Interval:
    """Return the median of ratios with its distribution-free 95 % confidence interval.

    The interval goes from the k-th smallest to the k-th largest ratio, k being the largest number
    with P(Binomial(n, 1/2) < k) <= 0.025. Fewer than six ratios have no such interval: their range
    is returned, which covers less.

    >>> median_interval([1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 1.2])
    Interval(low=0.9, median=1.0, high=1.2)
    """
    ordered = sorted(ratios)
    n = len(ordered)
    rank, below = 0, 0.0
    while (below := below + math.comb(n, rank) / 2**n) <= 0.025:
        rank += 1
    rank = max(rank, 1)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    return Interval(ordered[rank - 1], middle, ordered[n - rank])


class Side:
    """One of the two commits, installed."""

    def __init__(self, name: str, commit: str, scratch: Path) -> None:
        """Export and install a commit unless that was done before.

        Args:
            name: `base` or `head`.
            commit: Full id of the commit.
            scratch: Folder for the exports, environments and outputs.
        """
        self.name = name
        self.home = scratch / "against" / commit
        self.out = scratch / "against" / f"out-{name}"
        self._cache = scratch / "against" / f"cache-{name}"
        if not (self.home / "installed").exists():
            self._install(commit)

    def _install(self, commit: str) -> None:
        print(f"installing {self.name}, {commit[:12]}", file=sys.stderr)
        shutil.rmtree(self.home, ignore_errors=True)
        source = self.home / "source"
        source.mkdir(parents=True)
        archive = subprocess.Popen(
            ["git", "archive", commit], cwd=REPOSITORY, stdout=subprocess.PIPE
        )
        subprocess.run(["tar", "-x"], cwd=source, stdin=archive.stdout, check=True)
        if archive.wait():
            raise measure.CommandError(f"git archive {commit}: ended with {archive.returncode}")
        subprocess.run([sys.executable, "-m", "venv", str(self.home / "venv")], check=True)
        subprocess.run(
            [
                *(str(self.home / "venv/bin/python"), "-m", "pip", "install", "--quiet"),
                *("--disable-pip-version-check", str(source)),
            ],
            check=True,
        )
        (self.home / "installed").touch()

    def command(self, case: str, files: list[str], seven: list[str], obo: Path) -> list[str]:
        """Return the command of a case."""
        program = str(self.home / "venv/bin/gafreduce")
        environment = ["env", f"XDG_CACHE_HOME={self._cache}"]
        if case == "pure":
            environment.append("GAFREDUCE_PURE=1")
        if case == "help":
            return [*environment, program, "--help"]
        run = [*environment, program, "run", "--ontology", str(obo), "--quiet", "-o", str(self.out)]
        if case in _COLD_CASES:
            return [*run, *(["--no-report"] if case == "tables" else []), *seven]
        scope = ["--scope", "target"] if case == "target" else []
        return [*run, "--no-report", "-r", "local", *scope, *files]

    def clear(self, with_cache: bool) -> None:
        """Remove the output of the last run, and the cache of term files when that is asked for."""
        shutil.rmtree(self.out, ignore_errors=True)
        if with_cache:
            shutil.rmtree(self._cache, ignore_errors=True)


def compare(
    sides: tuple[Side, Side], case: str, arguments: argparse.Namespace
) -> tuple[Interval, Interval]:
    """Run a case in pairs and return the intervals of CPU and wall ratios, head to base."""
    files, seven = input_files(arguments.input), input_files(arguments.seven)
    commands = [side.command(case, files, seven, arguments.obo) for side in sides]
    cpu, wall = [], []
    n_workers = 2 if arguments.at_once else 1
    for number in range(-1, arguments.pairs):  # the first pair warms the caches
        for side in sides:
            side.clear(with_cache=case in _COLD_CASES)
        with ThreadPoolExecutor(n_workers) as pool:
            if number % 2:
                base, head = pool.map(measure.timed, commands)
            else:
                head, base = pool.map(measure.timed, reversed(commands))
        if number >= 0:
            cpu.append(head.cpu / base.cpu)
            wall.append(head.wall / base.wall)
    for side in sides:
        side.clear(with_cache=True)
    return median_interval(cpu), median_interval(wall)


def resolve(commit: str) -> str:
    """Return the full id of a commit."""
    asked = ["git", "rev-parse", "--verify", f"{commit}^{{commit}}"]
    found = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if found.returncode:
        raise SystemExit(f"BASE: expected a commit of this repository, got {commit!r}")
    return found.stdout.strip()


def main() -> None:
    """Compare HEAD with a commit and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", help="a commit")
    parser.add_argument("input", type=Path, help="folder with GAF files of some million lines")
    parser.add_argument("obo", type=Path, help="go-basic.obo")
    parser.add_argument("scratch", type=Path, help="folder for environments and outputs")
    parser.add_argument("--head", default="HEAD", help="the other commit (default: %(default)s)")
    parser.add_argument("--seven", type=Path, default=REPOSITORY / "data" / "samples")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--at-once", action="store_true", help="both of a pair at the same time")
    parser.add_argument("--bound", type=float, default=BOUND, help="default: %(default)s")
    parser.add_argument("--only", nargs="+", choices=ALL_CASES, default=DEFAULT_CASES)
    arguments = parser.parse_args()
    for name in ("input", "obo", "scratch", "seven"):
        setattr(arguments, name, getattr(arguments, name).resolve())
    base, head = resolve(arguments.base), resolve(arguments.head)
    # older commits start children that import from the working folder: not from this checkout
    os.chdir(arguments.scratch)
    sides = Side("base", base, arguments.scratch), Side("head", head, arguments.scratch)
    print(
        f"{head[:12]} against {base[:12]}, {arguments.pairs} pairs "
        f"{'at once' if arguments.at_once else 'in turn'}, {os.cpu_count()} cores"
    )
    print("| case | CPU: median ratio (95 % interval) | wall |\n|---|---|---|", flush=True)
    worst = 0.0
    for case in arguments.only:
        cpu, wall = compare(sides, case, arguments)
        worst = max(worst, cpu.high)
        print(f"| {case} | {cpu} | {wall} |", flush=True)
    if worst > arguments.bound:
        raise SystemExit(f"the upper end {worst:.3f} is above the bound {arguments.bound}")


if __name__ == "__main__":
    main()
