"""One line on a terminal that shows how far a download is; nothing where there is no terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_SECONDS = 0.2
_CLEAR = "\r\x1b[K"
_WIDTH = 20


class DownloadLine:
    """The line of one file after another."""

    def __init__(self, stream: TextIO | None = None, is_quiet: bool = False) -> None:
        """Draw on a stream, standard error by default, if it is a terminal."""
        self._stream = sys.stderr if stream is None else stream
        self._is_drawn = not is_quiet and self._stream.isatty()
        self._name = ""
        self._done, self._total = 0, 0
        self._next = 0.0

    def begin(self, name: str, done: int, total: int | None) -> None:
        """Begin, or continue, a file.

        Args:
            name: Its name.
            done: Bytes that are there already.
            total: Bytes of the whole file; None if the server does not say.
        """
        self._name, self._done, self._total = name, done, total or 0
        self._draw()

    def add(self, n_bytes: int) -> None:
        """Count bytes that have arrived."""
        self._done += n_bytes
        if self._is_drawn and time.monotonic() >= self._next:
            self._draw()

    def clear(self) -> None:
        """Remove the line."""
        if self._is_drawn:
            self._write(_CLEAR)

    def _draw(self) -> None:
        if self._is_drawn:
            self._next = time.monotonic() + _SECONDS
            self._write(_CLEAR + self.render())

    def render(self) -> str:
        """Return the line.

        >>> line = DownloadLine(sys.stderr)
        >>> line.begin("BACSU.gaf.gz", 500_000, 2_000_000)
        >>> line.render()
        'BACSU.gaf.gz [#####               ] 0.5 of 2.0 MB'
        """
        if not self._total:
            return f"{self._name} {self._done / 1e6:.1f} MB"
        bar = "#" * (_WIDTH * min(self._done, self._total) // self._total)
        return f"{self._name} [{bar:{_WIDTH}}] {self._done / 1e6:.1f} of {self._total / 1e6:.1f} MB"

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the terminal is closed
            self._is_drawn = False
