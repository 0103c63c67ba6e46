"""Runs gafreduce and its peers in turn over the same input, and tells ratios.

    python bench.py INPUT_FOLDER OBO SCRATCH [--quick] [--rounds N] [--out FOLDER]

First every command runs once, which warms all caches, and each peer's tables are held against ours:
no time is told of tables that differ. Run with the interpreter of the peers' environment; gafreduce
is the one in .venv.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path

import measure
from commands import Bench, count_lines, input_files, mawk, word_count
from compare import differences, what_is_compared

COMMITTED = Path(__file__).with_name("committed.json")
WORSE = 1.15
REFERENCE = "DuckDB"
OURS = "gafreduce local"
PURE = "gafreduce local, in Python alone"
LOOP = "plain loop"

#: Peers by the name they are shown under. The slow ones run in the full benchmark only.
PEERS = {REFERENCE: "duckdb", LOOP: "loop"}
SLOW_PEERS = {"polars": "polars", "goatools": "goatools", "naive mrjob": "mrjob"}


def commands(bench: Bench, files: list[str], quick: bool) -> dict[str, list[str]]:
    """Return the commands by the name they are shown under."""
    found = {
        OURS: bench.gafreduce("local", files, "-r", "local"),
        PURE: bench.in_python("pure", files, "-r", "local"),
    }
    found |= {shown: bench.peer(name, files) for shown, name in PEERS.items()}
    if quick:
        return found
    found |= {
        "gafreduce inline": bench.gafreduce("inline", files, "-r", "inline"),
        "gafreduce target scope": bench.gafreduce(
            "target", files, "-r", "local", "--scope", "target"
        ),
    }
    found |= {shown: bench.peer(name, files) for shown, name in SLOW_PEERS.items()}
    found["goatools, reading only"] = bench.goatools_reading(files)
    found["mawk, lines by term and taxon"] = mawk(files)
    found["wc -l"] = word_count(files)
    return found


def check_peers(bench: Bench, to_run: dict[str, list[str]]) -> list[str]:
    """Run each command once; return in words where a peer's numbers are not ours."""
    bench.clear()
    for name, command in to_run.items():
        print(f"once: {name}", file=sys.stderr)
        measure.timed(command)
    wrong = []
    for shown, name in (PEERS | SLOW_PEERS | {PURE: "pure/tables"}).items():
        if shown in to_run:
            differing = differences(bench.out("local") / "tables", bench.out(name))
            wrong += [f"{shown}: {text}" for text in differing]
            if not differing:
                print(f"{shown}: the same tables (columns): {what_is_compared(bench.out(name))}")
    return wrong


def machine() -> str:
    """Return what the figures were taken on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, load before {os.getloadavg()[0]:.1f}"
    )


def warnings(found: dict[str, measure.Series], n_lines: int) -> list[str]:
    """Return what got worse by more than 15 % since the committed figures.

    CPU per line depends on the machine and its mood, so the committed figure is scaled by what the
    plain loop, which never changes, takes here and now.
    """
    committed = json.loads(COMMITTED.read_text())
    mood = _us_per_line(found[LOOP], n_lines) / committed["loop_us_cpu_per_line"]
    expected = committed["us_cpu_per_line"] * mood
    now = _us_per_line(found[OURS], n_lines)
    print(
        f"\nCPU: {now:.2f} us a line; committed {committed['us_cpu_per_line']:.2f}, which is "
        f"{expected:.2f} at the speed of the plain loop here and now"
    )
    if now > WORSE * expected:
        return [f"WARNING: CPU per line is {now / expected - 1:.0%} worse than committed"]
    return []


def _us_per_line(series: measure.Series, n_lines: int) -> float:
    return series.median("cpu") / n_lines * 1e6


def main() -> int:
    """Measure, print a table, and warn when CPU is worse than what is committed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", type=Path)
    parser.add_argument("obo", type=Path)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--quick", action="store_true", help="DuckDB and the plain loop only")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="folder for the table, the plot and JSON")
    arguments = parser.parse_args()
    bench = Bench(arguments.obo.resolve(), arguments.scratch.resolve())
    bench.scratch.mkdir(parents=True, exist_ok=True)
    files = input_files(arguments.input)
    n_lines = count_lines(files)
    where = machine()
    to_run = commands(bench, files, arguments.quick)
    wrong = check_peers(bench, to_run)
    if wrong:
        print("no times are told, for the numbers differ:", *wrong, sep="\n")
        return 1
    found = measure.in_turn(to_run, arguments.rounds, before=bench.clear)
    bench.clear()
    title = (
        f"{n_lines:,} lines ({arguments.input.name}), {arguments.rounds} rounds in turn; {where}"
    )
    text = measure.table(found, n_lines, REFERENCE)
    print(f"\n{title}\n\n{text}")
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        stem = arguments.out / arguments.input.name
        stem.with_suffix(".md").write_text(f"{title}\n\n{text}")
        measure.write_json(found, stem.with_suffix(".json"), n_lines=n_lines, machine=where)
        measure.plot(found, stem.with_suffix(".png"), title)
    print(*warnings(found, n_lines), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
