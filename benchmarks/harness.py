"""The harness of the benchmarks: inputs, measured runs, and the table of bounds.

A check is a function that takes a `Session` and yields rows: a figure, its bound, and whether the
bound holds. The checks are in peer_checks.py, size_checks.py and hadoop_checks.py; bench.py runs
them.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import measure
from commands import HERE, Bench, count_lines, input_files

#: Inputs by name: the shape and options of make_input.py.
COPIES_OF_20M, COPIES_OF_100M, COPIES_OF_1000_ORGANISMS = 206, 1030, 200
INPUTS = {
    "plain": ["plain"],
    "plain-gz": ["plain", "--gz"],
    "other-sets": ["other-sets"],
    "plain-20m": ["plain", "--copies", str(COPIES_OF_20M)],
    "plain-100m": ["plain", "--copies", str(COPIES_OF_100M)],
    "shuffled-20m": ["shuffled", "--copies", str(COPIES_OF_20M)],
    "organisms": ["organisms", "--lines", "2000000"],
    "one-organism": ["one-organism", "--lines", "20000000"],
    "one-product": ["one-product", "--lines", "1000000"],
    "many-files": ["many-files", "--lines", "2000000"],
    "one-term": ["one-term"],
    "goa-start": ["goa", "--lines", "2000"],  # what a run takes before its lines
    # one in 100 of the organisms of the large one, each as large as there
    "goa-200m-sample": ["goa", "--lines", "2000000", "--sample-of", "200000000"],
    "goa-200m": ["goa", "--lines", "200000000"],
    "1000-organisms": ["plain", "--copies", str(COPIES_OF_1000_ORGANISMS)],
}


@dataclass(frozen=True)
class Row:
    """One line of the table of bounds."""

    what: str
    bound: str
    figure: str
    holds: bool


@dataclass(frozen=True)
class Run:
    """What one input took, with one set of options."""

    series: measure.Series
    n_lines: int
    n_profile_rows: int
    out: Path
    text_mb: float  # of the tables, as TSV
    tables_mb: float  # as TSV and Parquet

    @property
    def wall(self) -> float:
        """Median wall, seconds."""
        return self.series.median("wall")

    @property
    def cpu(self) -> float:
        """Median CPU, seconds."""
        return self.series.median("cpu")

    @property
    def peak_mb(self) -> float:
        """Highest sum of PSS, MB."""
        return self.series.peak_mb

    @property
    def spilled_mb(self) -> float:
        """The MB written apart from tables."""
        return self.series.median("written_mb") - self.tables_mb

    def against(self, other: Run, rows: bool = False) -> tuple[float, float]:
        """Return wall and CPU per line, or per line and profile row, against another run's."""
        mine, others = self.n_lines, other.n_lines
        if rows:
            mine, others = mine + self.n_profile_rows, others + other.n_profile_rows
        return self.wall / mine / (other.wall / others), self.cpu / mine / (other.cpu / others)


class Session:
    """Inputs and measured runs of one call of the benchmarks; both are kept for later checks."""

    def __init__(self, whole: Path, bench: Bench, out: Path, rounds: int) -> None:
        """Keep what all checks need.

        Args:
            whole: Folder with the whole annotation files, of which inputs are made.
            bench: The commands.
            out: Folder of the results.
            rounds: Timed rounds of a measurement.
        """
        self.whole, self.bench, self.out, self.rounds = whole, bench, out, rounds
        self.run = cache(self.measure)

    def folder(self, name: str) -> Path:
        """Return the folder of an input, made when it is not there."""
        folder = self.bench.scratch / "inputs" / name
        done = folder / ".made"
        if not done.exists():
            shape, *options = INPUTS[name]
            make = [sys.executable, str(HERE / "make_input.py"), shape, str(self.whole)]
            subprocess.run([*make, str(folder), *options], check=True)
            done.touch()
        return folder

    def files(self, name: str) -> list[str]:
        """Return the files of an input."""
        return input_files(self.folder(name))

    def measure(self, name: str, *options: str, is_long: bool = False, report: bool = False) -> Run:
        """Measure gafreduce on an input; many files are named by their folder.

        Args:
            name: Of the input.
            options: Of the command line.
            is_long: Whether one run is timed and watched at once, instead of several rounds.
            report: Whether the page is made too.
        """
        label, command, out = self._command(name, options)
        if report:
            command.remove("--no-report")
        shutil.rmtree(out, ignore_errors=True)
        if is_long:
            taken, peak = measure.watched(command)
            series = measure.Series([taken], [peak])
        else:
            series = measure.in_turn(
                {name: command}, self.rounds, before=lambda: shutil.rmtree(out, ignore_errors=True)
            )[name]
        return self._describe_run(label, name, out, series)

    def _command(self, name: str, options: Sequence[str]) -> tuple[str, list[str], Path]:
        """Return what to call a run, its command line and its folder."""
        files = self.files(name)
        label = "-".join([name, *(option.strip("-") for option in options)])
        inputs = files if len(files) < 100 else [str(self.folder(name))]
        command = self.bench.gafreduce(label, inputs, "-r", "local", *options)
        return label, command, self.bench.out(label)

    def _describe_run(self, label: str, name: str, out: Path, series: measure.Series) -> Run:
        n_rows = count_lines([str(out / "tables" / "profile.tsv")]) - 1
        print(
            f"{label}: {series.median('wall'):.1f} s, CPU {series.median('cpu'):.1f} s, "
            f"{series.peak_mb:.0f} MB; load {os.getloadavg()[0]:.1f}",
            file=sys.stderr,
        )
        text, tables = (_size_mb(out, pattern) for pattern in ("*.tsv", "*.*"))
        return Run(series, count_lines(self.files(name)), n_rows, out, text, tables)

    def run_in_turn(self, *wanted: tuple[str, ...]) -> list[Run]:
        """Measure gafreduce on inputs in turn: the machine's moods are longer than a run.

        Args:
            wanted: Names of inputs, each with options of the command line.
        """
        commands = [self._command(name, options) for name, *options in wanted]
        self.bench.clear()
        found = measure.in_turn(
            {label: command for label, command, _ in commands}, self.rounds, 1, self.bench.clear
        )
        runs = []
        for (label, command, out), (name, *_) in zip(commands, wanted, strict=True):
            self.bench.clear()
            measure.timed(command)  # its tables were cleared away
            runs.append(self._describe_run(label, name, out, found[label]))
        return runs


def machine() -> str:
    """Return the machine that the figures are of."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, load before {os.getloadavg()[0]:.1f}"
    )


def write_rows(out: Path, name: str, found: list[Row], order: Sequence[str]) -> None:
    """Replace the rows of one check in rows.json, and write all rows to rows.md.

    Args:
        out: Folder of the results.
        name: The check.
        found: Its rows.
        order: Names of all checks, in the order of the table.
    """
    kept = out / "rows.json"
    checks = json.loads(kept.read_text()) if kept.exists() else {}
    checks[name] = {"machine": machine(), "rows": [asdict(row) for row in found]}
    kept.write_text(json.dumps(checks, indent=1) + "\n")
    lines = ["| what | bound | figure | holds |", "|---|---|---|---|"]
    for check in order:
        for row in checks.get(check, {"rows": []})["rows"]:
            holds = "yes" if row["holds"] else "**no**"
            lines.append(f"| {row['what']} | {row['bound']} | {row['figure']} | {holds} |")
    (out / "rows.md").write_text("\n".join(lines) + "\n")


def _size_mb(folder: Path, pattern: str) -> float:
    return sum(path.stat().st_size for path in folder.rglob(pattern)) / measure.MB
