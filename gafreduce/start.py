"""Where the command begins: next to nothing is imported before Ctrl-C is understood."""

from __future__ import annotations

import sys
from typing import NoReturn


def entry() -> NoReturn:
    """Run the command line of this process."""
    try:
        from gafreduce.cli import entry as begin

        begin()
    except KeyboardInterrupt:  # while the command line was imported
        sys.stderr.write("gafreduce: interrupted; nothing was published\n")
        sys.exit(130)
