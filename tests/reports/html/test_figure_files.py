"""The process that draws the files of figures: its errors, its death, and its being stopped."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gafreduce.errors import TransientError
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.html import figure_files
from gafreduce.reports.html.figure_files import FigureWriter


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "figures/rates.png")


def stop() -> None:
    """Stop this process; another one continues it."""
    subprocess.Popen(["sh", "-c", f"sleep 1; kill -CONT {os.getpid()}"])
    os.kill(os.getpid(), signal.SIGSTOP)


@pytest.fixture
def draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Return a function that draws a PNG, and does something while it is drawn."""

    def call(action: Callable[[], None]) -> None:
        monkeypatch.setitem(figure_files._SAVERS, "png", lambda figure, stream: action())
        writer = FigureWriter(RunFolder(tmp_path), formats=["png"])
        writer.write("rates", writer.make_canvas("").finish(), "", "", None)  # type: ignore[arg-type]
        writer.finish()

    return call


def test_a_killed_drawing_process_is_named_with_advice(
    draw: Callable[[Callable[[], None]], None],
) -> None:
    with pytest.raises(TransientError, match=r"ended by SIGKILL \(out of memory\?"):
        draw(kill)


def test_the_error_of_a_drawing_process_is_raised(
    draw: Callable[[Callable[[], None]], None],
) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        draw(fill_disk)
    assert caught.value.errno == errno.ENOSPC


def test_a_stopped_drawing_process_is_named_and_waited_for(
    draw: Callable[[Callable[[], None]], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("gafreduce.processes.TICK_SECONDS", 0.05)
    with caplog.at_level(logging.WARNING):
        draw(partial(stop))
    assert caplog.text.count("which draws figures, was stopped by a signal") == 1
    assert (tmp_path / "figures" / "rates.png").is_file()
