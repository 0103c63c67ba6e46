"""Checks against peers: gafreduce and its peers in turn over the same input.

First every command runs once, which warms all caches, and each peer's tables are compared with
ours: a check reports no time of tables that differ. The interpreter is that of the peers'
environment; gafreduce is the one in .venv.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import measure
from commands import Bench, count_lines, mawk, word_count
from compare import differences, what_is_compared
from harness import Row, Session, machine

COMMITTED = Path(__file__).with_name("committed.json")
WORSE = 1.15
REFERENCE = "DuckDB"
OURS = "gafreduce local"
PURE = "gafreduce local, in Python alone"
LOOP = "plain loop"

#: Peers by the name they are shown under. The slow ones run in the full benchmark only.
PEERS = {REFERENCE: "duckdb", LOOP: "loop"}
READING = "goatools, reading only"
SLOW_PEERS = {"polars": "polars", "goatools": "goatools", "naive mrjob": "mrjob"}


def commands(bench: Bench, files: list[str], quick: bool) -> dict[str, list[str]]:
    """Return the commands by name."""
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
    found[READING] = bench.goatools_reading(files)
    found["mawk, lines by term and taxon"] = mawk(files)
    found["wc -l"] = word_count(files)
    return found


def check_peers(bench: Bench, to_run: dict[str, list[str]]) -> list[str]:
    """Run each command once and describe where a peer's numbers differ from ours."""
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


def warnings(found: dict[str, measure.Series], n_lines: int) -> list[str]:
    """Warn when CPU per line grew by more than 15 % since the committed figure.

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


def compare_with_peers(session: Session, name: str, quick: bool = False) -> Iterator[Row]:
    """Yield wall, CPU and memory against DuckDB and goatools; print and keep the whole table.

    Args:
        session: Inputs and results.
        name: The input.
        quick: Whether only DuckDB and the plain loop run.

    Raises:
        CommandError: A peer's numbers differ from ours.
    """
    files = session.files(name)
    n_lines = count_lines(files)
    to_run = commands(session.bench, files, quick)
    wrong = check_peers(session.bench, to_run)
    if wrong:
        raise measure.CommandError(f"the numbers differ, so no time counts: {'; '.join(wrong)}")
    found = measure.in_turn(to_run, session.rounds, before=session.bench.clear)
    session.bench.clear()
    title = f"{n_lines:,} lines ({name}), {session.rounds} rounds in turn; {machine()}"
    text = measure.table(found, n_lines, REFERENCE)
    print(f"\n{title}\n\n{text}")
    if not quick:
        stem = session.out / name
        stem.with_suffix(".md").write_text(f"{title}\n\n{text}")
        measure.write_json(found, stem.with_suffix(".json"), n_lines=n_lines, machine=machine())
        measure.plot(found, stem.with_suffix(".png"), title)
    print(*warnings(found, n_lines), sep="\n")
    yield from _compare_with_bounds(found, name)


def _compare_with_bounds(found: dict[str, measure.Series], name: str) -> Iterator[Row]:
    ours, pure, other = found[OURS], found[PURE], found[REFERENCE]
    wall = ours.median("wall") / other.median("wall")
    cpu = ours.median("cpu") / other.median("cpu")
    peak = ours.peak_mb / other.peak_mb
    in_python = pure.median("wall") / other.median("wall")
    pure_cpu = pure.median("cpu") / other.median("cpu")
    peaks = f"{peak:.2f} ({ours.peak_mb:.0f} and {other.peak_mb:.0f} MB)"
    yield Row(f"wall against {REFERENCE}, {name}", "<= 1.0", f"{wall:.2f}", wall <= 1)
    yield Row(f"CPU against {REFERENCE}, {name}", "<= 1", f"{cpu:.2f}", cpu <= 1)
    yield Row(f"peak memory against {REFERENCE}, {name}", "<= 0.2", peaks, peak <= 0.2)
    yield Row(
        f"wall in Python alone against {REFERENCE}, {name}",
        "<= 1.0, or as above with the C extension",
        f"{in_python:.2f} (CPU {pure_cpu:.2f})",
        min(in_python, wall) <= 1,
    )
    if READING in found:
        ratio = ours.median("wall") / found[READING].median("wall")
        figure = f"{ratio:.3f}"
        yield Row(f"wall against {READING}, {name}", "<= 0.1", figure, ratio <= 0.1)


CHECKS: dict[str, Callable[[Session], Iterator[Row]]] = {
    "quick": partial(compare_with_peers, name="plain", quick=True),
    "peers": partial(compare_with_peers, name="plain"),
    "peers-other-sets": partial(compare_with_peers, name="other-sets"),
}
