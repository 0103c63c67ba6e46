"""Forked processes that take tasks from a common list: what one has learnt serves its next task.

Imports nothing of mrjob.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import selectors
import signal
from typing import Callable, Iterator, NamedTuple, NoReturn, Sequence

from gafreduce.errors import TransientError

#: What a worker gets instead of the number of a task.
_NO_MORE = b"\xff\xff\xff\xff"
#: What a worker answers when a task is done; anything else is the error of one that failed.
_DONE = b"+"
#: Bytes of an error: what a pipe takes at once.
_MOST = 1 << 16


class TaskError(TransientError):
    """A task failed, or its process ended; its cause is what the task raised, if it can travel."""


class _Worker(NamedTuple):
    """A forked process, and the pipe through which it gets the numbers of tasks."""

    pid: int
    tasks: int


class Workers:
    """Processes that run a list of tasks, each a number at a time, until there is none.

    They begin at once. What a task makes must lie in files: only errors come back.
    """

    def __init__(self, todo: Sequence[Callable[[], None]], n_workers: int) -> None:
        self._todo = todo
        self._waiting = iter(range(len(todo)))
        self._selector = selectors.DefaultSelector()
        for _ in range(n_workers):
            self._start()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no worker behind."""
        for key in list(self._selector.get_map().values()):
            os.kill(key.data.pid, signal.SIGKILL)
            self._forget(key)
        self._selector.close()

    def run(self) -> Iterator[int]:
        """Yield how many tasks are done, each time one is.

        Raises:
            TaskError: A task failed, or its process was ended.
        """
        n_done = 0
        while self._selector.get_map():
            key = self._selector.select()[0][0]
            said = os.read(key.fd, _MOST)
            if said == _DONE:
                self._hand_out(key.data)
                n_done += 1
                yield n_done
            elif status := self._forget(key):
                text, cause = pickle.loads(said) if said else (_how_it_ended(status), None)
                raise TaskError(text) from cause

    def _start(self) -> None:
        tasks, hand_out = os.pipe()
        answers, answer = os.pipe()
        others = [key.data.tasks for key in self._selector.get_map().values()]
        pid = os.fork()
        if not pid:
            for each in (*others, hand_out, answers):  # or nobody would see this end of them closed
                os.close(each)
            _work(self._todo, tasks, answer)
        os.close(tasks)
        os.close(answer)
        worker = _Worker(pid, hand_out)
        self._selector.register(answers, selectors.EVENT_READ, worker)
        self._hand_out(worker)

    def _hand_out(self, worker: _Worker) -> None:
        number = next(self._waiting, None)
        with contextlib.suppress(BrokenPipeError):  # killed: `run` tells how
            os.write(worker.tasks, _NO_MORE if number is None else number.to_bytes(4, "big"))

    def _forget(self, key: selectors.SelectorKey) -> int:
        self._selector.unregister(key.fileobj)
        os.close(key.fd)
        os.close(key.data.tasks)
        return os.waitpid(key.data.pid, 0)[1]


@contextlib.contextmanager
def beside(task: Callable[[], None], is_forked: bool) -> Iterator[None]:
    """Run a task in a process of its own while the block runs; unless forked, after the block.

    Raises:
        Exception: What the task raised.
        TaskError: The process was ended.
    """
    if not is_forked:
        yield
        task()
        return
    with Workers([task], 1) as workers:
        yield
        try:
            for _ in workers.run():
                pass
        except TaskError as error:
            raise error.__cause__ or error from None


def _work(todo: Sequence[Callable[[], None]], tasks: int, answer: int) -> NoReturn:
    """Run tasks and end this process; the error of a task is the last answer."""
    status = 1
    gc.freeze()  # or the collector would touch, and so copy, all that this process inherits
    try:
        while (number := os.read(tasks, 4)) not in (_NO_MORE, b""):
            todo[int.from_bytes(number, "big")]()
            os.write(answer, _DONE)
        status = 0
    except BaseException as error:  # nothing may return from here into the parent's code
        os.write(answer, _packed(error))
    finally:
        os._exit(status)


def _packed(error: BaseException) -> bytes:
    """Return an error's text, and itself when it can travel."""
    text = f"{type(error).__name__}: {error}"[: _MOST // 8]
    with contextlib.suppress(Exception):  # one with arguments of its own may not come back
        packed = pickle.dumps((text, error))
        if isinstance(error, Exception) and len(packed) <= _MOST:
            pickle.loads(packed)
            return packed
    return pickle.dumps((text, None))


def _how_it_ended(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"a task was ended by signal {-code}" if code < 0 else f"a task exited with {code}"
