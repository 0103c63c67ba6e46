"""Inputs in S3 are downloaded whole and unchanged, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from botocore.exceptions import IncompleteReadError
from botocore.response import StreamingBody
from gaf_lines import line

from gafreduce.errors import InputError
from gafreduce.inputs import free_space
from gafreduce.inputs.download import JobInput, local_inputs
from gafreduce.inputs.listed_input import InputListing, ListedInput
from gafreduce.storage import s3
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3_errors import S3Error

Download = Callable[[Sequence[ListedInput]], AbstractContextManager[Sequence[JobInput]]]


@pytest.fixture
def download(access: s3.Access, tmp_path: Path) -> Download:
    """Return a function that downloads inputs into the test's folder, without progress."""
    return lambda found: local_inputs(
        found, StorageResolver(access), tmp_path, lambda done, total: None
    )


def test_progress_counts_every_byte_once(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
) -> None:
    put(**{f"{number}.gaf": line(f"P{number}") * 999 for number in range(5)})
    found = listing("s3://gaf/").inputs
    total = sum(each.bytes for each in found)
    seen: list[tuple[int, int]] = []
    with local_inputs(
        found, StorageResolver(access), tmp_path, lambda *counts: seen.append(counts)
    ):
        assert seen == sorted(seen)
        assert seen[-1] == (total, total)


def is_empty(tmp_path: Path) -> bool:
    return not list(tmp_path.iterdir())


def test_body_that_breaks_off_at_each_attempt_is_reported(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    download: Download,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(**{"a.gaf": line("P1")})
    found = listing("s3://gaf/a.gaf").inputs

    def breaks_off(self: StreamingBody, amt: int | None = None) -> bytes:
        raise IncompleteReadError(actual_bytes=0, expected_bytes=1)

    monkeypatch.setattr(StreamingBody, "read", breaks_off)
    with (
        pytest.raises(S3Error, match=r"^reading s3://gaf/a\.gaf: the connection broke off"),
        download(found),
    ):
        pass


def test_one_changed_object_of_many_fails_the_download(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    download: Download,
    access: s3.Access,
    tmp_path: Path,
) -> None:
    put(**{f"{number}.gaf": line(f"P{number}") for number in range(9)})
    found = listing("s3://gaf/").inputs
    put(**{"7.gaf": line("P0")})
    with (
        pytest.raises(S3Error, match=r"reading s3://gaf/7\.gaf: the object changed since"),
        download(found),
    ):
        pass
    access.client().delete_object(Bucket="gaf", Key="7.gaf")
    with (
        pytest.raises(S3Error, match=r"reading s3://gaf/7\.gaf: there is no such object"),
        download(found),
    ):
        pass
    assert is_empty(tmp_path)


def test_downloads_are_removed_after_an_interrupt(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    download: Download,
    tmp_path: Path,
) -> None:
    put(**{"a.gaf": line("P1")})
    found = listing("s3://gaf/a.gaf").inputs

    def interrupted() -> None:
        with download(found) as downloaded:
            assert Path(downloaded[0].uri).is_file()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert is_empty(tmp_path)


def test_missing_disk_space_is_reported_before_the_download(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    download: Download,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(**{"a.gaf": line("P1")})
    found = listing("s3://gaf/a.gaf").inputs
    monkeypatch.setattr(free_space, "SPARE_BYTES", 1 << 62)
    with pytest.raises(InputError, match="expected space for"), download(found):
        pass


def test_companion_is_downloaded_and_must_be_unchanged(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    download: Download,
) -> None:
    gpad = b"!gpa-version: 1.1\nUniProtKB\tP1\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000314\t\t\t20200102\tX\t\t\n"
    put(**{"in/x.gpa": gpad, "in/x.gpi": b"!gpi-version: 1.2\n"})
    put(**{"in/inputs.tsv": b"path\tcompanion\nx.gpa\tx.gpi\n"})
    found = listing("s3://gaf/in/").inputs
    assert found[0].companion == "s3://gaf/in/x.gpi"
    with download(found) as downloaded:
        assert Path(downloaded[0].listed.companion).read_bytes() == b"!gpi-version: 1.2\n"
    put(**{"in/x.gpi": b"!gpi-version: 1.2\n!more\n"})
    with pytest.raises(S3Error, match=r"x\.gpi: the object changed"), download(found):
        pass


def test_replaced_object_is_refused(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    download: Download,
    tmp_path: Path,
) -> None:
    put(**{"a.gaf": line("P1")})
    found = listing("s3://gaf/a.gaf").inputs
    put(**{"a.gaf": line("P1") * 2})
    with pytest.raises(S3Error, match=r"s3://gaf/a\.gaf: the object changed"), download(found):
        pass
    assert list(tmp_path.iterdir()) == []
