"""One function called for many inputs: in turn, by threads or by processes; results in order."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gafreduce.jobs.runners.process_pool import TaskError, Workers

_Result = TypeVar("_Result")
#: Tasks for each process: inputs differ in cost.
_TASKS_PER_CORE = 4


def by_threads(
    call: Callable[..., _Result], n_threads: int, *arguments: Sequence[Any]
) -> list[_Result]:
    """Return what the calls return: for those that wait for others."""
    with ThreadPoolExecutor(n_threads) as pool:
        try:
            return list(pool.map(call, *arguments))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def by_processes(
    call: Callable[..., _Result], scratch: Path, *arguments: Sequence[Any]
) -> list[_Result]:
    """Return what the calls return: for those that work, and thousands of them.

    Args:
        call: What it returns must be made to be pickled.
        scratch: A folder, in which nothing stays.
        arguments: As for `map`.
    """
    cases = list(zip(*arguments, strict=True))
    n_cores = len(os.sched_getaffinity(0))
    size = max(1, -(-len(cases) // (n_cores * _TASKS_PER_CORE)))
    parts = [cases[start : start + size] for start in range(0, len(cases), size)]
    paths = [scratch / f"results-{number}" for number in range(len(parts))]

    def do(part: Sequence[Any], path: Path) -> None:
        path.write_bytes(pickle.dumps([call(*case) for case in part]))

    try:
        todo = [partial(do, *each) for each in zip(parts, paths, strict=True)]
        with Workers(todo, min(n_cores, len(todo))) as workers:
            for _ in workers.run():
                pass
        return [result for path in paths for result in pickle.loads(path.read_bytes())]
    except TaskError:  # once more in turn: the first that fails is to be told, not the fastest
        return [call(*case) for case in cases]
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
