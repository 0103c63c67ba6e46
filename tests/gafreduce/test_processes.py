"""Children end with their parent, however it ends, and a stopped child is named."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from gafreduce.child_process import communicate
from gafreduce.jobs.runners.process_pool import ProcessPool
from gafreduce.pipeline import report_process

GAFREDUCE = Path(sys.executable).with_name("gafreduce")


def find_processes(mark: str) -> list[int]:
    """Return the processes whose environment has a mark, without zombies."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                is_ours = mark.encode() in (folder / "environ").read_bytes()
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if is_ours and state != "Z":
                found.append(int(folder.name))
    return found


def wait_until_none(mark: str) -> list[int]:
    """Return the processes with a mark that are left after up to five seconds."""
    for _ in range(100):
        if not (found := find_processes(mark)):
            break
        time.sleep(0.05)
    return found


def kill_when_ready(program: str, mark: str, n_lines: int = 1) -> list[int]:
    """Kill a program when it has printed some lines; return what is left of its children."""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env={**os.environ, "GAFREDUCE_TEST_MARK": mark},
    ) as process:
        assert process.stdout is not None
        for _ in range(n_lines):
            assert process.stdout.readline()
        process.kill()
        process.wait()
        process.stdout.close()
        return wait_until_none(mark)


def test_forked_tasks_end_with_their_killed_parent() -> None:
    program = (
        "import time\n"
        "from gafreduce.jobs.runners.process_pool import ProcessPool\n"
        "def wait():\n"
        "    print('x', flush=True)\n"
        "    time.sleep(60)\n"
        "with ProcessPool([wait] * 3, 3) as pool: list(pool.run())\n"
    )
    assert not kill_when_ready(program, "forked-tasks", 3)


def test_programs_of_forked_tasks_end_with_a_killed_parent() -> None:
    program = (
        "import subprocess\n"
        "from gafreduce.jobs.runners.process_pool import ProcessPool\n"
        "def wait(): subprocess.run(['sh', '-c', 'echo x; sleep 60; true'])\n"
        "with ProcessPool([wait] * 2, 2) as pool: list(pool.run())\n"
    )
    assert not kill_when_ready(program, "their-programs", 2)


@pytest.mark.parametrize("module", ["reports.worker", "ontology.build"])
def test_python_programs_end_with_their_killed_parent(tmp_path: Path, module: str) -> None:
    fifo = tmp_path / "never"
    os.mkfifo(fifo)
    program = (
        "import subprocess, sys\n"
        "from gafreduce.child_process import start_python\n"
        f"arguments = [{str(fifo)!r}, 'GO:1', 'is_a', 'out']\n"
        "read = sys.stdin\n"
        f"process = start_python('gafreduce.{module}', *arguments, stdin=subprocess.PIPE)\n"
        "held = __import__('os').dup(process.stdin.fileno())\n"
        "print('x', flush=True)\n"
        "process.wait()\n"
    )
    assert not kill_when_ready(program, f"python-{module}")


def test_programs_of_a_killed_task_are_killed() -> None:
    mark = f"of-a-killed-task-{os.getpid()}"
    environment = {**os.environ, "GAFREDUCE_TEST_MARK": mark}

    def start_and_die() -> None:
        subprocess.Popen(["sleep", "60"], env=environment)
        os.kill(os.getpid(), signal.SIGKILL)

    with ProcessPool([start_and_die], 1) as pool, pytest.raises(Exception, match="SIGKILL"):
        list(pool.run())
    assert not wait_until_none(mark)


def stop_for(n_seconds: float) -> None:
    """Stop this process; another one continues it."""
    subprocess.Popen(["sh", "-c", f"sleep {n_seconds}; kill -CONT {os.getpid()}"])
    os.kill(os.getpid(), signal.SIGSTOP)


def test_a_stopped_task_is_named_and_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gafreduce.processes.TICK_SECONDS", 0.05)
    with caplog.at_level(logging.WARNING), ProcessPool([partial(stop_for, 1)], 1) as pool:
        assert list(pool.run()) == [1]
    assert "which runs tasks, was stopped by a signal" in caplog.text
    assert caplog.text.count("was stopped") == 1


def test_a_stopped_program_is_named_and_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gafreduce.processes.TICK_SECONDS", 0.05)
    process = subprocess.Popen(
        ["sh", "-c", "(sleep 1; kill -CONT $$) & kill -STOP $$; echo done"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with caplog.at_level(logging.WARNING):
        assert communicate(process, "waits") == (b"done\n", b"")
    assert "which waits, was stopped by a signal" in caplog.text


def test_the_warnings_of_the_report_process_are_shown_when_they_come(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gafreduce.processes.TICK_SECONDS", 0.05)
    program = (
        "import logging, sys\n"
        "from gafreduce.reports.serving import WarningHandler\n"
        "logging.basicConfig(format='%(message)s', handlers=[WarningHandler(sys.stdout)])\n"
        "logging.warning('one\\ntwo')\n"
        "sys.stdin.read()\n"
        "logging.warning('at the end')\n"
    )
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe)
    warnings = report_process._Warnings()

    def show(output: bytes) -> None:
        warnings.show(output)
        if output and process.poll() is None:  # it ends only when its first warning was shown
            assert "one\ntwo" in caplog.text
            held.close()

    assert process.stdin is not None
    held = os.fdopen(os.dup(process.stdin.fileno()), "wb")
    with caplog.at_level(logging.WARNING):
        communicate(process, "waits", show)
    assert [each.getMessage() for each in caplog.records] == ["one\ntwo", "at the end"]
