"""Tests of time limits."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from gafreduce.execution import time_limit
from gafreduce.execution.log_listener import Listener, attach_listener
from gafreduce.execution.time_limit import TimeLimitError, Watch
from gafreduce.publishing import lock_record

Command = Callable[..., tuple[int, str, str]]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stopped() -> list[BaseException]:
    return []


@pytest.fixture
def watch(clock: Clock, stopped: list[BaseException]) -> Watch:
    return Watch(6 * 3600, stopped.append, clock)


def at(clock: Clock, watch: Watch, seconds: float) -> None:
    clock.now = seconds
    watch.check()


def test_a_run_is_ended_at_max_wall(
    clock: Clock, watch: Watch, stopped: list[BaseException]
) -> None:
    at(clock, watch, 6 * 3600 - 1)
    assert stopped == []
    at(clock, watch, 6 * 3600)
    (reason,) = stopped
    assert isinstance(reason, TimeLimitError)
    assert "longer than --max-wall 6 h" in str(reason)


def test_a_job_without_a_task_is_ended_after_half_an_hour_and_warnings(
    clock: Clock,
    watch: Watch,
    stopped: list[BaseException],
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch.wait_for_task(lambda: False)
    watch.set_reason("the cluster is STARTING")
    for seconds in range(0, 700, 10):
        at(clock, watch, seconds)
    logged = [record.getMessage() for record in caplog.records]
    assert logged == ["waiting for the first task: the cluster is STARTING; at most 30 min"] * 3
    watch.stop_waiting()
    at(clock, watch, 5000)
    assert stopped == []
    watch.wait_for_task(lambda: False)
    at(clock, watch, 5000 + 1799)
    assert stopped == []
    at(clock, watch, 5000 + 1800)
    assert "no task began within 30 min (nothing was published" in str(stopped[0])


def test_hadoop_is_asked_for_tasks_before_a_job_is_ended(
    clock: Clock, watch: Watch, stopped: list[BaseException]
) -> None:
    calls = []

    def has_tasks() -> bool:
        calls.append(clock.now)
        return True

    watch.wait_for_task(has_tasks)
    at(clock, watch, 1800)
    at(clock, watch, 9000)
    assert (calls, stopped) == ([1800], [])


def test_a_short_max_wall_limits_the_first_task_too(
    clock: Clock, stopped: list[BaseException]
) -> None:
    watch = Watch(60, stopped.append, clock)
    watch.wait_for_task(lambda: False)
    watch.set_reason("no memory")
    at(clock, watch, 60)
    assert "no task began within 1 min: no memory" in str(stopped[-1])


@pytest.mark.parametrize(
    ("lines", "waits"),
    [
        (["Submitted application application_1_0001"], True),
        (["Job job_1_0001 running in uber mode : false", " map 0% reduce 0%"], True),
        ([" map 1% reduce 0%"], False),
        (["  PENDING (cluster is STARTING)"], True),
        (["  RUNNING for 0:00:05"], False),
    ],
)
def test_messages_of_mrjob_show_whether_a_task_runs(
    clock: Clock, watch: Watch, stopped: list[BaseException], lines: list[str], waits: bool
) -> None:
    named: list[object] = []
    listener = Listener(None, lambda kind, values: named.append((kind, values)), watch)
    watch.wait_for_task(lambda: False)
    with attach_listener(listener):
        for line in lines:
            logging.getLogger("mrjob.hadoop").info(line)
    at(clock, watch, 1800)
    assert bool(stopped) is waits
    if "application_1_0001" in lines[0]:
        assert named == [(lock_record.APPLICATIONS, ["application_1_0001"])]
        assert "YARN has no memory free for application_1_0001" in str(stopped[0])
    if "cluster is" in lines[0]:
        assert "30 min: cluster is STARTING" in str(stopped[0])


def test_a_thread_checks_the_limits_until_the_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    looked = threading.Event()
    monkeypatch.setattr(time_limit, "_TICK_SECONDS", 0.001)
    monkeypatch.setattr(Watch, "check", lambda self: looked.set())
    with time_limit.keep_watch(Watch(1)):
        assert looked.wait(60)
    assert threading.active_count() == 1


@pytest.mark.parametrize("text", ["", "x", "h", "0", "-1h", "infh", "nan"])
def test_an_invalid_duration_is_refused(gafreduce: Command, text: str) -> None:
    code, _, errors = gafreduce("run", "x", f"--max-wall={text}")
    assert code == 2
    assert f"--max-wall: expected a duration such as 6h, got {text!r}" in errors
