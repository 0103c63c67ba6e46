"""Draw the life, CPU time and memory of each process of a command as a Gantt chart.

    python timeline.py COMMAND...

Sampled every 20 ms from /proc, so a process that lives shorter may be missed, and what a process
took in its last moments. Which stage waits for which, which core is idle, and whose memory is the
peak is seen at a glance; functions are `make profile`'s. Linux only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from measure import MB, SAMPLE_SECONDS, family, pss

_WIDTH = 60
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Life:
    """What was seen of one process."""

    start: float  # seconds since the command began
    command: str
    end: float = 0.0
    cpu: float = 0.0  # seconds
    peak_mb: float = 0.0
    busy: list[float] = field(default_factory=list)  # when it took CPU


def watch(command: list[str]) -> tuple[dict[int, Life], float, float]:
    """Run a command; return its processes by pid, its wall, and the peak of the sum in MB."""
    lives: dict[int, Life] = {}
    peak = 0.0
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        now = time.monotonic() - begun
        sizes = {pid: pss(pid) / MB for pid in family(process.pid)}
        peak = max(peak, sum(sizes.values()))
        for pid, size in sizes.items():
            life = lives.setdefault(pid, Life(now, _command(pid)))
            cpu = _cpu(pid)
            if cpu > life.cpu:
                life.busy.append(now)
            life.end, life.cpu = now, max(life.cpu, cpu)
            life.peak_mb = max(life.peak_mb, size)
        time.sleep(SAMPLE_SECONDS)
    return lives, time.monotonic() - begun, peak


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return " ".join(word.rpartition("/")[2] for word in words)[:30]


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def chart(lives: dict[int, Life], wall: float) -> str:
    """Return a line for each process: when it was there (.) and took CPU (#)."""
    lines = []
    for life in sorted(lives.values(), key=lambda life: life.start):
        bar = [" "] * _WIDTH
        for place in range(_place(life.start, wall), _place(life.end, wall) + 1):
            bar[place] = "."
        for moment in life.busy:
            bar[_place(moment, wall)] = "#"
        lines.append(
            f"{life.start:6.2f} {life.end:6.2f} {life.cpu:6.2f} {life.peak_mb:5.0f} "
            f"|{''.join(bar)}| {life.command}"
        )
    return "\n".join(["  from     to    CPU    MB", *lines])


def _place(moment: float, wall: float) -> int:
    return min(int(moment / wall * _WIDTH), _WIDTH - 1)


if __name__ == "__main__":
    seen, seconds, peak_mb = watch(sys.argv[1:])
    print(chart(seen, seconds))
    print(f"wall {seconds:.2f} s, peak of the sum {peak_mb:.0f} MB")
