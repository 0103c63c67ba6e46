"""The runs that an application serves: which database answers a request, and their pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from gafreduce.service.store import Store


class Library(Protocol):
    """The runs."""

    def choose_store(self, run_id: str | None) -> Store:
        """Return the database that answers a request.

        Args:
            run_id: The only run that the request is about; None: all of them. There may be no such
                run.

        Raises:
            GafreduceError: The runs cannot be read.
        """

    def find_page(self, run_id: str) -> Path | str | None:
        """Return the page of a run: its path, a URL, or None when it has none.

        Raises:
            GafreduceError: It cannot be read.
        """


class OneDatabase:
    """Runs with one database for all, which never changes.

    Args:
        database: The search database.
        pages: The page of each run, by its id.
        seconds: Limit of a request.
    """

    def __init__(
        self, database: Path, pages: Mapping[str, Path] | None = None, seconds: float = 2.0
    ) -> None:
        self._store = Store(database, seconds)
        self._pages = pages or {}

    def choose_store(self, run_id: str | None) -> Store:
        """Return the database."""
        return self._store

    def find_page(self, run_id: str) -> Path | None:
        """Return the page of a run; None when it has none."""
        return self._pages.get(run_id)
