"""Notes the arguments of every process that this one and its children start, and keeps their files.

Found as `sitecustomize` by every Python below a folder on PYTHONPATH: see test_secrets.py.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")


def note(event: str, arguments: tuple[Any, ...]) -> None:
    """Write down what is started: the program and its arguments, not its environment."""
    if event in EVENTS:
        line = json.dumps([event, *map(repr, arguments[:2])]).encode() + b"\n"
        descriptor = os.open(os.environ["RECORDED_PROCESSES"], os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, line)
        os.close(descriptor)


def keep(folder: tempfile.TemporaryDirectory[str]) -> str:
    """Enter a temporary folder that nobody will remove."""
    folder._finalizer.detach()  # type: ignore[attr-defined]
    return folder.name


if "RECORDED_PROCESSES" in os.environ:
    tempfile.TemporaryDirectory.__enter__ = keep  # type: ignore[method-assign]
    tempfile.TemporaryDirectory.__exit__ = lambda *_: None  # type: ignore[method-assign]
    sys.addaudithook(note)
