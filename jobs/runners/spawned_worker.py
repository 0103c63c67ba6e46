"""A process of `spawned_pool`: it reads pickled tasks from standard input, and runs them.

Each answer is the number of bytes that it has read up to now, and the error of the task.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import Any

from gafreduce.jobs.files import read_meter
from gafreduce.jobs.runners.task_errors import pickle_error


def main() -> None:
    """Run tasks until the end of input."""
    for name in ("SIGINT", "SIGBREAK"):  # of the console: the first process decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    tasks = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # what a task prints is no answer
    total = 0

    def note(n_bytes: int) -> None:
        nonlocal total
        total = n_bytes

    with read_meter.open_meter(note):
        while True:
            try:
                task: Any = pickle.load(tasks)
            except EOFError:
                return
            error = b""
            try:
                task()
            except BaseException as raised:  # the next task may be another one
                error = pickle_error(raised)
            read_meter.report_total()
            pickle.dump((total, error), answers)
            answers.flush()


if __name__ == "__main__":
    main()
