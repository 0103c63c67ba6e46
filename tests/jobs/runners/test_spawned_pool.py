"""The processes of systems that do not fork; they run on every system."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.jobs.files import read_meter
from gafreduce.jobs.runners import spawned_pool
from gafreduce.jobs.runners.spawned_pool import SpawnedPool
from gafreduce.jobs.runners.task_errors import TaskError


@pytest.fixture(autouse=True)
def _workers_end() -> Iterator[None]:
    yield
    spawned_pool.end_workers()


def test_tasks_run_in_processes_that_are_kept(tmp_path: Path) -> None:
    seen = []
    for number in range(2):
        tasks = [partial(os.mkdir, str(tmp_path / f"{number}-{each}")) for each in range(3)]
        with SpawnedPool(tasks, 2) as pool:
            assert list(pool.run()) == [1, 2, 3]
        kept = [each._process.pid for each in spawned_pool._Kept.workers]
        seen.append(sorted(kept))
    assert len(seen[0]) == 2
    assert seen[0] == seen[1]
    assert len(list(tmp_path.iterdir())) == 6


def test_the_error_of_a_task_is_raised_here() -> None:
    with (
        pytest.raises(TaskError, match=r"FileNotFoundError: .*no-such-folder") as raised,
        SpawnedPool([partial(os.rmdir, "no-such-folder")], 1) as pool,
    ):
        list(pool.run())
    assert isinstance(raised.value.__cause__, FileNotFoundError)
    assert not spawned_pool._Kept.workers  # and its process has ended


def test_an_error_of_gafreduce_keeps_its_class() -> None:
    with pytest.raises(TaskError) as raised, SpawnedPool([_Refuse()], 1) as pool:
        list(pool.run())
    assert isinstance(raised.value.__cause__, InputError)
    assert str(raised.value.__cause__) == "x.gaf: expected lines"


class _Refuse:
    def __call__(self) -> None:
        """Never called: another process gets `_refuse`."""

    def __reduce__(self) -> tuple[object, ...]:
        code = "from gafreduce.errors import InputError; raise InputError('x.gaf: expected lines')"
        return partial, (exec, code)


def test_a_killed_process_is_an_error() -> None:
    with (
        pytest.raises(TaskError, match="SIGKILL"),
        SpawnedPool([partial(signal.raise_signal, signal.SIGKILL)], 1) as pool,
    ):
        list(pool.run())


def test_bytes_that_processes_read_are_counted() -> None:
    code = "from gafreduce.jobs.files import read_meter; read_meter.count(1000)"
    counts: list[int] = []
    with read_meter.open_meter(counts.append):
        before = sum(read_meter._Meter.counts or ())
        with SpawnedPool([partial(exec, code)] * 3, 1) as pool:
            list(pool.run())
    assert counts[-1] - before == 3000


def test_a_class_of_a_script_cannot_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    of_script = type("Job", (), {"__module__": "__main__"})
    main = type("Main", (), {"__spec__": None})
    monkeypatch.setitem(spawned_pool.sys.modules, "__main__", main)
    assert not spawned_pool.can_travel(of_script)
    with pytest.raises(TypeError, match="Job"):
        spawned_pool.name_module(of_script)
    main.__spec__ = type("Spec", (), {"name": "gafreduce.jobs.context"})
    assert spawned_pool.name_module(of_script) == "gafreduce.jobs.context"
    assert spawned_pool.name_module(SpawnedPool) == "gafreduce.jobs.runners.spawned_pool"
