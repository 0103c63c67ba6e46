"""The line that shows the progress of a command: phase, bar, bytes, speed and time left.

The work of a phase is counted in bytes of text, so that phases that read nothing are part of the
time left, too: sorting takes half as long as reading, and a report as long as reading 300 MB.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Phase(NamedTuple):
    """A phase of a command."""

    label: str
    cost: float  # for each byte of the inputs' text
    fixed_cost: float = 0.0
    reads: bool = False  # whether it reads the inputs


#: The phases of commands, in their order.
PHASES: Mapping[str, Phase] = {
    "inputs": Phase("getting inputs", 0.02),
    "job": Phase("reading", 1.0, reads=True),
    "counting": Phase("counting", 0.5),
    "tables": Phase("writing tables", 0.15, 2e7),
    "context": Phase("computing", 0.0, 1e8),
    "rereading": Phase("reading again", 0.4, reads=True),
    "report": Phase("making the report", 0.0, 3e8),
}
#: Bytes of text in a second, until that is known.
_USUAL_SPEED = 1e8
#: A phase is never shown as done before the next one begins.
_MOST = 0.99
_MOST_BAR = 40


class ProgressLine:
    """The state of a command, as its messages give it."""

    def __init__(self, now: float) -> None:
        """Begin at a time, in seconds."""
        self._start = self._phase_start = now
        self._name = ""
        self._phases: Sequence[str] = ()
        self._stored = 0  # bytes that each pass reads
        self._text = 0  # bytes when decompressed
        self._read = self._read_before = 0  # bytes in all passes, and in those before
        self._share = 0.0  # of the phase that is done, as its tasks report it
        self._most_done = 0.0

    def update(self, message: Mapping[str, Any], now: float) -> None:
        """Take a message of `gafreduce.terminal.progress`."""
        if "phases" in message:
            self._phases = message["phases"]
            self._stored, self._text = message["stored"], message["text"]
        if "phase" in message:
            self._begin(message["phase"], now)
        if "bytes" in message:
            self._read = message["bytes"]
            has_read_all = self._stored and self._read - self._read_before >= self._stored
            if self._name == "job" and has_read_all:
                self._begin("counting", now)
        elif "total" in message and not (self._is_reading and self._read > self._read_before):
            self._share = max(self._share, message["done"] / max(message["total"], 1))

    def _begin(self, name: str, now: float) -> None:
        self._name, self._phase_start = name, now
        self._share, self._read_before = 0.0, self._read

    @property
    def _is_reading(self) -> bool:
        return self._name in PHASES and PHASES[self._name].reads

    def _find_cost(self, name: str) -> float:
        return PHASES[name].cost * self._text + PHASES[name].fixed_cost

    def _measure(self, now: float) -> tuple[float, float]:
        """Return the cost of what is done, and of all phases."""
        names = [name for name in self._phases if name in PHASES]
        total = sum(map(self._find_cost, names))
        if self._name not in names:
            return 0.0, total
        before = sum(map(self._find_cost, names[: names.index(self._name)]))
        cost = self._find_cost(self._name)
        share = self._share
        if self._is_reading and self._stored and self._read > self._read_before:
            share = (self._read - self._read_before) / self._stored
        elif not share and cost:  # nothing is known of this phase: it goes on as fast as the others
            earlier = self._phase_start - self._start
            speed = before / earlier if earlier > 1 and before else _USUAL_SPEED
            share = 1 - math.exp(-(now - self._phase_start) * speed / cost)  # slower and slower
        self._most_done = max(self._most_done, before + min(share, _MOST) * cost)
        return self._most_done, total

    def render(self, now: float, width: int) -> str:
        """Return the line, shorter than a terminal is wide."""
        done, total = self._measure(now)
        share = done / total if total else 0.0
        label = PHASES[self._name].label if self._name in PHASES else self._name
        elapsed = now - self._start
        known = [f"{label:<17}", f"{100 * share:3.0f} %", *self._describe_bytes(now)]
        known.append(_format_time(elapsed))
        if share > 0.02 and elapsed > 1:
            known.append(f"{_format_time(elapsed * (1 - share) / share)} left")
        room = width - 1 - len("  ".join(known)) - len("[]  ")
        if room >= 8:
            n_filled = round(min(room, _MOST_BAR) * share)
            known.insert(1, f"[{'#' * n_filled:.<{min(room, _MOST_BAR)}}]")
        return "  ".join(known)[: max(width - 1, 0)]

    def _describe_bytes(self, now: float) -> list[str]:
        """Return the bytes that were read, of those of all passes, and the speed while reading."""
        n_passes = sum(PHASES[name].reads for name in self._phases if name in PHASES)
        if not self._stored or not n_passes or not self._read:
            return []
        found = [f"{_format_bytes(self._read)} of {_format_bytes(n_passes * self._stored)}"]
        seconds = now - self._phase_start
        if self._is_reading and seconds > 0.2:
            found.append(f"{_format_bytes((self._read - self._read_before) / seconds)}/s")
        return found


def _format_bytes(number: float) -> str:
    """Return a number of bytes with three digits.

    >>> _format_bytes(0), _format_bytes(1_234_000), _format_bytes(98_700_000_000)
    ('0 kB', '1.23 MB', '98.7 GB')
    """
    for size, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if number >= size:
            value = number / size
            return f"{value:.{2 - (value >= 10) - (value >= 100)}f} {unit}"
    return f"{number / 1e3:.0f} kB"


def _format_time(seconds: float) -> str:
    """Return a duration as `0:04` or `1:02:03`.

    >>> _format_time(3.6), _format_time(3723)
    ('0:04', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
