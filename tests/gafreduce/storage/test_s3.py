"""Requests to S3: bounded retries, conditions on ETags, and messages for errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.storage import s3, s3_storage
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3_errors import S3Error, add_identity, translate_errors


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDenied", "access is denied"),
        ("403", "access is denied"),
        ("NoSuchBucket", "no such bucket"),
        ("ExpiredToken", "credentials have expired"),
        ("InvalidObjectState", "archived"),
        ("PermanentRedirect", "another region"),
        ("RequestTimeTooSkewed", "clock"),
        ("SlowDown", "slow down"),
        ("Strange", "Strange"),
    ],
)
def test_error_codes_of_the_service_are_explained(code: str, message: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": ""}}, "GetObject")
    with pytest.raises(S3Error, match=f"^reading x: .*{message}"), translate_errors("reading x"):
        raise error


def test_other_errors_of_boto3_are_explained(
    put: Callable[..., None], access: s3.Access, tmp_path: Path
) -> None:
    with (
        pytest.raises(S3Error, match=r"^reading x: there are no credentials"),
        translate_errors("reading x"),
    ):
        raise NoCredentialsError
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with (
        pytest.raises(S3Error, match=r"^putting: there is no such bucket$"),
        translate_errors("putting"),
    ):
        access.client().upload_file(str(path), "nowhere", "key")


def test_unreachable_endpoint_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    access = s3.Access("http://127.0.0.1:1")
    with pytest.raises(S3Error, match="listing s3://gaf/x: Could not connect to the endpoint"):
        list_inputs(InputRequest(("s3://gaf/x",)), StorageResolver(access), tmp_path)


@pytest.mark.parametrize(("variable", "attempts"), [("", 6), ("2", 2)])
def test_number_of_attempts_is_bounded_and_configurable(
    monkeypatch: pytest.MonkeyPatch, variable: str, attempts: int
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", variable)
    config: Any = s3.Access().client().meta.config
    assert config.retries == {
        "mode": "standard",
        "total_max_attempts": attempts,
    }


def test_client_is_made_once(access: s3.Access) -> None:
    assert access.client() is access.client()


def test_condition_on_an_etag_ends_with_its_block(
    put: Callable[..., None], access: s3.Access, tmp_path: Path
) -> None:
    put(x=b"1")
    client = access.client()
    with (
        s3.require_etags(client, {s3.Location("gaf", "x"): '"other"'}),
        pytest.raises(ClientError, match=r"412|PreconditionFailed"),
    ):
        client.get_object(Bucket="gaf", Key="x")
    assert client.get_object(Bucket="gaf", Key="x")["Body"].read() == b"1"


@pytest.mark.parametrize(("status", "is_named"), [(403, True), (404, False), (200, False)])
def test_who_was_refused_is_noted(status: int, is_named: bool) -> None:
    session = SimpleNamespace(
        get_credentials=lambda: SimpleNamespace(access_key="AKIA1"), profile_name="default"
    )
    answer: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": status}}
    add_identity(session, answer)
    assert ("access key AKIA1" in str(answer)) is is_named


def test_objects_are_listed_with_their_times(put: Callable[..., None], access: s3.Access) -> None:
    put(x=b"1")
    changed = access.client().head_object(Bucket="gaf", Key="x")["LastModified"]
    storage = StorageResolver(access).open("s3://gaf/x")
    for entry in (
        storage.stat(["s3://gaf/x"])["s3://gaf/x"],
        storage.list("s3://gaf/x").entries[0],
    ):
        assert entry.identity.mtime_ns == int(changed.timestamp()) * 10**9
        assert (entry.name, entry.bytes) == ("x", 1)
    assert storage.stat(["s3://gaf/none"]) == {}


def test_progress_begins_at_nothing_and_ends_at_all_bytes(
    put: Callable[..., None], access: s3.Access, tmp_path: Path
) -> None:
    put(x=b"12345")
    storage = StorageResolver(access).open("s3://gaf/x")
    wanted = {"s3://gaf/x": storage.stat(["s3://gaf/x"])["s3://gaf/x"].identity}
    seen: list[tuple[int, int]] = []
    storage.download(wanted, tmp_path, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (5, 5)
    counter = s3_storage._Counter(5, lambda done, total: seen.append((done, total)))
    counter.add(2)
    assert seen[-1] == (2, 5)
