"""Forked processes that take tasks from a common list; a process keeps its caches between tasks.

Where nothing forks, a pool runs its tasks in this process, one after another: most are closures,
which cannot travel. The runner of jobs has pickled tasks there (spawned_pool.py).

Imports nothing of mrjob.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import selectors
import sys
from typing import Callable, Iterator, NamedTuple, NoReturn, Sequence

from gafreduce import processes
from gafreduce.jobs.files import read_meter
from gafreduce.jobs.runners.task_errors import MOST_BYTES, TaskError, describe_code, pickle_error

__all__ = ["ProcessPool", "SerialPool", "TaskError", "run_concurrently"]

#: Sent to a worker instead of the number of a task.
_NO_MORE = b"\xff\xff\xff\xff"
#: Answer of a worker when a task is done; any other answer is the error of a task.
_DONE = b"+"


class _Worker(NamedTuple):
    """A forked process, and the pipe that it reads the numbers of tasks from."""

    pid: int
    tasks: int


class ProcessPool:
    """Processes that run a list of tasks, one after another.

    They begin at once. Tasks write their results to files: only errors are returned.
    """

    def __init__(
        self, todo: Sequence[Callable[[], None]], n_workers: int, description: str = "runs tasks"
    ) -> None:
        """Start the processes.

        Args:
            todo: The tasks.
            n_workers: Number of processes.
            description: What they do, for a warning when one is stopped.
        """
        self._todo = todo
        self._description = description
        self._waiting = iter(range(len(todo)))
        self._selector = selectors.DefaultSelector()
        for number in range(n_workers):
            self._start(number)

    def __enter__(self) -> ProcessPool:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the workers that are left."""
        for key in list(self._selector.get_map().values()):
            processes.kill_group(key.data.pid)
            self._forget(key)
        self._selector.close()

    def run(self) -> Iterator[int]:
        """Yield the number of tasks that are done, after each task.

        Raises:
            TaskError: A task failed, or its process was killed.
        """
        n_done = 0
        while self._selector.get_map():
            is_metered = read_meter.is_open()
            ready = self._selector.select(
                read_meter.REPORT_SECONDS if is_metered else processes.TICK_SECONDS
            )
            read_meter.report_total()
            if not ready:
                for each in self._selector.get_map().values():
                    processes.warn_if_stopped(each.data.pid, self._description)
                continue
            key = ready[0][0]
            answer = os.read(key.fd, MOST_BYTES)
            if answer == _DONE:
                self._assign_task(key.data)
                n_done += 1
                yield n_done
            elif status := self._forget(key):
                text, cause = pickle.loads(answer) if answer else (_describe_status(status), None)
                raise TaskError(text) from cause

    def _start(self, number: int) -> None:
        tasks, tasks_end = os.pipe()
        answers, answer = os.pipe()
        processes.open_lifeline()
        others = [key.data.tasks for key in self._selector.get_map().values()]
        pid = os.fork()
        if not pid:
            for each in (
                *others,
                tasks_end,
                answers,
            ):  # else they stay open when the parent closes them
                os.close(each)
            processes.make_group(os.getpid())
            processes.join_lifeline()
            read_meter.join_meter(number)
            _work(self._todo, tasks, answer)
        processes.make_group(pid)  # here, too: else it may have none yet when it is killed
        os.close(tasks)
        os.close(answer)
        worker = _Worker(pid, tasks_end)
        self._selector.register(answers, selectors.EVENT_READ, worker)
        self._assign_task(worker)

    def _assign_task(self, worker: _Worker) -> None:
        number = next(self._waiting, None)
        with contextlib.suppress(BrokenPipeError):  # it was killed: `run` raises
            os.write(worker.tasks, _NO_MORE if number is None else number.to_bytes(4, "big"))

    def _forget(self, key: selectors.SelectorKey) -> int:
        self._selector.unregister(key.fileobj)
        os.close(key.fd)
        os.close(key.data.tasks)
        status = os.waitpid(key.data.pid, 0)[1]
        if status:  # a program that it started may still run
            processes.kill_group(key.data.pid)
        return status


@contextlib.contextmanager
def run_concurrently(task: Callable[[], None], is_forked: bool) -> Iterator[None]:
    """Run a task in a process of its own while the `with` block runs.

    Args:
        task: Writes its results to files.
        is_forked: If false, the task runs in this process after the block.

    Raises:
        Exception: The task failed with it.
        TaskError: The process was killed, or the error of the task is not picklable.
    """
    if not is_forked:
        yield
        task()
        return
    with ProcessPool([task], 1) as pool:
        yield
        try:
            for _ in pool.run():
                pass
        except TaskError as error:
            raise error.__cause__ or error from None


def _work(todo: Sequence[Callable[[], None]], tasks: int, answer: int) -> NoReturn:
    """Run tasks, and exit this process; the error of a task is the last answer."""
    status = 1
    # the only setting of the garbage collector in node code: without it a collection writes to,
    # and so copies, all memory that this process shares with its parent
    gc.freeze()
    try:
        while (number := os.read(tasks, 4)) not in (_NO_MORE, b""):
            todo[int.from_bytes(number, "big")]()
            os.write(answer, _DONE)
        status = 0
    except BaseException as error:  # no error may reach the code of the parent
        os.write(answer, pickle_error(error))
    finally:
        os._exit(status)


def _describe_status(status: int) -> str:
    return describe_code(os.waitstatus_to_exitcode(status))


class SerialPool:
    """Runs a list of tasks in this process, for systems that do not fork."""

    def __init__(
        self, todo: Sequence[Callable[[], None]], n_workers: int, description: str = ""
    ) -> None:
        """Run nothing yet; see `ProcessPool`."""
        self._todo = todo

    def __enter__(self) -> SerialPool:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: no process is left."""

    def run(self) -> Iterator[int]:
        """Yield the number of tasks that are done, after each task; see `ProcessPool`."""
        for number, task in enumerate(self._todo, 1):
            try:
                task()
            except Exception as error:
                raise TaskError(f"{type(error).__name__}: {error}") from error
            yield number


if sys.platform == "win32":
    ProcessPool = SerialPool
