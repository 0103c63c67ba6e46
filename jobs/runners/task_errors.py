"""Errors of tasks, as they travel from the process of a task to the runner."""

from __future__ import annotations

import contextlib
import pickle

from gafreduce.errors import INTERRUPTED, TransientError, describe_end, exit_code

#: Bytes of an error: a pipe takes as much at once.
MOST_BYTES = 1 << 16


class TaskError(TransientError):
    """A task failed, or its process was killed; the cause is its error, if that is picklable."""


def pickle_error(error: BaseException) -> bytes:
    """Return the text of an error, and the error itself if it is picklable."""
    if isinstance(error, KeyboardInterrupt):
        return pickle.dumps((describe_code(INTERRUPTED - exit_code(error)), None))
    text = f"{type(error).__name__}: {error}"[: MOST_BYTES // 8]
    with contextlib.suppress(Exception):  # an error with other arguments cannot be loaded
        pickled = pickle.dumps((text, error))
        if isinstance(error, Exception) and len(pickled) <= MOST_BYTES:
            pickle.loads(pickled)
            return pickled
    return pickle.dumps((text, None))


def describe_code(code: int) -> str:
    """Return how the process of a task ended.

    Args:
        code: Its exit code; negative for a signal.
    """
    return f"a task failed: {describe_end(code)}"
