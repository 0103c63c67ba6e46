"""The named queries: files of SQL in `queries/`, each with its description in comments at the top.

    -- One line with what the query answers.
    -- Needs: the tables beside those of runs, and where they come from.
    -- Parameter NAME: what it is (default: VALUE).

A parameter is `$NAME` in the text. The text is the same for DuckDB and Athena.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import UsageError

#: In a checkout, infra/queries is a link to it.
FOLDER = Path(__file__).with_name("queries")

_PARAMETER = re.compile(r"-- Parameter (\w+): (.+?)(?: \(default: (.+)\))?\.")
#: Texts, names and comments of SQL, in which `$` means nothing; and parameters.
_PIECES = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\$(\w+)""", re.DOTALL)


class Parameter(NamedTuple):
    """A parameter of a query."""

    name: str
    description: str
    default: str | None  # None: it has to be given


class Query(NamedTuple):
    """A query, named or of the user."""

    name: str  # empty for one of the user
    title: str
    parameters: tuple[Parameter, ...]
    text: str


def list_queries() -> list[Query]:
    """Return all named queries, sorted by name."""
    return [_parse(path) for path in sorted(FOLDER.glob("*.sql"))]


def read_query(text: str) -> Query:
    """Return a query of the command line: `@NAME` for a named one, else the text itself.

    Raises:
        UsageError: There is no query of this name, or no text.
    """
    if not text.startswith("@"):
        if not text.strip():
            raise UsageError("expected a query, got an empty text")
        found = tuple(Parameter(name, "", None) for name in _list_names(text))
        return Query("", "", found, text)
    named = {query.name: query for query in list_queries()}
    name = text[1:].strip().removesuffix(".sql")
    if name not in named:
        raise UsageError(f"{text}: expected a named query, one of {', '.join(named)}")
    return named[name]


def _parse(path: Path) -> Query:
    text = path.read_text(encoding="utf-8")
    title = text.partition("\n")[0].removeprefix("-- ")
    described = {
        name: Parameter(name, description, default or None)
        for name, description, default in _PARAMETER.findall(text)
    }
    names = _list_names(text)
    return Query(path.stem, title, tuple(described[name] for name in names), text)


def _list_names(text: str) -> list[str]:
    """Return the parameters that a text uses, in the order of their first use."""
    return list(dict.fromkeys(match[1] for match in _PIECES.finditer(text) if match[1]))


def choose_values(query: Query, given: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each parameter: the given one, or the default.

    Raises:
        UsageError: A value is missing, or a name is not one of the query's.
    """
    known = {each.name: each for each in query.parameters}
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none"
            raise UsageError(f"--set {name}: expected a parameter of the query, one of {names}")
    values: dict[str, str] = {}
    for name, parameter in known.items():
        value = given.get(name, parameter.default)
        if value is None:
            what = f" ({parameter.description})" if parameter.description else ""
            raise UsageError(f"expected a value for ${name}{what}: --set {name}=VALUE")
        values[name] = value
    return values


def number_parameters(text: str) -> tuple[str, list[str]]:
    """Return the text with `?` for each parameter, and their names in the order of the text.

    >>> number_parameters("SELECT '$x', $term -- $y")
    ("SELECT '$x', ? -- $y", ['term'])
    """
    names: list[str] = []

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        names.append(match[1])
        return "?"

    return _PIECES.sub(replace, text), names


def names_table(text: str, table: str) -> bool:
    """Return whether a text of SQL may read a table.

    >>> names_table("SELECT * FROM Runs", "runs"), names_table("SELECT n_runs", "runs")
    (True, False)
    """
    return re.search(rf"\b{re.escape(table)}\b", text, re.IGNORECASE) is not None
