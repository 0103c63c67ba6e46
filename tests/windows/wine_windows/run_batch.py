"""Run commands of gafreduce in one Python of Windows, which starts and imports once for them all.

Standard input has a list of commands, each a list of arguments, as JSON; standard output gets a
list of exit codes, output and errors. Both streams are those of the process, by their numbers: what
is caught has the bytes that a pipe would get.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence

from gafreduce import streams
from gafreduce.cli.main import main

_NUMBERS = (1, 2)


def run(arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run a command; return its exit code, and what it wrote, a character for each byte."""
    kept = [os.dup(number) for number in _NUMBERS]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        for number, file in zip(_NUMBERS, (output, errors), strict=True):
            os.dup2(file.fileno(), number)
        try:
            code = main(arguments)
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, descriptor in zip(_NUMBERS, kept, strict=True):
                os.dup2(descriptor, number)
                os.close(descriptor)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode("latin-1"))
    return code, texts[0], texts[1]


if __name__ == "__main__":
    streams.prepare_streams()
    json.dump([run(each) for each in json.load(sys.stdin)], sys.stdout)
