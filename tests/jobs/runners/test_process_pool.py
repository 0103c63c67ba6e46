"""Forked workers: every task is done once, and whatever goes wrong in one comes back in words."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.jobs.runners.process_pool import ProcessPool, TaskError, run_concurrently


class OfTwoError(ValueError):
    """An error that can't come back from another process: it wants two arguments."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__(f"{file}, line {line}")


def fail(error: BaseException) -> None:
    raise error


def wait() -> None:
    time.sleep(60)


def with_task_beside(task: Callable[[], None], is_forked: bool) -> None:
    with run_concurrently(task, is_forked):
        pass


def list_children() -> list[int]:
    """Return the processes that this one has started and that still are."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


@pytest.fixture(autouse=True)
def _only_own_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out of `children` what other tests keep for all tests, such as a browser."""
    monkeypatch.setattr(sys.modules[__name__], "_KEPT", frozenset(list_children()))


_KEPT: frozenset[int] = frozenset()


def children() -> list[int]:
    """Return the processes that this test has started and that still are."""
    return [pid for pid in list_children() if pid not in _KEPT]


@pytest.mark.parametrize("n_workers", [1, 2, 5])
def test_each_task_runs_once(n_workers: int, tmp_path: Path) -> None:
    todo = [(tmp_path / str(number)).mkdir for number in range(20)]  # a second time would fail
    with ProcessPool(todo, n_workers) as workers:
        assert list(workers.run()) == list(range(1, 21))
    assert len(list(tmp_path.iterdir())) == 20
    assert not children()


def test_error_of_a_task_is_the_cause() -> None:
    workers = ProcessPool([partial(fail, InputError("a.gaf.gz: damaged"))], 1)
    with workers, pytest.raises(TaskError, match=r"InputError: a\.gaf\.gz: damaged") as caught:
        list(workers.run())
    assert isinstance(caught.value.__cause__, InputError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OfTwoError("a.gaf", 3), "OfTwoError: a.gaf, line 3"),
        (KeyboardInterrupt(), "a task failed: its process was ended by SIGINT"),
        (ValueError("x" * 100_000), "ValueError: xxx"),
    ],
)
def test_error_that_cannot_be_pickled_is_reported_as_text(error: BaseException, text: str) -> None:
    with ProcessPool([partial(fail, error)], 1) as workers, pytest.raises(TaskError) as caught:
        list(workers.run())
    assert text in str(caught.value)
    assert caught.value.__cause__ is None


def test_worker_killed_before_its_task_is_reported() -> None:
    workers = ProcessPool([lambda: None] * 3, 2)
    first = next(iter(workers._selector.get_map().values())).data
    os.kill(first.pid, signal.SIGKILL)
    os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
    with workers, pytest.raises(TaskError, match="ended by SIGKILL"):
        list(workers.run())


@pytest.mark.parametrize("is_forked", [True, False])
def test_task_runs_concurrently_with_a_block(is_forked: bool, tmp_path: Path) -> None:
    with run_concurrently((tmp_path / "of-the-task").mkdir, is_forked):
        (tmp_path / "of-the-block").mkdir()
    assert len(list(tmp_path.iterdir())) == 2
    assert not children()


@pytest.mark.parametrize("is_forked", [True, False])
def test_error_of_a_concurrent_task_is_raised(is_forked: bool) -> None:
    full = OSError(28, "No space left on device", "tables/profile.tsv")
    with pytest.raises(OSError, match=r"No space left on device: 'tables/profile\.tsv'") as caught:
        with_task_beside(partial(fail, full), is_forked)
    assert caught.value.errno == 28


def test_killed_concurrent_task_is_reported() -> None:
    with (
        pytest.raises(TaskError, match="ended by SIGKILL"),
        run_concurrently(wait, is_forked=True),
    ):
        os.kill(children()[0], signal.SIGKILL)


@pytest.mark.parametrize("task", [wait, partial(fail, ValueError("the other one"))])
def test_failing_block_ends_the_concurrent_task(task: Callable[[], None]) -> None:
    with pytest.raises(ValueError, match="this one"), run_concurrently(task, is_forked=True):
        raise ValueError("this one")
    assert not children()
