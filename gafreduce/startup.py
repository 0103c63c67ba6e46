"""Where the command begins: next to nothing is imported before Ctrl-C is understood."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from gafreduce.child_process import list_trusted_entries


def entry() -> NoReturn:
    """Run the command line of this process."""
    sys.path[:] = list_trusted_entries(sys.path)
    # before they are imported: numpy's algebra has threads that spin while they wait, one for each
    # core, and Arrow an allocator that keeps what was freed (peak memory 163 MB, without it 143)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.argv[1:2] == ["run"]:
        # Arrow imports numpy where it is there, which takes a tenth of a second and 12 MB; tables
        # need none of it, and the page is made by a process of its own
        sys.modules["numpy"] = None  # type: ignore[assignment]
    # imports make many objects and no garbage: to look for it at each 700 of them takes 15 ms
    gc.set_threshold(100_000, 20, 20)
    try:
        from gafreduce.cli.main import entry as begin

        begin()
    except KeyboardInterrupt:  # while the command line was imported
        sys.stderr.write("gafreduce: interrupted; nothing was published\n")
        sys.exit(130)
