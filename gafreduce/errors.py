"""The errors of gafreduce, and the exit codes of its command line.

A caller distinguishes three kinds of error: `InputError`, `UsageError`, `TransientError`. A module
derives a class of its own from one of them only where a caller handles that class differently.
Everything else that is raised, except `OSError`, is a bug in gafreduce.

Nodes import this module: Python 3.9, standard library only.
"""

from __future__ import annotations

import errno
import signal

DONE = 0
INPUT = 1
USAGE = 2
FAILED = 3
# 4 and 5 are reserved: published, but the results could not be printed; --fail-on refused
BUG = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM

#: Each exit code with its meaning, as `--help` and docs/command-line.md list them.
EXIT_CODES = {
    DONE: "done",
    INPUT: "an input is at fault",
    USAGE: "wrong usage",
    FAILED: "failed, trying again may help",
    BUG: "a bug in gafreduce",
    INTERRUPTED: "interrupted",
    TERMINATED: "terminated",
}

#: System errors for which trying again, or making room, may help.
_TRANSIENT = frozenset(
    getattr(errno, name)
    for name in (
        *("EAGAIN", "EBUSY", "EDQUOT", "EINTR", "EIO", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"),
        *("ENOSPC", "ESTALE", "ETIMEDOUT", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH"),
    )
    if hasattr(errno, name)
)


class GafreduceError(Exception):
    """Base class of all errors that gafreduce raises; the message is for users."""

    exit_code = FAILED


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


class Terminated(KeyboardInterrupt):
    """SIGTERM ended the command; `KeyboardInterrupt` itself is SIGINT."""


class InternalError(GafreduceError):
    """gafreduce found that its own results do not agree: a bug."""

    exit_code = BUG


def exit_code(error: BaseException) -> int:
    """Return the exit code of a command that ends with an error.

    >>> exit_code(InputError("x")), exit_code(OSError(errno.ENOSPC, "full")), exit_code(KeyError())
    (1, 3, 70)
    """
    if isinstance(error, GafreduceError):
        return error.exit_code
    if isinstance(error, OSError):
        return FAILED if error.errno in _TRANSIENT else INPUT
    if isinstance(error, MemoryError):
        return FAILED
    if isinstance(error, KeyboardInterrupt):
        return TERMINATED if isinstance(error, Terminated) else INTERRUPTED
    return BUG
