"""The service as a function: events in the shape of API Gateway's HTTP APIs (payload format 2.0)."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gafreduce.cloud import api
from gafreduce.errors import UsageError
from gafreduce.publishing.run_folder import RunFolder


def make_event(path: str, method: str = "GET", query: str = "", **headers: str) -> dict[str, Any]:
    """Return an event as `sam local generate-event apigateway http-api-proxy` makes it."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": ["cookie1", "cookie2"],
        "headers": {"host": "id.execute-api.us-east-1.amazonaws.com", **headers},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "authorizer": {"jwt": {"claims": {"claim1": "value1"}, "scopes": ["scope1"]}},
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.168.0.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "isBase64Encoded": False,
    }


@pytest.fixture(scope="module")
def folder(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from gafreduce.cli.main import main

    path = tmp_path_factory.mktemp("lambda") / "run"
    arguments = ["run", str(samples), "--ontology", str(samples / "go-samples.obo"), "-q"]
    assert main([*arguments, "--no-report", "--search", "-o", str(path)]) == 0
    return path


@pytest.fixture
def published(folder: Path, s3_client: Any) -> RunFolder:
    s3_client.create_bucket(Bucket="results")
    for path in folder.rglob("*"):
        if path.is_file():
            key = f"in/run/{path.relative_to(folder).as_posix()}"
            s3_client.upload_file(str(path), "results", key)
    return RunFolder(folder)


def test_events_are_answered_as_requests(published: RunFolder) -> None:
    handle = api.make_handler_of({"GAFREDUCE_RUNS": "s3://results/in"})
    query = urlencode({"run": published.run_id, "compared": "true", "limit": 2})
    answer = handle(make_event("/organisms", query=query), None)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    found = json.loads(answer["body"])
    assert (found["total"], len(found["items"])) == (7, 2)
    assert found["links"]["next"].startswith("/organisms?")
    packed = handle(make_event("/gene-products", **{"accept-encoding": "gzip"}), None)
    assert packed["isBase64Encoded"] is True
    unpacked = json.loads(gzip.decompress(base64.b64decode(packed["body"])))
    assert unpacked["total"] > 7
    table = handle(make_event("/organisms.csv"), None)
    assert table["body"].startswith("run_id,organism_id")
    etag = table["headers"]["etag"]
    same = handle(make_event("/organisms.csv", **{"if-none-match": etag}), None)
    assert (same["statusCode"], same["body"]) == (304, "")
    assert handle(make_event("/organisms", "DELETE"), None)["statusCode"] == 405
    wrong = handle(make_event("/organisms", query="limit=x"), None)
    assert wrong["headers"]["content-type"] == "application/problem+json"


def test_a_stage_is_before_all_paths(published: RunFolder) -> None:
    environment = {"GAFREDUCE_RUNS": "s3://results/in", "GAFREDUCE_ROOT_PATH": "/prod"}
    handle = api.make_handler_of(environment)
    answer = handle(make_event("/prod/organisms", query="limit=2"), None)
    links = json.loads(answer["body"])["links"]
    assert links["next"] == "/prod/organisms?limit=2&offset=2"
    following, _, query = links["next"].partition("?")
    assert handle(make_event(following, query=query), None)["statusCode"] == 200


def test_the_place_of_the_runs_is_needed() -> None:
    for environment in ({}, {"GAFREDUCE_RUNS": "here"}):
        with pytest.raises(UsageError, match="GAFREDUCE_RUNS: expected s3://bucket/prefix"):
            api.make_handler_of(environment)
