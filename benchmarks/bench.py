"""Runs gafreduce and its peers in turn over the same input, and tells ratios.

python bench.py INPUT_FOLDER OBO SCRATCH [ROUNDS]

The peers' environment is this interpreter's (`make bench` makes one); gafreduce is the one beside
it.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from pathlib import Path

from compare import differences
from measure import Measured, measure

HERE = Path(__file__).parent
COMMITTED = HERE / "committed.json"
WORSE = 1.15


def main(folder: Path, obo: Path, scratch: Path, rounds: int) -> int:
    """Measure, print a table, and warn when CPU is worse than what is committed."""
    files = [str(path) for path in sorted(folder.glob("*.gaf"))]
    n_lines = sum(map(_count_lines, files))
    ours, duck = scratch / "ours", scratch / "duckdb"
    gafreduce = str(Path(sys.executable).with_name("gafreduce"))
    base = [gafreduce, "run", *files, "--ontology", str(obo), "--no-report", "-q", "--force"]
    commands = {
        "gafreduce local": [*base, "-r", "local", "-o", str(ours)],
        "DuckDB": [sys.executable, str(HERE / "peer_duckdb.py"), str(obo), str(duck), *files],
        "gafreduce inline": [*base, "-r", "inline", "-o", str(scratch / "inline")],
        "gafreduce target scope": [
            *(*base, "-r", "local", "--scope", "target", "-o", str(scratch / "target"))
        ],
        "plain loop": [sys.executable, str(HERE / "peer_loop.py"), str(obo), *files],
        "wc -l (floor)": ["wc", "-l", *files],
    }
    found: dict[str, list[Measured]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            shutil.rmtree(duck, ignore_errors=True)
            measured = measure(command)
            if number:  # the first round warms caches
                found[name].append(measured)
            if name == "DuckDB" and not number:
                wrong = differences(ours, duck)
                if wrong:
                    print("the peers' numbers differ:", *wrong, sep="\n")
                    return 1
    _print(found, n_lines, rounds)
    return _check(found, n_lines)


def _count_lines(path: str) -> int:
    with Path(path).open("rb") as stream:
        return sum(1 for _ in stream)


def _medians(runs: list[Measured]) -> Measured:
    return Measured(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        max(run.peak_mb for run in runs),
    )


def _print(found: dict[str, list[Measured]], n_lines: int, rounds: int) -> None:
    peer = _medians(found["DuckDB"])
    print(f"{n_lines:,} lines, {rounds} rounds in turn; ratios to DuckDB\n")
    print(
        "| what | wall s (min, median, max) | CPU s | us CPU a line | peak MB | wall | CPU | memory |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, runs in found.items():
        one = _medians(runs)
        walls = sorted(run.wall for run in runs)
        print(
            f"| {name} | {walls[0]:.2f}, {one.wall:.2f}, {walls[-1]:.2f} | {one.cpu:.2f} | "
            f"{one.cpu / n_lines * 1e6:.2f} | {one.peak_mb:.0f} | {one.wall / peer.wall:.2f} | "
            f"{one.cpu / peer.cpu:.2f} | {one.peak_mb / peer.peak_mb:.2f} |"
        )


def _check(found: dict[str, list[Measured]], n_lines: int) -> int:
    """Warn when CPU against DuckDB's in the same run is worse than the committed ratio."""
    ratio = _medians(found["gafreduce local"]).cpu / _medians(found["DuckDB"]).cpu
    committed = json.loads(COMMITTED.read_text())["cpu_ratio_to_duckdb"]
    if ratio > WORSE * committed:
        print(f"\nWARNING: CPU is {ratio:.2f} of DuckDB's; committed is {committed:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4]), int(sys.argv[4]) if len(sys.argv) > 4 else 5))
