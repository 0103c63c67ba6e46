"""Inputs that changed while a job read them fail the run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gafreduce.inputs import verify
from gafreduce.inputs.listed_input import InputListing, ListedInput
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.verify import ChangedError
from gafreduce.storage import s3
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3_errors import S3Error

ECOLI = "Escherichia_coli_K_12-83333.gaf"

SUBTILIS = "Bacillus_subtilis_168-224308.gaf"


@pytest.fixture
def listing(tmp_path: Path) -> Callable[..., InputListing]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def listing(*arguments: str, on_hadoop: bool = True) -> InputListing:
        return list_inputs(
            InputRequest(arguments), StorageResolver(s3.Access(), on_hadoop), scratch
        )

    return listing


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, (1, 1))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change, "hdfs:///in/b.gaf was replaced"),
        (Path.unlink, "hdfs:///in/b.gaf is gone"),
        (lambda path: path.write_bytes(b"longer" + path.read_bytes()), "b.gaf was replaced"),
    ],
    ids=["touched", "removed", "longer"],
)
def test_changed_file_in_hdfs_fails_the_run(
    hdfs_files: Any,
    listing: Callable[..., InputListing],
    spoil: Callable[[Path], object],
    message: str,
) -> None:
    hdfs_files.put("in/a.gaf")
    path = hdfs_files.put("in/b.gaf", of=SUBTILIS)
    found = listing("hdfs:///in").inputs
    verify.check_unchanged(found, s3.Access())
    spoil(path)
    with pytest.raises(ChangedError, match=message) as caught:
        verify.check_unchanged(found, s3.Access())
    assert "a.gaf" not in str(caught.value)
    assert "nothing was published" in str(caught.value)


def test_file_changed_during_the_upload_fails_the_run(
    hdfs_files: Any, listing: Callable[..., InputListing], tmp_path: Path, samples: Path
) -> None:
    path = tmp_path / "a.gaf"
    shutil.copy(samples / ECOLI, path)
    found = listing(str(path)).inputs
    verify.check_copied(found)
    change(path)
    with pytest.raises(
        ChangedError, match=r"a\.gaf was replaced at .* while it was copied into HDFS"
    ):
        verify.check_copied(found)
    path.unlink()
    with pytest.raises(ChangedError, match=r"a\.gaf is gone"):
        verify.check_copied(found)


@pytest.fixture
def bucket(s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="gaf")
    return s3_client


def test_replaced_or_removed_objects_fail_the_run(
    bucket: Any, listing: Callable[..., InputListing], samples: Path
) -> None:
    for name, sample in (("a", ECOLI), ("b", SUBTILIS)):
        bucket.put_object(Bucket="gaf", Key=f"in/{name}.gaf", Body=(samples / sample).read_bytes())
    found = listing("s3://gaf/in/").inputs
    verify.check_unchanged(found, s3.Access())
    bucket.put_object(Bucket="gaf", Key="in/a.gaf", Body=b"other")
    with pytest.raises(ChangedError, match=r"s3://gaf/in/a\.gaf was replaced at 20"):
        verify.check_unchanged(found, s3.Access())
    bucket.delete_object(Bucket="gaf", Key="in/b.gaf")
    with pytest.raises(ChangedError, match=r"replaced at .*; s3://gaf/in/b\.gaf is gone"):
        verify.check_unchanged(found, s3.Access())
    many = [replace(found[1], uri=f"s3://gaf/in/{number}.gaf") for number in range(12)]
    with pytest.raises(ChangedError, match=r"in/9\.gaf is gone; and 2 more"):
        verify.check_unchanged(many, s3.Access())


def test_refused_access_to_an_object_is_reported_with_the_key(
    bucket: Any,
    listing: Callable[..., InputListing],
    samples: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket.put_object(Bucket="gaf", Key="a.gaf", Body=(samples / ECOLI).read_bytes())
    found: tuple[ListedInput, ...] = listing("s3://gaf/a.gaf").inputs
    access = s3.Access()

    def refuse(request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        return AWSResponse(request.url, 403, {}, SimpleNamespace(stream=lambda: [b""]))

    access.client().meta.events.register_first("before-send.s3.HeadObject", refuse)
    message = r"looking at s3://gaf/a\.gaf: access is denied to access key \w+ \("
    with pytest.raises(S3Error, match=message):
        verify.check_unchanged(found, access)
