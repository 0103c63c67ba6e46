"""Warnings and errors of the programs that make reports, for the main process."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable
from typing import IO

from gafreduce import startup


class WarningHandler(logging.StreamHandler[IO[str]]):
    """Prints warnings at once, for the main process."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a message of the protocol."""
        return json.dumps({"warning": super().format(record)})


def run_program(serve: Callable[[IO[str], IO[str]], None]) -> int:
    """Run a program that reads standard input and answers; return the exit code."""
    startup.relax_collector()
    from gafreduce.errors import BUG, ERROR_PREFIX, describe, exit_code

    try:
        serve(sys.stdin, sys.stdout)
    except Exception as error:
        code = exit_code(error)
        if code == BUG:
            traceback.print_exc()  # its last line names the error
        else:
            sys.stderr.write(f"{ERROR_PREFIX}{describe(error)}\n")
        return code
    return 0
