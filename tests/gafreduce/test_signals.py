from __future__ import annotations

import contextlib
import importlib.abc
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from gafreduce import __main__, signals
from gafreduce.pipeline.stages import Stages
from gafreduce.storage import hadoop


class Swallows:
    """Its destructor is interrupted, and Python drops what that raises."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_dropped_interrupt_is_raised_at_the_next_stage(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    stages = Stages(lambda name, done, total: None)
    with signals.handle_signals():
        with stages.stage("job"):
            stages.track("tasks")(1, 2)
        try:
            del [Swallows(number)][0]
        except KeyboardInterrupt:  # where Python does not drop it
            return
        with pytest.raises(KeyboardInterrupt):
            stages.track("tasks")(2, 2)
        with pytest.raises(KeyboardInterrupt), stages.stage("tables"):
            pass
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cleaning_up_is_not_interrupted_by_another_signal(number: signal.Signals) -> None:
    done = []

    @contextlib.contextmanager
    def cleans_up(name: str) -> Iterator[None]:
        try:
            yield
        finally:
            try:
                raise ValueError(name)
            except ValueError:
                os.kill(os.getpid(), number)
            done.append(name)

    with (
        pytest.raises(KeyboardInterrupt),
        signals.handle_signals(),
        cleans_up("outer"),
        cleans_up("inner"),
    ):
        os.kill(os.getpid(), signal.SIGINT)
    assert done == ["inner", "outer"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_after_a_dropped_one_is_raised() -> None:
    with signals.handle_signals():
        with contextlib.suppress(KeyboardInterrupt):  # where Python does not drop it
            del [Swallows(signal.SIGINT)][0]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_programs_of_hadoop_get_no_signals_of_the_terminal() -> None:
    group = hadoop.run_program(sys.executable, "-c", "import os; print(os.getpgrp())").stdout
    assert int(group) != os.getpgrp()


def test_an_old_signal_does_not_end_the_next_command() -> None:
    with pytest.raises(KeyboardInterrupt), signals.handle_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    with signals.handle_signals():
        signals.raise_pending()


class _Interrupted(importlib.abc.MetaPathFinder):
    """Finds the command line, and Ctrl-C is pressed while it does."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "gafreduce.cli.main":
            raise KeyboardInterrupt


def test_an_interrupt_during_imports_prints_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "gafreduce.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as caught:
        __main__.entry()
    assert caught.value.code == 130
    assert capsys.readouterr().err == "gafreduce: interrupted; nothing was published\n"
