"""Record the arguments of every process that this one starts, and keep its temporary files.

Python imports it as `sitecustomize` from a folder on PYTHONPATH: see test_redaction.py.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")


def note(event: str, arguments: tuple[Any, ...]) -> None:
    """Record a started program and its arguments, not its environment."""
    if event in EVENTS:
        line = json.dumps([event, *map(repr, arguments[:2])]).encode() + b"\n"
        descriptor = os.open(os.environ["RECORDED_PROCESSES"], os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, line)
        os.close(descriptor)


if "RECORDED_PROCESSES" in os.environ:
    from gafreduce.owned_paths import OwnedFolder
    from gafreduce.tempdir import PREFIX

    remove = OwnedFolder.__exit__

    def keep(folder: OwnedFolder, *error: object) -> None:
        """Leave a temporary folder and remove other folders."""
        if not folder.path.name.startswith(PREFIX):
            remove(folder, *error)

    OwnedFolder.__exit__ = keep  # type: ignore[method-assign]
    sys.addaudithook(note)
