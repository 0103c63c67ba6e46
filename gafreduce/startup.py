"""Measures that save time when a process of gafreduce starts, forks or ends.

Nothing here changes a result. Each function gives its saving in CPU time: the median of seven to
nine runs of each variant in turn, on two cores, with Python 3.11. What saved less than 50 ms was
removed. Tasks of jobs have settings of their own in `gafreduce.jobs.runners`: nodes do not get this
module.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
from typing import NoReturn


def limit_threads() -> None:
    """Give numpy's linear algebra (OpenBLAS) one thread; call it before numpy is imported.

    Its threads, one for each core, spin while they wait for work. Saves 200 ms of a run with a
    report; child processes inherit it.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def use_system_allocator() -> None:
    """Let Arrow use the allocator of the system; call it before pyarrow is imported.

    Arrow's own allocator keeps freed memory: the peak memory of a run was 163 MB, without it 143.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def hide_numpy() -> None:
    """Make numpy unavailable in this process; call it before pyarrow is imported.

    Arrow imports numpy if it is installed, and nothing that writes tables needs it. Saves 300 ms
    and 12 MB of a run.
    """
    sys.modules["numpy"] = None  # type: ignore[assignment]


def relax_collector() -> None:
    """Let the garbage collector run after 50,000 new objects, not after each 700.

    Imports create up to half a million objects, and no garbage. Saves 90 ms of the process that
    makes the report, and 40 ms of the main process of a run.
    """
    gc.set_threshold(50_000, 20, 100)


def disable_collector() -> None:
    """Disable the garbage collector, for a short process with many small objects.

    Saves 1.1 s, a half, of the process that reads the ontology.
    """
    gc.disable()


def freeze_objects() -> None:
    """Hide existing objects from the garbage collector, before a fork.

    In the forked process the collector would touch, and so copy, all inherited memory.
    """
    gc.freeze()


def end_process(code: int) -> NoReturn:
    """End the process, without freeing its objects one by one.

    Saves 50 ms of the main process, 290 ms of the process that makes the report, and 500 ms of the
    process that reads the ontology.
    """
    if threading.active_count() > 1:  # threads may have work to finish
        sys.exit(code)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(code)
