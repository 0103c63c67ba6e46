"""Processes that take tasks, where the system cannot fork: each is a new interpreter.

To start one and to import the jobs takes as long as to read tens of megabytes, so processes are
kept between the phases of a run and its jobs. Tasks are pickled.

Imports nothing of mrjob.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from gafreduce.jobs.files import read_meter
from gafreduce.jobs.runners.task_errors import TaskError, describe_code

_Answer = Optional[Tuple[int, bytes]]  # bytes read by the process, and an error; None at its end


class _SpawnedProcess:
    """A process, and the thread that waits for its answers."""

    def __init__(self, number: int) -> None:
        from gafreduce.child_process import start_python  # nodes lack it

        self.number = number
        self.answers: queue.Queue[Tuple[_SpawnedProcess, _Answer]] = queue.Queue()
        self._process = start_python(
            "gafreduce.jobs.runners.spawned_worker",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        answer: _Answer = (0, b"")
        while answer is not None:
            try:
                answer = pickle.load(self._process.stdout)  # type: ignore[arg-type]
            except (EOFError, OSError, pickle.UnpicklingError):
                answer = None
            self.answers.put((self, answer))

    def send(self, task: bytes) -> None:
        """Let the process run a pickled task."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it was killed: its answer is None
            self._process.stdin.write(task)
            self._process.stdin.flush()

    def end(self) -> int:
        """End the process, and return its exit code."""
        self._process.kill()
        code = self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        return code


class _Kept:
    """Processes without a task, and the folder of temporary files that they were started with."""

    workers: List[_SpawnedProcess] = []
    folder = ""


def end_workers() -> None:
    """End the processes that are kept."""
    while _Kept.workers:
        _Kept.workers.pop().end()


def can_travel(task: object) -> bool:
    """Return whether another process can find the class of a job: not in a file that was run."""
    return getattr(task, "__module__", "") != "__main__" or _find_main() is not None


def _find_main() -> Optional[str]:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec.name if spec is not None and spec.name != "__main__" else None


def name_module(job_class: type) -> str:
    """Return the module by which another process imports a class.

    Raises:
        TypeError: There is none (see `can_travel`).
    """
    if job_class.__module__ != "__main__":
        return job_class.__module__
    name = _find_main()
    if name is None:
        raise TypeError(f"{job_class.__name__}: expected a class of a module, got one of a script")
    return name


class SpawnedPool:
    """Processes that run a list of tasks, as `process_pool.ProcessPool`; tasks are picklable."""

    def __init__(self, todo: Sequence[Callable[[], None]], n_workers: int) -> None:
        """Start the processes, or take those that are kept.

        Args:
            todo: The tasks.
            n_workers: Number of processes.
        """
        folder = os.environ.get("TMPDIR", "")
        if folder != _Kept.folder:
            end_workers()
            _Kept.folder = folder
        self._waiting = iter([pickle.dumps(task) for task in todo])
        self._busy: List[_SpawnedProcess] = []
        self._answers: queue.Queue[Tuple[_SpawnedProcess, _Answer]] = queue.Queue()
        for number in range(n_workers):
            worker = _Kept.workers.pop() if _Kept.workers else _SpawnedProcess(number)
            worker.answers = self._answers
            self._busy.append(worker)
            self._assign_task(worker)

    def __enter__(self) -> SpawnedPool:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the workers that are left."""
        for worker in self._busy:
            worker.end()

    def run(self) -> Iterator[int]:
        """Yield the number of tasks that are done, after each task.

        Raises:
            TaskError: A task failed, or its process was killed.
        """
        n_done = 0
        while self._busy:
            try:
                worker, answer = self._answers.get(timeout=read_meter.REPORT_SECONDS)
            except queue.Empty:  # a wait without end would hear no Ctrl-C
                continue
            if answer is None:
                self._busy.remove(worker)
                raise TaskError(describe_code(worker.end()))
            n_read, error = answer
            read_meter.set_count(worker.number, n_read)
            if error:
                text, cause = pickle.loads(error)
                raise TaskError(text) from cause
            n_done += 1
            self._assign_task(worker)
            yield n_done

    def _assign_task(self, worker: _SpawnedProcess) -> None:
        task = next(self._waiting, None)
        if task is None:
            self._busy.remove(worker)
            _Kept.workers.append(worker)
        else:
            worker.send(task)
