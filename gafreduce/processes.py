"""Ties between a process and its children: they end with it, and it notices when they are stopped.

A process that has children holds the writing end of a pipe, its lifeline, and writes nothing. Its
children hold the reading end. When the process ends, even by SIGKILL, the kernel closes the writing
end, and a thread in each child ends that one. This works on every POSIX system; on Windows a job
object does the same (system/job_object.py), and children have no lifeline.

Nodes import this module: Python 3.9, standard library only.
"""

from __future__ import annotations

import _thread
import contextlib
import logging
import os
import shutil
import signal
from typing import Any

from gafreduce.system import host

#: How often a process that waits for a child looks whether that was stopped.
TICK_SECONDS = 2.0

log = logging.getLogger(__name__)


class _Lifeline:
    """The lifeline of this process; None until it has children."""

    ends: tuple[int, int] | None = None  # reading, writing


def find_program(name: str) -> str | None:
    """Return the path of a program on the PATH; None without one.

    Empty and relative entries of the PATH mean the working folder (`PATH=:/usr/bin`, of an unset
    variable): nothing is executed from there.
    """
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return shutil.which(name, path=os.pathsep.join(filter(os.path.isabs, entries)))


def open_lifeline() -> int:
    """Return the end of the lifeline for children; call it before a fork.

    A forked child calls `join_lifeline`. Another program needs the descriptor, and calls
    `watch_lifeline`.
    """
    if _Lifeline.ends is None:
        _Lifeline.ends = os.pipe()
    return _Lifeline.ends[0]


def list_inherited() -> tuple[int, ...]:
    """Return the descriptors that another program needs to watch the lifeline; none on Windows."""
    return () if host.IS_WINDOWS else (open_lifeline(),)


def tie_program(program: Any) -> None:
    """Let a program (`subprocess.Popen`) end with this process where it has no lifeline."""
    if host.IS_WINDOWS:
        from gafreduce.system import job_object

        job_object.tie(int(program._handle))


def join_lifeline() -> None:
    """End this forked process when its parent ends, and the process group that it has."""
    if _Lifeline.ends is not None:
        reading, writing = _Lifeline.ends
        _Lifeline.ends = None
        os.close(writing)
        watch_lifeline(reading)


def watch_lifeline(descriptor: int) -> None:
    """End this process when its parent ends, by a thread that waits for that."""
    # not of `threading`: startup.end_process waits for those
    _thread.start_new_thread(_wait_for_end, (descriptor,))


def _wait_for_end(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.read(descriptor, 1)
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)


def make_group(pid: int) -> None:
    """Give a child a process group of its own, in which the programs that it starts end with it."""
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)


def kill_group(pid: int) -> None:
    """Kill a child that has a process group of its own, with the programs that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it has ended
        os.killpg(pid, signal.SIGKILL)


def warn_if_stopped(pid: int, description: str) -> None:
    """Log a warning, once, when a child was stopped (kill -STOP).

    Args:
        pid: The process.
        description: What it does, for the message.
    """
    if not hasattr(os, "waitid"):  # Windows, and macOS before Python 3.13
        return
    with contextlib.suppress(ChildProcessError):
        if os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG) is not None:
            log.warning(
                "%s was stopped by a signal, and is waited for (kill -CONT %d lets it go on)",
                f"process {pid}, which {description},",
                pid,
            )
