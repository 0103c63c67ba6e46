"""Start-up and end of the processes of gafreduce: everything that is done only to save time.

Each function gives what it saves, measured with benchmarks/startup.py. Jobs have settings of their
own, for nodes do not have this module.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from typing import NoReturn

from gafreduce.child_process import list_trusted_entries


def entry() -> NoReturn:
    """Run the command line of this process."""
    sys.path[:] = list_trusted_entries(sys.path)
    try:
        prepare_imports(without_numpy=sys.argv[1:2] == ["run"])
        from gafreduce.cli.main import main

        code = main()
    except KeyboardInterrupt:  # while the command line was imported
        sys.stderr.write("gafreduce: interrupted; nothing was published\n")
        sys.exit(130)
    end_process(code)


def prepare_imports(without_numpy: bool) -> None:
    """Set what libraries read while they are imported.

    OpenBLAS would start a thread for each core, which spins while it waits; Arrow's own allocator
    keeps freed memory (peak memory of a run 163 MB, without it 143 MB).
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    gc.set_threshold(100_000, 20, 20)
    if without_numpy:
        sys.modules["numpy"] = None  # type: ignore[assignment]


def end_process(code: int) -> NoReturn:
    """End the process without freeing its objects one by one."""
    if threading.active_count() > 1:  # threads may have work to finish
        sys.exit(code)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
