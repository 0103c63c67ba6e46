"""The command `gafreduce`, also as `python -m gafreduce`."""

# built in, as sys is: not from the working folder
import _signal  # type: ignore[import-not-found]
import sys

from gafreduce.child_process import list_trusted_entries, restart_with_trusted_libraries

# `python -m` puts the working folder first: a file json.py there would be executed
sys.path[:] = list_trusted_entries(sys.path)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def entry() -> "NoReturn":
    """Run the command line of this process."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # until it is handled: no traceback
    restart_with_trusted_libraries()
    from gafreduce import signals, startup, streams
    from gafreduce.errors import EXIT_CODES, exit_code

    streams.prepare_streams()
    with signals.handle_signals():
        code = None
        try:
            code = _run()
            signals.ignore_further()
        except KeyboardInterrupt as error:
            signals.ignore_further()
            if code is None:  # while the command line was imported, not when it had ended
                code = exit_code(error)
                streams.write_error(f"gafreduce: {EXIT_CODES[code]}; nothing was published")
                sys.exit(code)
        startup.end_process(code)


def _run() -> int:
    """Return the exit code of the command line."""
    from gafreduce import startup

    startup.limit_threads()
    startup.use_system_allocator()
    if sys.argv[1:2] == ["run"]:  # another process makes the page
        startup.hide_numpy()
        startup.relax_collector()
    from gafreduce.cli.main import main

    try:
        return main()
    except SystemExit as stop:  # of argparse: after --help, --version and errors of usage
        return stop.code if isinstance(stop.code, int) else 0


if __name__ == "__main__":
    entry()
