"""Reads the search database: a connection for each thread, and a time limit for each request."""

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
_N_INSTRUCTIONS = 2_000
#: Counts that are kept: some hundred bytes each.
_MOST_COUNTS = 4096


class TooSlowError(Exception):
    """A request takes longer than the limit."""


class Store:
    """A search database.

    Args:
        path: Of the file; it must not change while it is served.
        seconds: Limit of a request.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._local = threading.local()
        #: Numbers of rows; all pages of a list have the same one.
        self.counts: dict[Statement, int] = {}
        with path.open("rb") as stream:
            #: A text that differs when the content does.
            self.version = hashlib.file_digest(stream, "sha256").hexdigest()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = open_database(self._path)
        return found

    def begin(self, seconds: float | None = None) -> Reading:
        """Return the reading of one request, whose time runs from now.

        Args:
            seconds: Its limit, if it is less than that of all requests.
        """
        return Reading(self, min(self._seconds, seconds or self._seconds))


class Reading:
    """What one request reads: all its statements together have one limit of time.

    Args:
        store: The database.
        seconds: The limit.
    """

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._end = time.monotonic() + seconds

    def count(self, statement: Statement) -> int:
        """Return the one number that a statement finds; it is kept for later requests.

        Raises:
            TooSlowError: The limit is over.
        """
        counts = self._store.counts
        found = counts.get(statement)
        if found is None:
            ((found,),) = self.read(statement)
            if len(counts) >= _MOST_COUNTS:
                counts.clear()
            counts[statement] = found
        return found

    def read(self, statement: Statement) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a statement.

        Raises:
            TooSlowError: The limit is over.
        """
        connection, end = self._store.connection, self._end
        connection.set_progress_handler(lambda: time.monotonic() > end, _N_INSTRUCTIONS)
        try:
            return connection.execute(statement.text, statement.values).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise TooSlowError from error
            raise
        finally:
            connection.set_progress_handler(None, 0)
