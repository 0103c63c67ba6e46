"""The process that makes statistics and page: `python -m gafreduce.reports.worker_program`.

It imports what they need, then does what standard input says (`gafreduce.reports.worker.serve`).
Python's collector is told to be slow first: imports make half a million objects that stay, and
looking at them again and again takes a fifth of this process's time.
"""

from __future__ import annotations

import gc
import os
import sys

#: Objects made before the collector looks; Python's own number is 700.
_PATIENCE = 50_000


def main() -> int:
    """Serve this process's standard input; return the exit code."""
    gc.set_threshold(_PATIENCE, 20, 100)
    from gafreduce.errors import GafreduceError, exit_code
    from gafreduce.reports.worker import serve

    try:
        serve(sys.stdin, sys.stdout)
    except (GafreduceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return exit_code(error)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # taking the libraries apart one by one would take half a second
