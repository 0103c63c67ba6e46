"""Progress: one line that is alive in every phase, and nothing where there is no terminal."""

from __future__ import annotations

import fcntl
import io
import logging
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from gafreduce.jobs.files import read_meter
from gafreduce.jobs.runners.process_pool import ProcessPool
from gafreduce.terminal.progress import show_progress
from gafreduce.terminal.progress_line import PHASES, ProgressLine

GAFREDUCE = Path(sys.executable).with_name("gafreduce")
MB = 1_000_000


def begin(*phases: str, stored: int = 100 * MB) -> ProgressLine:
    line = ProgressLine(0.0)
    line.update({"phases": phases or tuple(PHASES), "stored": stored, "text": stored}, 0.0)
    return line


def percent(text: str) -> int:
    return int(text.partition(" %")[0].split()[-1])


def test_bytes_are_those_of_the_whole_run_with_speed_and_time_left() -> None:
    line = begin()
    line.update({"phase": "job"}, 1.0)
    line.update({"bytes": 50 * MB}, 3.0)
    text = line.render(3.0, 100)
    assert text.startswith("reading  ")
    assert "50.0 MB of 200 MB" in text
    assert "25.0 MB/s" in text
    assert text.endswith(" left")
    assert len(text) < 100


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_it_is_shorter_than_the_terminal_is_wide(width: int) -> None:
    line = begin()
    for number, name in enumerate(PHASES):
        line.update({"phase": name}, 10.0 * number)
        line.update({"bytes": 50 * MB}, 10.0 * number + 5)
        assert len(line.render(10.0 * number + 9, width)) < width


def test_every_phase_is_alive_and_nothing_goes_back() -> None:
    line, now, shown = begin(), 0.0, [0]
    for name in PHASES:
        line.update({"phase": name}, now)
        texts = set()
        for _ in range(5):
            now += 1
            text = line.render(now, 100)
            texts.add(text)
            shown.append(percent(text))
        assert len(texts) == 5, name
    assert shown == sorted(shown)
    assert 40 < shown[-1] < 100


def test_a_pass_that_is_read_is_counted_and_then_reread() -> None:
    line = begin()
    line.update({"phase": "job"}, 0.0)
    line.update({"bytes": 100 * MB}, 1.0)
    assert line.render(1.5, 100).startswith("counting")
    before = percent(line.render(1.5, 100))
    line.update({"done": 3, "total": 4}, 2.0)
    assert percent(line.render(2.0, 100)) > before
    line.update({"phase": "rereading"}, 3.0)
    line.update({"bytes": 150 * MB}, 4.0)
    assert "150 MB of 200 MB  50.0 MB/s" in line.render(4.0, 100)


def test_tasks_of_a_cluster_are_counted_without_bytes() -> None:
    line = begin("inputs", "job", "counting", "tables")
    line.update({"phase": "job"}, 0.0)
    line.update({"done": 50, "total": 100}, 60.0)
    text = line.render(60.0, 100)
    assert "MB" not in text
    assert percent(text) > 20


def test_what_forked_processes_read_is_reported() -> None:
    found: list[int] = []
    with read_meter.open_meter(found.append):
        before = found[-1] if found else 0
        read_meter.count(5)
        with ProcessPool([lambda: read_meter.count(10)] * 3, 2) as pool:
            list(pool.run())
    assert found[-1] - found[0] == 30
    assert found == sorted(found)
    assert found[0] - before >= 5
    read_meter.count(5)
    assert read_meter.is_open() is False


def test_nothing_is_shown_without_a_terminal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)  # no process is started
    with show_progress(quiet=False) as progress:
        progress.plan(("job",), 1, 1)
        progress.begin("job")
        progress.count_tasks(1, 2)
        progress.count_bytes(1)
    assert capfd.readouterr() == ("", "")


class Terminal(io.TextIOWrapper):
    """Standard error on a pseudo terminal of 80 columns."""

    def __init__(self) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        super().__init__(os.fdopen(theirs, "wb", 0), write_through=True)

    def read_all(self) -> str:
        found = b""
        try:
            while block := os.read(self.ours, 1 << 16):
                found += block
        except OSError:  # the other end is closed
            os.close(self.ours)
        return found.decode()


def test_a_terminal_shows_one_line_which_messages_do_not_break(samples: Path) -> None:
    terminal = Terminal()
    child = subprocess.Popen(
        [GAFREDUCE, "check", samples, "--ontology", samples / "go-samples.obo", "-v"],
        env={**os.environ, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    )
    terminal.close()
    shown = terminal.read_all()
    assert child.wait() == 0
    drawn = shown.split("\r\x1b[K")
    lines = [part for part in drawn if part and "gafreduce: " not in part]
    assert lines
    assert all("\n" not in line and len(line) < 80 for line in lines)
    assert shown.endswith("\x1b[K")
    messages = [line for part in drawn if "gafreduce: " in part for line in part.splitlines()]
    assert messages
    assert all(line.startswith("gafreduce: ") for line in messages)


def test_log_messages_return_to_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("select.PIPE_BUF", 200)
    handler = logging.StreamHandler(terminal)
    logging.getLogger().addHandler(handler)
    try:
        with show_progress(quiet=False):
            assert handler.stream is not terminal
            logging.getLogger("gafreduce.test").warning("x" * 200)  # too long for the pipe
        assert handler.stream is terminal
    finally:
        logging.getLogger().removeHandler(handler)
    terminal.close()
    assert "x" * 200 in terminal.read_all().replace("\r\n", "")
