"""Measure whole commands with all their processes, in turn, over several rounds.

    python measure.py [--rounds N] [--out FOLDER] NAME=COMMAND...

wall    from start to end, seconds
CPU     user and system seconds of the command and every process it waited for (wait4)
peak    the most that the command and all its descendants held at one time: the sum of their
        proportional set sizes (PSS), so that pages which forked processes share count once. Sampled
        every 20 ms from /proc/PID/smaps_rollup: a peak between two samples is missed
read    bytes that all of them read from files, pipes and the page cache (rchar of /proc/PID/io);
        what is mapped into memory instead does not show. Written: likewise (wchar)

Sampling walks the pages of what it measures, so it costs time: memory is taken in rounds of its
own, and timed rounds are not sampled. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

SAMPLE_SECONDS = 0.02
SAMPLE_SECONDS_OF_LONG_RUNS = 0.25  # so seldom that it costs a run of minutes next to nothing
MB = 1e6


class CommandError(ValueError):
    """A measured command failed: its figures would mean nothing."""


@dataclass(frozen=True)
class Timed:
    """The figures of one run of a command."""

    wall: float  # seconds
    cpu: float  # seconds, of all processes
    read_mb: float  # MB
    written_mb: float  # MB


@dataclass
class Series:
    """All runs of one command."""

    timed: list[Timed] = field(default_factory=list)
    peaks_mb: list[float] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Return the median of a field of Timed."""
        return statistics.median(self.values(name))

    def values(self, name: str) -> list[float]:
        """Return a field of Timed of all runs, sorted."""
        return sorted(getattr(run, name) for run in self.timed)

    @property
    def peak_mb(self) -> float:
        """The highest peak seen; 0 when memory was not measured."""
        return max(self.peaks_mb, default=0.0)


def timed(command: Sequence[str]) -> Timed:
    """Run a command and return what it took.

    Raises:
        CommandError: It failed.
    """
    return _measured(command, lambda pid: None)


def watched(command: Sequence[str]) -> tuple[Timed, float]:
    """Run a command of minutes once; return what it took, and its peak as `peak_mb` does.

    Raises:
        CommandError: It failed.
    """
    peaks = [0.0]

    def watch(pid: int) -> None:
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            peaks.append(sum(map(pss, family(pid))) / MB)
            time.sleep(SAMPLE_SECONDS_OF_LONG_RUNS)

    taken = _measured(command, watch)
    return taken, max(peaks)


def _measured(command: Sequence[str], watch: Callable[[int], None]) -> Timed:
    """Run a command, and with its pid something else that ends before the command is reaped."""
    start = time.monotonic()
    process = _started(command)
    watch(process.pid)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - start
    read, written = _bytes_moved(process.pid)  # with those of children that it waited for
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    _check(process, command)
    return Timed(wall, usage.ru_utime + usage.ru_stime, read / MB, written / MB)


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command as on a machine where Python keeps the bytecode that it has compiled."""
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)


def peak_mb(command: Sequence[str]) -> float:
    """Run a command and return the most memory that all its processes held at one time, in MB.

    Raises:
        CommandError: It failed.
    """
    process = _started(command)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(pss, family(process.pid))))
        time.sleep(SAMPLE_SECONDS)
    _check(process, command)
    return peak / MB


def in_turn(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    memory_rounds: int = 1,
    before: Callable[[], object] = lambda: None,
) -> dict[str, Series]:
    """Run all commands once, then all again, and so on: what disturbs the machine disturbs all.

    Every second round goes backwards, so that none is always the one after the heaviest.

    Args:
        commands: By name.
        rounds: Timed rounds.
        memory_rounds: Further rounds in which memory is sampled.
        before: Called before each command, outside its time.
    """
    found = {name: Series() for name in commands}
    for number in range(rounds + memory_rounds):
        for name in list(commands)[:: -1 if number % 2 else 1]:
            before()
            if number < rounds:
                found[name].timed.append(timed(commands[name]))
            else:
                found[name].peaks_mb.append(peak_mb(commands[name]))
    return found


def table(found: Mapping[str, Series], n_lines: int, reference: str) -> str:
    """Return the figures as a Markdown table, with ratios of medians to the reference's."""
    against = found[reference]
    lines = [
        f"| what | wall s: min, median, max | CPU s | us CPU a line | peak MB | read MB "
        f"| wall to {reference} | CPU to {reference} | memory to {reference} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, series in found.items():
        walls, wall, cpu = series.values("wall"), series.median("wall"), series.median("cpu")
        lines.append(
            f"| {name} | {walls[0]:.2f}, {wall:.2f}, {walls[-1]:.2f} | {cpu:.2f} "
            f"| {cpu / n_lines * 1e6:.2f} | {series.peak_mb:.0f} | {series.median('read_mb'):.0f} "
            f"| {wall / against.median('wall'):.2f} | {cpu / against.median('cpu'):.2f} "
            f"| {series.peak_mb / against.peak_mb if against.peak_mb else 0:.2f} |"
        )
    return "\n".join(lines) + "\n"


def write_json(found: Mapping[str, Series], path: Path, **facts: object) -> None:
    """Write every run's figures, and facts about the machine."""
    path.write_text(
        json.dumps({**facts, "runs": {name: asdict(s) for name, s in found.items()}}, indent=1)
        + "\n"
    )


def plot(found: Mapping[str, Series], path: Path, title: str) -> None:
    """Draw wall and CPU of each command: the median as a bar, minimum and maximum as whiskers."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(found)[::-1]
    figure, axes = pyplot.subplots(1, 2, sharey=True, figsize=(10, 1 + 0.4 * len(names)))
    for axis, what, label in zip(axes, ("wall", "cpu"), ("wall, s", "CPU, s"), strict=True):
        medians = [found[name].median(what) for name in names]
        low = [m - found[n].values(what)[0] for n, m in zip(names, medians, strict=True)]
        high = [found[n].values(what)[-1] - m for n, m in zip(names, medians, strict=True)]
        axis.barh(names, medians, xerr=(low, high), color="#56B4E9", ecolor="black", capsize=3)
        axis.set_xlabel(f"{label} (median; whiskers: minimum, maximum)")
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def _check(process: subprocess.Popen[bytes], command: Sequence[str]) -> None:
    if process.returncode:
        raise CommandError(f"{shlex.join(command)[:300]}: ended with {process.returncode}")


def _bytes_moved(pid: int) -> tuple[int, int]:
    """Return the bytes that an ended process, not yet waited for, and its children moved."""
    try:
        text = Path(f"/proc/{pid}/io").read_text()
    except OSError:
        return 0, 0
    counts = dict(line.split(": ") for line in text.splitlines())
    return int(counts["rchar"]), int(counts["wchar"])


def family(root: int) -> set[int]:
    """Return a process and its descendants."""
    parents = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text()
            except OSError:
                continue  # it has ended
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def pss(pid: int) -> int:
    """Return the proportional set size of a process in bytes; 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = text.partition("\nPss:")[2].split(None, 1)
    return int(found[0]) * 1024 if found else 0


def main() -> None:
    """Measure the commands named, and write table, plot and JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1, help="lines of the input")
    parser.add_argument("--out", type=Path, help="folder for the table, the plot and JSON")
    parser.add_argument("command", nargs="+", metavar="NAME=COMMAND")
    arguments = parser.parse_args()
    commands = {
        name: shlex.split(command)
        for name, _, command in (text.partition("=") for text in arguments.command)
    }
    found = in_turn(commands, arguments.rounds)
    text = table(found, arguments.lines, next(iter(commands)))
    print(text)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "measured.md").write_text(text)
        write_json(found, arguments.out / "measured.json", n_lines=arguments.lines)
        plot(found, arguments.out / "measured.png", f"{arguments.rounds} rounds in turn")


if __name__ == "__main__":
    main()
