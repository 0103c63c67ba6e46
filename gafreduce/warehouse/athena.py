"""Queries on Amazon Athena: start, wait, read page by page; cancelled when the command is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gafreduce.errors import TransientError, UsageError
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.warehouse.duckdb_engine import QueryError, Result
from gafreduce.warehouse.named_queries import number_parameters

#: List price of a TB that is scanned, in USD, with the least that a query is billed for. Source:
#: https://aws.amazon.com/athena/pricing/, November 2026 (us-east-1).
USD_PER_TB = 5.0
LEAST_BYTES = 10 << 20

#: Seconds between two looks at a query: the first, the last, and the growth.
_FIRST_SECONDS = 0.2
_MOST_SECONDS = 5.0
_GROWTH = 1.5
_TB = 1 << 40


class AthenaAnswer(NamedTuple):
    """The result of a query and what it took."""

    result: Result
    n_bytes: int  # scanned
    milliseconds: int

    def describe_cost(self) -> str:
        """Return the bytes, the time and the price in a sentence.

        >>> AthenaAnswer(Result((), iter(())), 3 << 30, 1500).describe_cost()
        'Athena scanned 3,221,225,472 bytes in 1.5 s: 0.0146 USD at 5 USD per TB (list price)'
        """
        cost = max(self.n_bytes, LEAST_BYTES) / _TB * USD_PER_TB
        return (
            f"Athena scanned {self.n_bytes:,} bytes in {self.milliseconds / 1000:.1f} s: "
            f"{cost:.4f} USD at {USD_PER_TB:g} USD per TB (list price)"
        )


class Athena:
    """A workgroup of Athena and a database of its catalog.

    Args:
        client: Of boto3, for Athena.
        workgroup: Has the place of results and the limit of a scan.
        database: In the Glue catalog.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        client: Any,
        workgroup: str,
        database: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._workgroup = workgroup
        self._database = database
        self._sleep = sleep

    def ask(self, text: str, values: Mapping[str, str]) -> AthenaAnswer:
        """Run a query and return its rows, which are read as they are used.

        Args:
            text: The query; parameters are `$NAME`.
            values: The value of each parameter.

        Raises:
            QueryError: Athena refuses the query.
            UsageError: The workgroup or the database is wrong.
            TransientError: Athena failed, or the query was cancelled there.
        """
        numbered, names = number_parameters(text)
        parameters = {"ExecutionParameters": [_quote(values[name]) for name in names]}
        with translate_errors(f"starting a query in the workgroup {self._workgroup}"):
            started = self._client.start_query_execution(
                QueryString=numbered.rstrip().rstrip(";"),
                QueryExecutionContext={"Database": self._database},
                WorkGroup=self._workgroup,
                **(parameters if names else {}),
            )
        query_id = started["QueryExecutionId"]
        try:
            found = self._wait(query_id)
        except BaseException:
            # a query that nobody waits for would still be billed
            self._client.stop_query_execution(QueryExecutionId=query_id)
            raise
        self._check(found)
        statistics = found.get("Statistics", {})
        return AthenaAnswer(
            self._read(query_id),
            int(statistics.get("DataScannedInBytes", 0)),
            int(statistics.get("TotalExecutionTimeInMillis", 0)),
        )

    def _wait(self, query_id: str) -> dict[str, Any]:
        """Return the query when it has ended."""
        seconds = _FIRST_SECONDS
        while True:
            with translate_errors("waiting for Athena"):
                answer = self._client.get_query_execution(QueryExecutionId=query_id)
            found: dict[str, Any] = answer["QueryExecution"]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return found
            self._sleep(seconds)
            seconds = min(seconds * _GROWTH, _MOST_SECONDS)

    def _check(self, found: Mapping[str, Any]) -> None:
        status = found["Status"]
        reason = str(status.get("StateChangeReason", "no reason given"))
        if status["State"] == "CANCELLED":
            raise TransientError(
                f"Athena cancelled the query: {reason} (the scan limit of the workgroup "
                f"{self._workgroup}?)"
            )
        if status["State"] == "FAILED":
            # 1: of the system, 2: of the user (AthenaError.ErrorCategory)
            category = status.get("AthenaError", {}).get("ErrorCategory", 2)
            if category == 1:
                raise TransientError(f"Athena failed: {reason}")
            raise QueryError(reason)

    def _read(self, query_id: str) -> Result:
        pages = self._client.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        iterator = iter(pages)
        with translate_errors("reading the result from Athena"):
            first = next(iterator)
        described = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        names = tuple(each["Name"] for each in described)
        readers = [_READERS.get(each["Type"], str) for each in described]
        return Result(names, self._list_rows(first, iterator, names, readers))

    def _list_rows(
        self,
        first: Any,
        more: Iterator[Any],
        names: Sequence[str],
        readers: Sequence[Callable[[str], Any]],
    ) -> Iterator[tuple[Any, ...]]:
        page, is_first = first, True
        while page is not None:
            for row in page["ResultSet"]["Rows"]:
                cells = [each.get("VarCharValue") for each in row["Data"]]
                # the first row of the first page repeats the names
                if not (is_first and cells == list(names)):
                    yield tuple(
                        None if cell is None else read(cell)
                        for cell, read in zip(cells, readers, strict=True)
                    )
                is_first = False
            with translate_errors("reading the result from Athena"):
                page = next(more, None)


def _read_list(text: str) -> list[str]:
    inner = text.removeprefix("[").removesuffix("]")
    return inner.split(", ") if inner else []


_READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), int),
    **dict.fromkeys(("float", "double", "real"), float),
    "boolean": lambda text: text == "true",
    "array": _read_list,
}


def _quote(text: str) -> str:
    """Return a text as a literal of SQL, which Athena wants as a value.

    >>> _quote("it's")
    "'it''s'"
    """
    if "\x00" in text:
        raise UsageError("expected a value without the character NUL")
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
