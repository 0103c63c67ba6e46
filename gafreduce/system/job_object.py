"""Let children end with this process on Windows, even when it is killed: by a job object.

A job object ends its processes when its last handle is closed, and Windows closes the handles of a
process that ends. On other systems a pipe does this (gafreduce/processes.py).
"""

from __future__ import annotations

import sys

_EXTENDED_LIMITS = 9
_KILL_ON_JOB_CLOSE = 0x2000


class _Job:
    """The job object of this process; None until it has children."""

    handle: int | None = None


def tie(process_handle: int) -> None:
    """Let a child process end with this one. What cannot be tied is not: it reads our pipes.

    Args:
        process_handle: Of the child.
    """
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.CreateJobObjectW.restype = ctypes.c_void_p
        if _Job.handle is None:
            _Job.handle = kernel.CreateJobObjectW(None, None)
            limits = (ctypes.c_byte * 144)()  # JOBOBJECT_EXTENDED_LIMIT_INFORMATION
            ctypes.cast(limits, ctypes.POINTER(ctypes.c_uint32))[4] = _KILL_ON_JOB_CLOSE
            kernel.SetInformationJobObject(
                ctypes.c_void_p(_Job.handle), _EXTENDED_LIMITS, limits, ctypes.sizeof(limits)
            )
        kernel.AssignProcessToJobObject(
            ctypes.c_void_p(_Job.handle), ctypes.c_void_p(process_handle)
        )
