"""Holds gafreduce to its bounds: against peers, over sizes and shapes, at the start and at the end.

    python rows.py FOLDER_WITH_WHOLE_FILES OBO SCRATCH [--out FOLDER] [--rounds N] [--only NAME...]

Each check makes the inputs it needs below SCRATCH/inputs (and keeps them), measures, and gives rows
of a table: what, bound, figure, whether it holds. A check is known by its name, so that one can be
measured again in quiet: all rows are kept in rows.json, and rows.md is written from it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import measure
from bench import machine
from commands import HERE, OURS, Bench, count_lines, input_files, word_count
from compare import differences

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
    # one in 25 and in 100 of the organisms of the large ones, each as large as there
    "goa-50m-sample": ["goa", "--lines", "2000000", "--sample-of", "50000000"],
    "goa-200m-sample": ["goa", "--lines", "2000000", "--sample-of", "200000000"],
    "goa-50m": ["goa", "--lines", "50000000"],
    "goa-200m": ["goa", "--lines", "200000000"],
    "1000-organisms": ["plain", "--copies", str(COPIES_OF_1000_ORGANISMS)],
}
SHAPES = {
    "organisms": "100,000 organisms of 20 lines",
    "one-organism": "one organism of 20 M lines",
    "one-product": "one gene product with 1 M lines",
    "many-files": "10,000 files of 200 lines",
    "one-term": "one term only",
}
#: Columns that tell files apart: they depend on how lines lie in files.
COLUMNS_BY_FILE = ("source_file", "n_foreign_in_files")


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
        """What was written besides tables, MB."""
        return self.series.median("written_mb") - self.tables_mb

    def against(self, other: Run, rows: bool = False) -> tuple[float, float]:
        """Return wall and CPU per line, or per line and profile row, against another run's."""
        mine, others = self.n_lines, other.n_lines
        if rows:
            mine, others = mine + self.n_profile_rows, others + other.n_profile_rows
        return self.wall / mine / (other.wall / others), self.cpu / mine / (other.cpu / others)


class Rows:
    """The checks; each yields rows."""

    def __init__(self, whole: Path, bench: Bench, rounds: int) -> None:
        self.whole, self.bench, self.rounds = whole, bench, rounds
        self.run = cache(self._run)

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

    def _run(self, name: str, *options: str, is_long: bool = False, report: bool = False) -> Run:
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
        return self._told(label, name, out, series)

    def _command(self, name: str, options: Sequence[str]) -> tuple[str, list[str], Path]:
        """Return what to call a run, its command line and its folder."""
        files = self.files(name)
        label = "-".join([name, *(option.strip("-") for option in options)])
        inputs = files if len(files) < 100 else [str(self.folder(name))]
        command = self.bench.gafreduce(label, inputs, "-r", "local", *options)
        return label, command, self.bench.out(label)

    def _told(self, label: str, name: str, out: Path, series: measure.Series) -> Run:
        n_rows = count_lines([str(out / "tables" / "profile.tsv")]) - 1
        print(
            f"{label}: {series.median('wall'):.1f} s, CPU {series.median('cpu'):.1f} s, "
            f"{series.peak_mb:.0f} MB; load {os.getloadavg()[0]:.1f}",
            file=sys.stderr,
        )
        text, tables = (_size_mb(out, pattern) for pattern in ("*.tsv", "*.*"))
        return Run(series, count_lines(self.files(name)), n_rows, out, text, tables)

    def _in_turn(self, *wanted: tuple[str, ...]) -> list[Run]:
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
            runs.append(self._told(label, name, out, found[label]))
        return runs

    def peers(self) -> Iterator[Row]:
        """Yield wall, memory and CPU against DuckDB, on both inputs."""
        for name in ("plain", "other-sets"):
            files = self.files(name)
            ours = self.bench.gafreduce("local", files, "-r", "local")
            commands = {
                "ours": ours,
                "Python": self.bench.in_python("pure", files, "-r", "local"),
                "DuckDB": self.bench.peer("duckdb", files),
            }
            self.bench.clear()
            for command in commands.values():
                measure.timed(command)
            wrong = differences(self.bench.out("local") / "tables", self.bench.out("duckdb"))
            if wrong:
                raise measure.CommandError(f"the numbers differ: {wrong[0]}")
            found = measure.in_turn(commands, self.rounds, before=self.bench.clear)
            one, other = found["ours"], found["DuckDB"]
            wall = one.median("wall") / other.median("wall")
            cpu = one.median("cpu") / other.median("cpu")
            peak = one.peak_mb / other.peak_mb
            yield Row(f"wall against DuckDB, {name}", "<= 1.0", f"{wall:.2f}", wall <= 1)
            yield Row(
                f"peak memory against DuckDB, {name}",
                "<= 0.2",
                f"{peak:.2f} ({one.peak_mb:.0f} and {other.peak_mb:.0f} MB)",
                peak <= 0.2,
            )
            yield Row(f"CPU against DuckDB, {name}", "<= 1", f"{cpu:.2f}", cpu <= 1)
            pure = found["Python"].median("wall") / other.median("wall")
            pure_cpu = found["Python"].median("cpu") / other.median("cpu")
            yield Row(
                f"the same in Python alone, wall, {name}",
                "<= 1.0, or as above with the compiled twin",
                f"{pure:.2f} (CPU {pure_cpu:.2f})",
                min(pure, wall) <= 1,
            )

    def goatools(self) -> Iterator[Row]:
        """Yield wall against goatools' mere reading."""
        files = self.files("plain")
        found = measure.in_turn(
            {
                "ours": self.bench.gafreduce("local", files, "-r", "local"),
                "reading": self.bench.goatools_reading(files),
            },
            rounds=1,
            memory_rounds=0,
            before=self.bench.clear,
        )
        ratio = found["ours"].median("wall") / found["reading"].median("wall")
        yield Row("wall against goatools' mere reading", "<= 0.1", f"{ratio:.3f}", ratio <= 0.1)

    def gz(self) -> Iterator[Row]:
        """Yield the CPU of seven gz files, less that of inflating them, against plain text."""
        inflate = measure.in_turn({"zcat": word_count(self.files("plain-gz"))}, 3, 0)
        plain, packed = self._in_turn(("plain",), ("plain-gz",))
        ratio = (packed.cpu - inflate["zcat"].median("cpu")) / plain.cpu
        yield Row(
            "gz, seven files: CPU less that of zcat, against plain text",
            "<= 1.05",
            f"{ratio:.2f} (wall {packed.wall / plain.wall:.2f})",
            ratio <= 1.05,
        )

    def size_20m(self) -> Iterator[Row]:
        """Yield 20 M lines against 2 M."""
        return self._size("plain-20m")

    def size_100m(self) -> Iterator[Row]:
        """Yield 100 M lines against 2 M."""
        return self._size("plain-100m")

    def _size(self, name: str) -> Iterator[Row]:
        """Yield time per line and peak memory of an input against 2 M lines."""
        small, large = self.run("plain"), self.run(name, is_long=True)
        ratio, cpu = large.against(small)
        peak = large.peak_mb / small.peak_mb
        size = f"{large.n_lines / 1e6:.0f} M lines against 2 M"
        figure = f"{ratio:.2f} (CPU {cpu:.2f}; {large.wall:.0f} s)"
        yield Row(f"{size}: wall per line", "<= 1.1", figure, ratio <= 1.1)
        yield Row(
            f"{size}: peak memory",
            "<= 1.1",
            f"{peak:.2f} ({large.peak_mb:.0f} and {small.peak_mb:.0f} MB)",
            peak <= 1.1,
        )

    def shuffled(self) -> Iterator[Row]:
        """Yield shuffled lines against grouped ones."""
        grouped = self.run("plain-20m", is_long=True)
        mixed = self.run("shuffled-20m", is_long=True)
        (ratio, cpu), peak = mixed.against(grouped), mixed.peak_mb / grouped.peak_mb
        different = differences(
            grouped.out / "tables", mixed.out / "tables", without=COLUMNS_BY_FILE
        )
        figure = f"{ratio:.2f} (CPU {cpu:.2f}; {mixed.wall:.0f} s)"
        yield Row("shuffled, 20 M: wall against grouped", "<= 3", figure, ratio <= 3)
        yield Row(
            "shuffled, 20 M: peak memory",
            "bounded",
            f"{peak:.2f} of grouped ({mixed.peak_mb:.0f} MB)",
            peak <= 1.5,
        )
        yield Row(
            "shuffled, 20 M: tables, but for what tells files apart",
            "same bytes",
            different[0] if different else "the same",
            not different,
        )

    def shape(self, name: str) -> Iterator[Row]:
        """Yield the time per line and profile row of an odd shape against plain."""
        found, plain = self._in_turn((name,), ("plain",))
        ratio, cpu = found.against(plain, rows=True)
        yield Row(
            f"{SHAPES[name]}: wall per line and profile row, against plain",
            "<= 3",
            f"{ratio:.2f} (CPU {cpu:.2f}; {found.wall:.1f} s, {found.peak_mb:.0f} MB)",
            ratio <= 3,
        )

    def target_scope(self) -> Iterator[Row]:
        """Yield the CPU of the target scope against the full one."""
        target, full = self._in_turn(("plain", "--scope", "target"), ("plain",))
        ratio = target.cpu / full.cpu
        figure = f"{ratio:.2f} ({target.cpu:.2f} and {full.cpu:.2f} s)"
        yield Row("target scope: CPU against full scope", "<= 0.6", figure, ratio <= 0.6)

    def start(self) -> Iterator[Row]:
        """Yield the wall of commands that do nothing."""
        for option in ("--help", "--version"):
            command = [str(OURS / "gafreduce"), option]
            wall = measure.in_turn({option: command}, 10, 0)[option].median("wall")
            yield Row(f"gafreduce {option}", "<= 0.15 s", f"{wall:.2f} s", wall <= 0.15)

    def report(self) -> Iterator[Row]:
        """Yield what the report adds to a run after its imports, which run beside the job."""
        for name, what, seconds in (
            ("founding", "founding seven", 1.5),
            ("1000-organisms", "1,000 organisms", 60.0),
        ):
            imports, beside = 0.0, ""
            if name == "founding":  # a job shorter than the report's imports
                found = self._founding()
                tables, page = found["tables"], found["page"]
                imports = found["imports"].median("wall")
                beside = f"imports {imports:.1f} s, job {tables.median('wall'):.1f} s; "
            else:
                tables = self.run(name, is_long=True).series
                page = self.run(name, is_long=True, report=True).series
            added = page.median("wall") - max(tables.median("wall"), imports)
            yield Row(
                f"report, {what}: wall that it adds after its imports",
                f"<= {seconds:g} s",
                f"{added:.1f} s ({beside}peak {page.peak_mb:.0f} MB)",
                added <= seconds and page.peak_mb <= 1000,
            )

    def _founding(self) -> dict[str, measure.Series]:
        samples = HERE.parent / "data" / "samples"
        ontology = Bench(samples / "go-samples.obo", self.bench.scratch)
        tables = ontology.gafreduce("founding", [str(samples)])
        page = [option for option in tables if option != "--no-report"]
        heavy = "from gafreduce.reports.worker import import_heavy; import_heavy()"
        imports = [str(OURS / "python"), "-c", heavy]
        return measure.in_turn(
            {"tables": tables, "page": page, "imports": imports},
            self.rounds,
            before=self.bench.clear,
        )

    def stand_in_50m(self) -> Iterator[Row]:
        """Yield UniProt-GOA's shape at 50 M lines."""
        return self._stand_in("goa-50m")

    def stand_in_200m(self) -> Iterator[Row]:
        """Yield UniProt-GOA's shape at 200 M lines."""
        return self._stand_in("goa-200m")

    def _stand_in(self, name: str) -> Iterator[Row]:
        """Yield an input of UniProt-GOA's shape against what 2 M of its lines foretell.

        What they foretell is said before it is measured: by lines, a run's start taken apart.
        """
        small, start = self.run(f"{name}-sample"), self.run("goa-start")
        n_lines = int(INPUTS[name][-1])
        times = (n_lines - start.n_lines) / (small.n_lines - start.n_lines)
        wall = start.wall + (small.wall - start.wall) * times
        cpu = start.cpu + (small.cpu - start.cpu) * times
        # in memory a record is written when it is made and when it is sorted; above that, a run
        # of sorted ones too; what comes of the job, about the text of the tables, is written once
        text = small.text_mb
        spilled = (text + (small.spilled_mb - text) * 3 / 2) * times
        peak = small.peak_mb
        foretold = f"{wall:.0f} s, CPU {cpu:.0f} s, {peak:.0f} MB, {spilled:.0f} MB spilled"
        print(f"{name}: foretold are {foretold}", file=sys.stderr)
        large = self.run(name, is_long=True)
        after = self._run(f"{name}-sample")  # what the machine's mood makes of the same work
        for what, unit, one, other, same in (
            ("wall", "s", wall, large.wall, after.wall / small.wall),
            ("CPU", "s", cpu, large.cpu, after.cpu / small.cpu),
            ("peak memory", "MB", peak, large.peak_mb, after.peak_mb / peak),
            ("spilled", "MB", spilled, large.spilled_mb, after.spilled_mb / small.spilled_mb),
        ):
            yield Row(
                f"UniProt-GOA's shape, {n_lines / 1e6:.0f} M lines: {what} against foretold",
                "0.85 to 1.15",
                f"{other / one:.2f} ({one:.0f} {unit} foretold, {other:.0f} {unit} measured; the "
                f"sample took {same:.2f} times as much right after)",
                0.85 <= other / one <= 1.15,
            )


def _size_mb(folder: Path, pattern: str) -> float:
    return sum(path.stat().st_size for path in folder.rglob(pattern)) / measure.MB


#: Checks by name, the short ones first.
CHECKS: dict[str, Callable[[Rows], Iterator[Row]]] = {
    "start": Rows.start,
    "peers": Rows.peers,
    "target-scope": Rows.target_scope,
    "gz": Rows.gz,
    "goatools": Rows.goatools,
    **{name: partial(Rows.shape, name=name) for name in SHAPES},
    "report": Rows.report,
    "size-20m": Rows.size_20m,
    "shuffled": Rows.shuffled,
    "stand-in-50m": Rows.stand_in_50m,
    "size-100m": Rows.size_100m,
    "stand-in-200m": Rows.stand_in_200m,
}


def write(out: Path, name: str, found: list[Row]) -> None:
    """Put a check's rows beside those of the others, and write the table anew."""
    kept = out / "rows.json"
    checks = json.loads(kept.read_text()) if kept.exists() else {}
    checks[name] = {"machine": machine(), "rows": [asdict(row) for row in found]}
    kept.write_text(json.dumps(checks, indent=1) + "\n")
    lines = ["| what | bound | figure | holds |", "|---|---|---|---|"]
    for check in CHECKS:
        for row in checks.get(check, {"rows": []})["rows"]:
            holds = "yes" if row["holds"] else "**no**"
            lines.append(f"| {row['what']} | {row['bound']} | {row['figure']} | {holds} |")
    (out / "rows.md").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Measure the checks that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("whole", type=Path)
    parser.add_argument("obo", type=Path)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--out", type=Path, help="default: SCRATCH/results")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(CHECKS), default=list(CHECKS))
    arguments = parser.parse_args()
    out = arguments.out or arguments.scratch / "results"
    out.mkdir(parents=True, exist_ok=True)
    bench = Bench(arguments.obo.resolve(), arguments.scratch.resolve())
    rows = Rows(arguments.whole, bench, arguments.rounds)
    for name in arguments.only:
        found = list(CHECKS[name](rows))
        write(out, name, found)
        for row in found:
            print(f"{'' if row.holds else 'NOT '}held: {row.what} {row.bound}: {row.figure}")


if __name__ == "__main__":
    main()
