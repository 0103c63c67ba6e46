"""The command `gafreduce`, also as `python -m gafreduce`."""

import sys
from typing import NoReturn

from gafreduce.child_process import list_trusted_entries

# `python -m` puts the working folder first: a file json.py there would be executed
sys.path[:] = list_trusted_entries(sys.path)

from gafreduce import startup  # noqa: E402 - only now


def entry() -> NoReturn:
    """Run the command line of this process."""
    try:
        startup.limit_threads()
        startup.use_system_allocator()
        if sys.argv[1:2] == ["run"]:  # another process makes the page
            startup.hide_numpy()
        from gafreduce.cli.main import main

        code = main()
    except KeyboardInterrupt:  # while the command line was imported
        sys.stderr.write("gafreduce: interrupted; nothing was published\n")
        sys.exit(130)
    startup.end_process(code)


if __name__ == "__main__":
    entry()
