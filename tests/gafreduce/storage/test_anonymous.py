"""Public buckets are read without credentials, by an option or because there are none."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from moto import mock_aws

from gafreduce.pipeline.options import S3Options
from gafreduce.storage.s3 import Access, Location, read_object


@pytest.fixture
def without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def find_signature(access: Access) -> object:
    return access.client().meta.config.signature_version


def test_requests_are_signed_if_there_are_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert find_signature(Access()) is not UNSIGNED
    assert find_signature(S3Options(no_sign_request=True).make_access()) is UNSIGNED


@pytest.mark.usefixtures("without_credentials")
def test_without_credentials_requests_are_not_signed() -> None:
    assert find_signature(S3Options().make_access()) is UNSIGNED


def test_a_public_object_is_read_and_no_signature_is_sent() -> None:
    headers: list[str] = []
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="go-data-product-current")
        client.put_object(
            Bucket="go-data-product-current", Key="a.gaf", Body=b"x", ACL="public-read"
        )
        anonymous = Access(is_anonymous=True).client()
        anonymous.meta.events.register(
            "before-send.s3", lambda request, **_: headers.extend(request.headers)
        )
        found = read_object(anonymous, Location("go-data-product-current", "a.gaf"))
    assert found == b"x"
    assert "Authorization" not in headers
    assert "User-Agent" in headers
