"""The errors of gafreduce, and the exit codes of its command line.

A caller distinguishes three kinds of error: `InputError`, `UsageError`, `TransientError`. A module
derives a class of its own from one of them only where a caller handles that class differently.
Everything else that is raised, except `OSError`, is a bug in gafreduce.

Nodes import this module: Python 3.9, standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import re
import signal
from collections.abc import Iterator, Sequence

DONE = 0
INPUT = 1
USAGE = 2
FAILED = 3
NOT_PRINTED = 4
REFUSED = 5
BUG = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 128  # plus the number of the signal, as shells count
#: Numbers of signals on every POSIX system; Windows has no names for them.
SIGHUP, SIGQUIT, SIGKILL, SIGPIPE = 1, 3, 9, 13

#: Each exit code with its meaning, as `--help` and docs/command-line.md list them. With 1, 2 and 3
#: nothing was published.
EXIT_CODES = {
    DONE: "done",
    INPUT: "an input is at fault",
    USAGE: "wrong usage",
    FAILED: "failed, trying again may help",
    NOT_PRINTED: "published, but the output could not be printed",
    REFUSED: "findings or differences that --fail-on names",
    BUG: "a bug in gafreduce",
    INTERRUPTED + SIGHUP: "hung up",
    INTERRUPTED + signal.SIGINT: "interrupted",
    INTERRUPTED + SIGQUIT: "quit",
    INTERRUPTED + SIGPIPE: "the reader of standard output closed it",
    INTERRUPTED + signal.SIGTERM: "terminated",
}

#: System errors for which trying again, or making room, may help.
_TRANSIENT = frozenset(
    getattr(errno, name)
    for name in (
        *("EAGAIN", "EBUSY", "EDQUOT", "EINTR", "EIO", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"),
        *(
            "EACCES",
            "EFBIG",
            "ENOSPC",
            "EPERM",
            "EROFS",
            "ESTALE",
            "ETIMEDOUT",
            "ECONNREFUSED",
            "ECONNRESET",
            "EHOSTUNREACH",
        ),
    )
    if hasattr(errno, name)
)


@contextlib.contextmanager
def name_file(path: object) -> Iterator[None]:
    """Give a path to system errors of the block that name no file: those of `write` do not."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


class GafreduceError(Exception):
    """Base class of all errors that gafreduce raises; the message is for users."""

    exit_code = FAILED
    #: Lines to print below the message, which says what is wrong and what to do without them.
    details: Sequence[str] = ()


class InputError(GafreduceError):
    """An input, or another file or folder that the user named, is at fault."""

    exit_code = INPUT


class UsageError(GafreduceError):
    """The options contradict each other, or a value cannot be used."""

    exit_code = USAGE


class TransientError(GafreduceError):
    """A cluster, a service, a process or the machine failed; trying again may help."""

    exit_code = FAILED


class LockedError(TransientError):
    """Another run writes to the same place."""


class RefusedError(GafreduceError):
    """There are findings or differences that --fail-on names."""

    exit_code = REFUSED


class OutputError(GafreduceError):
    """Standard output cannot be written.

    Attributes:
        exit_code: That of a command that publishes nothing.
        is_closed: Whether its reader ended, as `head` does: nothing has to be printed then.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output: expected to write to it, got {error.strerror}")
        self.is_closed = error.errno == errno.EPIPE
        self.exit_code = INTERRUPTED + SIGPIPE if self.is_closed else FAILED


class Terminated(KeyboardInterrupt):
    """A signal ended the command; `KeyboardInterrupt` itself is SIGINT."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__()
        self.number = number


class InternalError(GafreduceError):
    """gafreduce found that its own results do not agree: a bug."""

    exit_code = BUG


#: Advice by system error.
_ADVICE = {
    errno.EAGAIN: "a limit of processes or threads: ulimit -u; use fewer with --cores",
    errno.EACCES: "change its permissions, or name another",
    errno.EDQUOT: "your quota is used up: make room",
    errno.EFBIG: "a limit of the size of files: ulimit -f",
    errno.EMFILE: "raise the limit of open files: ulimit -n 4096",
    errno.ENFILE: "too many files are open on this machine: try again",
    errno.ENOMEM: "use fewer processes with --cores, or a machine with more memory",
    errno.ENOSPC: "make room; for temporary files set TMPDIR to a folder with space",
    errno.EPERM: "change its permissions, or name another",
    errno.EROFS: "name a folder that can be written",
}


#: Messages of libraries, and of Python, that lack memory or threads.
_NO_MEMORY = re.compile(
    "failed to map segment|cannot allocate memory|can't start new thread|"
    "failed to launch worker thread|memory allocation (?:still )?failed",
    re.IGNORECASE,
)
#: Messages of libraries (SQLite, DuckDB, XlsxWriter) that cannot write to a disk.
_NO_SPACE = re.compile("disk is full|no space left on device|disk I/O error", re.IGNORECASE)
#: The message of Python for a compiled module that a full disk or `ulimit -f` has cut.
_CUT_MODULE = "marshal data too short"

#: How a process of gafreduce begins the line with its error: libraries print others.
ERROR_PREFIX = "gafreduce: "


def _lacks_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or (
        not isinstance(error, (OSError, GafreduceError, KeyboardInterrupt))
        and bool(_NO_MEMORY.search(str(error)))
    )


def _lacks_space(error: BaseException) -> bool:
    """Return whether a library ended with an error of its own, because a disk is full."""
    is_of_library = not isinstance(error, (OSError, GafreduceError, KeyboardInterrupt))
    return is_of_library and bool(_NO_SPACE.search(str(error)))


def describe(error: BaseException) -> str:
    """Return the message of an error in one line, with advice where the cause is known.

    >>> describe(OSError(errno.ENOSPC, "No space left on device", "/x"))
    '/x: No space left on device (make room; for temporary files set TMPDIR to a folder with space)'
    """
    if isinstance(error, OSError) and error.strerror:
        names = [str(name) for name in (error.filename, error.filename2) if name is not None]
        advice = f" ({_ADVICE[error.errno]})" if error.errno in _ADVICE else ""
        return (
            ": ".join([" and ".join(names), error.strerror] if names else [error.strerror]) + advice
        )
    if _lacks_space(error):
        return f"expected space on the disk, got {error} ({_ADVICE[errno.ENOSPC]})"
    if _lacks_memory(error):
        advice = _ADVICE[errno.ENOMEM]
        return (
            f"expected enough memory, got too little ({advice}; is there a limit: ulimit -v or -u)"
        )
    if _is_of_cut_module(error):
        return (
            "expected whole compiled modules of Python, got one that was cut by a full disk or "
            "ulimit -f (remove the folders __pycache__ of the installation)"
        )
    return str(error)


def _is_of_cut_module(error: BaseException) -> bool:
    return isinstance(error, EOFError) and _CUT_MODULE in str(error)


def read_error_line(errors: str, code: int) -> tuple[str, int]:
    r"""Return the message and the exit code of a failed process of gafreduce.

    A library that ends the process itself, and a failing import, have codes that mean others here.

    Args:
        errors: What it printed to standard error.
        code: Its exit code; negative for a signal.

    >>> read_error_line("gafreduce: a.obo: expected terms\n", 1)
    ('a.obo: expected terms', 1)
    >>> read_error_line("OpenBLAS error: giving up.\n", 1)
    ('OpenBLAS error: giving up.', 3)
    """
    lines = errors.strip().splitlines()
    if code < 0 or not lines:  # the last line of a killed process is not its cause
        return describe_end(code), FAILED
    if lines[-1].startswith(ERROR_PREFIX):
        return lines[-1][len(ERROR_PREFIX) :], code
    return lines[-1], BUG if code == BUG else FAILED


def describe_end(code: int) -> str:
    """Return how a process ended, with advice for a killed one.

    Args:
        code: Its exit code; negative for a signal.

    >>> describe_end(3)
    'its process ended with exit code 3'
    """
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    advice = f" (out of memory? {_ADVICE[errno.ENOMEM]})" if -code == SIGKILL else ""
    return f"its process was ended by {name}{advice}"


def exit_code(error: BaseException) -> int:
    """Return the exit code of a command that ends with an error.

    >>> exit_code(InputError("x")), exit_code(OSError(errno.ENOSPC, "full")), exit_code(KeyError())
    (1, 3, 70)
    """
    if isinstance(error, GafreduceError):
        return error.exit_code
    if isinstance(error, OSError):
        return FAILED if error.errno in _TRANSIENT else INPUT
    if _lacks_memory(error) or _lacks_space(error) or _is_of_cut_module(error):
        return FAILED
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED + (error.number if isinstance(error, Terminated) else signal.SIGINT)
    return BUG
