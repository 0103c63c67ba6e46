"""Inputs that changed while a job read them fail the run."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gafreduce.errors import InputError
from gafreduce.inputs import verify
from gafreduce.inputs.listed_input import InputListing, ListedInput
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.verify import ChangedError
from gafreduce.storage import s3
from gafreduce.storage.base import Identity
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


def test_a_change_is_described_by_time_and_by_size_if_it_differs() -> None:
    before = Identity(1000, 5)
    same_size, longer = Identity(1000, 86_400 * 10**9), Identity(2000)
    assert verify._describe_change(before, same_size) == " at 1970-01-02 00:00:00 UTC"
    assert verify._describe_change(before, longer) == " (size 2,000, not 1,000)"


def test_the_files_of_a_run_are_recognised_by_checksum_or_by_size_and_time(tmp_path: Path) -> None:
    paths = [tmp_path / "b.gaf", tmp_path / "a.gaf"]
    for path in paths:
        path.write_bytes(b"abc")
    inputs = tuple(
        ListedInput(str(path), path.name, "gaf", "plain", Identity(3, 7)) for path in paths
    )
    listing = InputListing(inputs)
    digest = hashlib.sha256(b"abc").hexdigest()
    by_sum = {"source_file": "a.gaf", "bytes": 0, "sha256": digest}
    by_time = {"source_file": "b.gaf", "bytes": 3, "mtime_ns": 7, "sha256": ""}
    assert verify.select_files_of_run([by_sum, by_time], listing) == [inputs[1], inputs[0]]
    for wrong in ({"bytes": 4}, {"mtime_ns": 8}, {"sha256": digest[::-1]}):
        with pytest.raises(InputError, match=r"b\.gaf: expected the file that the run read"):
            verify.select_files_of_run([by_sum, by_time | wrong], listing)
    with pytest.raises(InputError, match=r"got others \(none missing; b\.gaf\)"):
        verify.select_files_of_run([by_sum], listing)
    with pytest.raises(InputError, match=r"got others \(c\.gaf; none more\)"):
        verify.select_files_of_run([by_sum, by_time, {"source_file": "c.gaf"}], listing)


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
    many = [found[1]._replace(uri=f"s3://gaf/in/{number}.gaf") for number in range(12)]
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
