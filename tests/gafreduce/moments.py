"""Kill a process right before one of its changes of the file system.

    python tests/gafreduce/moments.py MOMENT run inputs -o out

runs a command of gafreduce, which is killed (SIGKILL) before its change number MOMENT. Changes of
child processes, and of libraries that are not Python, are not counted.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

_CHANGES = frozenset(
    ["os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.chmod", "fcntl.flock"]
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def kill_at(moment: int) -> None:
    """Kill this process before its change number `moment`, counted from now and from 1."""
    n_changes = 0

    def look(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal n_changes
        if event in _CHANGES or (event == "open" and _is_for_writing(arguments)):
            n_changes += 1
            if n_changes == moment and os.getpid() == process:
                os.kill(process, signal.SIGKILL)

    process = os.getpid()
    sys.addaudithook(look)


def _is_for_writing(arguments: tuple[object, ...]) -> bool:
    return len(arguments) > 2 and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)


def main() -> None:
    """Run a command that is killed."""
    moment = int(sys.argv.pop(1))
    sys.path.remove(str(Path(__file__).parent))
    from gafreduce.__main__ import entry

    kill_at(moment)
    entry()


if __name__ == "__main__":
    main()
