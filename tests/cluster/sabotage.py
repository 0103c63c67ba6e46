"""Does something to a process of the cluster at the moment that a test is about."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from minihadoop import processes

LOOK_SECONDS = 0.02
MOMENT_SECONDS = 0.001
WRITTEN_BYTES = 10_000  # more than what a shell or Python says of itself
MAPPER = "--step-num=0 --mapper"
STEP_2 = "--step-num=1"
NODES = "nodemanager"  # the mark of every NodeManager and of the tasks that it started

Act = Callable[[int], object]


@dataclass
class _Saboteur:
    """Waits, in a thread, for processes and does something to the first that can have it done."""

    find: Callable[[], list[int]]
    act: Act
    hit: list[int] = field(default_factory=list)

    def watch(self, stop: threading.Event) -> None:
        """Look until there is such a process, or until `stop` is set."""
        while not (stop.is_set() or self.hit):
            for pid in self.find():
                with suppress(ProcessLookupError):
                    self.act(pid)
                    self.hit.append(pid)
                    break
            time.sleep(LOOK_SECONDS)


@contextmanager
def sabotage(marker: str, words: str, act: Act, job: str = "") -> Iterator[None]:
    """Do something to one process while the block runs; fail if there was none to be seen.

    Args:
        marker: Of the processes that are looked at; see `processes.members`.
        words: What its command line contains.
        act: Called with the pid of one after another until one raises no ProcessLookupError.
        job: Only tasks of the job of this name.
    """
    saboteur = _Saboteur(lambda: processes.find(marker, words, job), act)
    stop = threading.Event()
    thread = threading.Thread(target=saboteur.watch, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert saboteur.hit, f"no process with {words!r} was seen: nothing was tested"


def of_python(act: Act) -> Act:
    """Return what does the same to Python alone: a task's shell has the same words."""

    def act_on_python(pid: int) -> None:
        if not processes.program(pid).startswith("python"):
            raise ProcessLookupError  # look again
        act(pid)

    return act_on_python


def in_mid_input(act: Act) -> Act:
    """Return what does the same to a task's Python when it has written, so read, but not all.

    It has read less than it has got to read when `processes.n_read` says less than that: this counts
    Python's own modules too.
    """

    def act_in_mid_input(pid: int) -> None:
        while processes.n_written(pid) < WRITTEN_BYTES:
            if not processes.program(pid):
                raise ProcessLookupError  # it ended, and only waits to be noticed
            time.sleep(MOMENT_SECONDS)
        act(pid)

    return of_python(act_in_mid_input)


def kill(pid: int) -> None:
    """Kill a process: no farewell."""
    os.kill(pid, signal.SIGKILL)


def hang(pid: int) -> None:
    """Let a process hang."""
    os.kill(pid, signal.SIGSTOP)
