"""Reads the search database for the service: a connection for each thread, and a time limit."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gafreduce.service.resources import Statement
from gafreduce.service.search_database import open_database

#: Instructions of SQLite between two looks at the clock.
_N_INSTRUCTIONS = 5_000


class TooSlowError(Exception):
    """A statement took longer than the limit."""


class Store:
    """A search database.

    Args:
        path: Of the file; it must not change while it is served.
        seconds: Limit of a statement.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._local = threading.local()
        with path.open("rb") as stream:
            #: A text that differs when the content does.
            self.version = hashlib.file_digest(stream, "sha256").hexdigest()

    @property
    def _connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = open_database(self._path)
        return found

    def read(self, statement: Statement) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a statement.

        Raises:
            TooSlowError: It takes longer than the limit.
        """
        connection = self._connection
        end = time.monotonic() + self._seconds
        connection.set_progress_handler(lambda: int(time.monotonic() > end), _N_INSTRUCTIONS)
        try:
            return connection.execute(statement.text, statement.values).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise TooSlowError from error
            raise
        finally:
            connection.set_progress_handler(None, 0)
