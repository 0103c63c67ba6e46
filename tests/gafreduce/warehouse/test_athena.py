"""Athena: started, awaited, read page by page, cancelled; against moto and a client that answers by a script."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
import requests
from moto import mock_aws

from gafreduce.errors import TransientError
from gafreduce.warehouse.athena import Athena
from gafreduce.warehouse.duckdb_engine import QueryError


class Scripted:
    """A client whose queries end as a script says."""

    def __init__(self, states: list[dict[str, Any]], pages: list[Any] | None = None) -> None:
        self._states = states
        self._pages = pages or []
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def start_query_execution(self, **arguments: Any) -> dict[str, str]:
        self.calls.append(("start", arguments))
        return {"QueryExecutionId": "q"}

    def get_query_execution(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(("get", arguments))
        return {"QueryExecution": self._states.pop(0)}

    def stop_query_execution(self, **arguments: Any) -> None:
        self.calls.append(("stop", arguments))

    def get_paginator(self, name: str) -> Any:
        assert name == "get_query_results"
        return self

    def paginate(self, **arguments: Any) -> Any:
        return iter(self._pages)


def state(word: str, **more: Any) -> dict[str, Any]:
    return {
        "Status": {"State": word, **more},
        "Statistics": {"DataScannedInBytes": 1 << 40, "TotalExecutionTimeInMillis": 2500},
    }


def page(*rows: list[str | None]) -> dict[str, Any]:
    kinds = (("run_id", "varchar"), ("n", "bigint"), ("yes", "boolean"), ("ids", "array"))
    return {
        "ResultSet": {
            "Rows": [
                {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
                for row in rows
            ],
            "ResultSetMetadata": {"ColumnInfo": [{"Name": n, "Type": t} for n, t in kinds]},
        }
    }


def test_rows_of_all_pages_come_with_their_types() -> None:
    pages = [
        page(["run_id", "n", "yes", "ids"], ["a", "1", "true", "[x, y]"]),
        page(["run_id", None, "false", "[]"]),
    ]
    client = Scripted(
        [state("QUEUED"), state("RUNNING"), state("RUNNING"), state("SUCCEEDED")], pages
    )
    waits: list[float] = []
    answer = Athena(client, "w", "d", waits.append).ask("SELECT $x, '$y', $x;\n", {"x": "it's"})
    assert answer.result.columns == ("run_id", "n", "yes", "ids")
    assert list(answer.result.rows) == [("a", 1, True, ["x", "y"]), ("run_id", None, False, [])]
    assert client.calls[0] == (
        "start",
        {
            "QueryString": "SELECT ?, '$y', ?",
            "QueryExecutionContext": {"Database": "d"},
            "WorkGroup": "w",
            "ExecutionParameters": ["'it''s'", "'it''s'"],
        },
    )
    assert waits == pytest.approx([0.2, 0.3, 0.45])
    assert answer.describe_cost() == (
        "Athena scanned 1,099,511,627,776 bytes in 2.5 s: 5.0000 USD at 5 USD per TB (list price)"
    )


def test_waits_grow_to_five_seconds() -> None:
    client = Scripted(
        [state("RUNNING")] * 20 + [state("SUCCEEDED")], [page(["run_id", "n", "yes", "ids"])]
    )
    waits: list[float] = []
    Athena(client, "w", "d", waits.append).ask("SELECT 1", {})
    assert (max(waits), waits[-1]) == (5.0, 5.0)
    assert "ExecutionParameters" not in client.calls[0][1]


@pytest.mark.parametrize(
    ("end", "error", "message"),
    [
        (state("FAILED", StateChangeReason="line 1: no column"), QueryError, "line 1: no column"),
        (
            state("FAILED", StateChangeReason="internal", AthenaError={"ErrorCategory": 1}),
            TransientError,
            "Athena failed: internal",
        ),
        (state("CANCELLED", StateChangeReason="Bytes scanned limit"), TransientError, "scan limit"),
    ],
)
def test_failures_say_whose_they_are(end: dict[str, Any], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        Athena(Scripted([end]), "w", "d").ask("SELECT 1", {})


def test_an_interrupt_cancels_the_query_there() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    client = Scripted([state("RUNNING")])
    with pytest.raises(KeyboardInterrupt):
        Athena(client, "w", "d", interrupt).ask("SELECT 1", {})
    assert client.calls[-1] == ("stop", {"QueryExecutionId": "q"})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


def test_the_command_asks_the_workgroup(
    aws: Any, gafreduce: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = boto3.client("athena")
    client.create_work_group(
        Name="w", Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/athena/"}}
    )
    found = page(["run_id", "n", "yes", "ids"], ["a", "1", "true", "[]"])["ResultSet"]
    columns = [
        {
            **each,
            **{"CatalogName": "c", "SchemaName": "", "TableName": "", "Label": each["Name"]},
            **{"Precision": 0, "Scale": 0, "Nullable": "UNKNOWN", "CaseSensitive": True},
        }
        for each in found["ResultSetMetadata"]["ColumnInfo"]
    ]
    queued = {"account_id": "123456789012", "region": "us-east-1"}
    requests.post(
        "http://motoapi.amazonaws.com/moto-api/static/athena/query-results",
        json={"results": [{"rows": found["Rows"], "column_info": columns}], **queued},
    )
    code, out, _ = gafreduce("query", "@organism-history", "--athena", "w", "--set", "organism=1")
    assert (code, out) == (0, "run_id\tn\tyes\tids\na\t1\ttrue\t\n")
    assert "Athena scanned" in caplog.text
    (query_id,) = client.list_query_executions()["QueryExecutionIds"]
    asked = client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    assert (asked["WorkGroup"], asked["QueryExecutionContext"]["Database"]) == ("w", "gafreduce")
    assert asked["ExecutionParameters"] == ["'1'"]
    assert "organisms.organism_id = ?" in asked["Query"]


def test_a_workgroup_that_does_not_exist_is_named(aws: Any, gafreduce: Any) -> None:
    code, out, errors = gafreduce("query", "SELECT 1", "--athena", "none")
    assert (code, out) == (3, "")
    assert "starting a query in the workgroup none" in errors
