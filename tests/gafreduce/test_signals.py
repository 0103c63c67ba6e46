from __future__ import annotations

import contextlib
import errno
import importlib.abc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gafreduce import __main__, signals
from gafreduce.commands.inputs import term_set
from gafreduce.errors import EXIT_CODES, Terminated, exit_code
from gafreduce.pipeline.stages import Stages
from gafreduce.storage import hadoop
from gafreduce.terminal.progress import Progress

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Swallows:
    """Its destructor is interrupted, and Python drops what that raises."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_dropped_interrupt_is_raised_at_the_next_stage(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    stages = Stages(Progress())
    with signals.handle_signals():
        with stages.stage("job"):
            stages.count_tasks(1, 2)
        try:
            del [Swallows(number)][0]
        except KeyboardInterrupt:  # where Python does not drop it
            return
        with pytest.raises(KeyboardInterrupt):
            stages.count_tasks(2, 2)
        with pytest.raises(KeyboardInterrupt), stages.stage("tables"):
            pass
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", NUMBERS)
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


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_gives_its_exit_code(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt) as caught, signals.handle_signals():
        os.kill(os.getpid(), number)
    assert exit_code(caught.value) == 128 + number


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_that_the_parent_ignores_stays_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with signals.handle_signals():
            os.kill(os.getpid(), number)
            signals.raise_pending()
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_during_imports_gives_its_exit_code(
    tmp_path: Path, number: signal.Signals
) -> None:
    program = (
        "import importlib.abc, os, sys\n"
        "class Finder(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'gafreduce.commands.runs.run':\n"
        f"            os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.argv = ['gafreduce', 'run', 'x']\n"
        "from gafreduce.__main__ import entry\n"
        "entry()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 128 + number
    assert done.stderr == f"gafreduce: {EXIT_CODES[128 + number]}; nothing was published\n"


def test_an_interrupt_that_is_held_back_is_raised_later() -> None:
    with signals.handle_signals():
        signals.hold_back()
        os.kill(os.getpid(), signal.SIGTERM)
        signals.raise_pending()
        with pytest.raises(Terminated):
            signals.resume()


def test_an_interrupt_after_publishing_says_so(
    gafreduce: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(arguments: object) -> Iterator[str]:
        signals.hold_back()
        os.kill(os.getpid(), signal.SIGHUP)
        signals.mark_published()
        yield "done"

    monkeypatch.setattr(term_set, "run", publish)
    expected = (129, "", "gafreduce: hung up; the results were published\n")
    assert gafreduce("term-set", "GO:1") == expected


def test_an_error_after_publishing_has_the_exit_code_of_published_results(
    gafreduce: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(arguments: object) -> Iterator[str]:
        signals.mark_published()
        yield "path"
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(term_set, "run", publish)
    assert gafreduce("term-set", "GO:1")[0] == 4


@pytest.fixture
def send_while_published(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that plans a signal for the moment in which results get their names."""

    def plan(number: int) -> None:
        hold_back = signals.hold_back

        def interrupt() -> None:
            hold_back()
            os.kill(os.getpid(), number)

        monkeypatch.setattr(signals, "hold_back", interrupt)

    return plan


def test_a_signal_while_files_get_their_names_leaves_all_of_them(
    gafreduce: Callable[..., tuple[int, str, str]],
    send_while_published: Callable[[int], None],
    samples: Path,
    tmp_path: Path,
) -> None:
    send_while_published(signal.SIGTERM)
    source = samples / "Bacillus_subtilis_168-224308.gaf"
    outputs = ("-o", tmp_path / "x.gpad", "--write-gpi", tmp_path / "x.gpi")
    code, _, errors = gafreduce("convert", source, "--to", "gpad2.0", *outputs)
    assert (code, errors) == (143, "gafreduce: terminated; the results were published\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.gpad", "x.gpi"]


def test_a_signal_while_a_run_folder_gets_its_name_leaves_it_whole(
    gafreduce: Callable[..., tuple[int, str, str]],
    send_while_published: Callable[[int], None],
    samples: Path,
    tmp_path: Path,
) -> None:
    send_while_published(signal.SIGHUP)
    source = samples / "Bacillus_subtilis_168-224308.gaf"
    options = ("--ontology", samples / "go-samples.obo", "--no-report", "-o", tmp_path / "run")
    code, _, errors = gafreduce("run", source, *options)
    assert (code, errors) == (129, "gafreduce: hung up; the results were published\n")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "MANIFEST.tsv").is_file()
