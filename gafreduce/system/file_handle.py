"""Handles of files on Windows, with the sharing that Python's own functions do not offer.

By ctypes: `_winapi.CreateFile` takes names in the code page only.
"""

from __future__ import annotations

import sys
from pathlib import Path

if sys.platform == "win32":
    import ctypes

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateFileW.restype = ctypes.c_void_p
    _kernel.CreateFileW.argtypes = [
        *(ctypes.c_wchar_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p),
        *(ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p),
    ]
    _kernel.CloseHandle.argtypes = [ctypes.c_void_p]
    _READ, _WRITE = 0x80000000, 0x40000000
    _SHARED = 1 | 2 | 4  # others may read, write, and rename or remove
    _NEW, _EXISTING = 1, 3
    _ORDINARY = 0x80
    _INVALID = ctypes.c_void_p(-1).value

    def open_handle(
        path: Path, *, may_write: bool = False, is_new: bool = False, is_shared: bool
    ) -> int:
        """Open a file and return its handle.

        Args:
            path: The file.
            may_write: Whether it can be written.
            is_new: Whether it is created.
            is_shared: Whether others may have it open, rename and remove it.

        Raises:
            OSError: It cannot be opened so.
        """
        found: int | None = _kernel.CreateFileW(
            str(path),
            _READ | (_WRITE if may_write else 0),
            _SHARED if is_shared else 0,
            None,
            _NEW if is_new else _EXISTING,
            _ORDINARY,
            None,
        )
        if found is None or found == _INVALID:
            code = ctypes.get_last_error()
            raise OSError(0, ctypes.FormatError(code).strip(), str(path), code)
        return found

    def close(handle: int) -> None:
        """Close a handle."""
        _kernel.CloseHandle(handle)
