"""Inputs in S3 are found, and downloaded whole and unchanged or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from botocore.exceptions import ClientError, IncompleteReadError, NoCredentialsError
from botocore.response import StreamingBody
from moto import mock_aws

from gafreduce.errors import InputError
from gafreduce.inputs import download
from gafreduce.inputs.download import JobInput, local_inputs
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.storage import s3
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3_errors import S3Error, translate_errors

LINE = b"DB\t%s\tsym\t\tGO:0030420\tREF:1\tIEA\t\tP\tname\t\tprotein\ttaxon:1\t20200101\tX\t\t\n"


def line(name: str) -> bytes:
    return LINE % name.encode()


@pytest.fixture
def access() -> s3.Access:
    return s3.Access()


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch, access: s3.Access) -> Iterator[Callable[..., None]]:
    """Put objects into the bucket `gaf`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = access.client()
        client.create_bucket(Bucket="gaf")

        def put(**bodies: bytes) -> None:
            for key, body in bodies.items():
                client.put_object(Bucket="gaf", Key=key, Body=body)

        yield put


@pytest.fixture
def listing(access: s3.Access, tmp_path: Path) -> Callable[..., InputListing]:
    return lambda *arguments: list_inputs(
        InputRequest(arguments), StorageResolver(access), tmp_path
    )


def uris(found: InputListing) -> list[str]:
    return [each.uri.removeprefix("s3://gaf/") for each in found.inputs]


def test_other_files_below_a_prefix_are_not_read(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in/a.gaf": line("P1"), "in/deep/b.gaf": line("P2"), "in/README.md": b"# words"})
    put(**{"in/_SUCCESS": b"", "in/.hidden": b"x", "in/deep/": b"", "inside/c.gaf": line("P3")})
    for argument in ("s3://gaf/in/", "s3://gaf/in", "s3a://gaf/in/", "s3n://gaf/in"):
        found = listing(argument)
        assert uris(found) == ["in/a.gaf", "in/deep/b.gaf"]
        assert len(found.notes) == 1
        assert found.notes[0].endswith(": not read: README.md, _SUCCESS")


def test_object_takes_precedence_over_prefix_and_glob(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in": line("P1"), "in/a.gaf": line("P2"), "a[1].gaf": line("P3"), "a1.gaf": line("P4")})
    assert uris(listing("s3://gaf/in")) == ["in"]
    assert uris(listing("s3://gaf/in/")) == ["in/a.gaf"]
    assert uris(listing("s3://gaf/a[1].gaf")) == ["a[1].gaf"]
    assert uris(listing("s3://gaf/a[0-9].gaf")) == ["a1.gaf"]
    assert uris(listing("s3://gaf/*/*")) == ["in/a.gaf"]


@pytest.mark.parametrize("key", ["a b.gaf", "%41%20.gaf", "#1?.gaf", "é☃.gaf", "a+b&c=d.gaf"])
def test_objects_with_hostile_keys_are_read(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
    key: str,
) -> None:
    put(**{f"x y/{key}": line("P1")})
    found = listing(f"s3://gaf/x y/{key}").inputs
    assert found[0].source_file == key
    with local_inputs(
        found, StorageResolver(access), tmp_path, lambda done, total: None
    ) as brought:
        assert Path(brought[0].uri).read_bytes() == line("P1")


def test_sheet_in_s3_may_have_any_name(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in/a.gaf": line("P1"), "in/b/c.gaf": line("P2"), "in/b/inputs.tsv": b"path\nc.gaf\n"})
    put(**{"in/sheet.tsv": b"path\torganism\na.gaf\tA b\ns3://gaf/in/b/c.gaf\tC d\n"})
    found = listing("s3://gaf/in/sheet.tsv").inputs
    assert [(each.source_file, each.organism) for each in found] == [
        ("a.gaf", "A b"),
        ("c.gaf", "C d"),
    ]
    assert uris(listing("s3://gaf/in/b")) == ["in/b/c.gaf"]


def test_error_in_a_sheet_in_s3_is_reported_with_its_line(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in/inputs.tsv": b"path\tcomplete\na.gaf\tmaybe\n"})
    with pytest.raises(InputError, match=r"s3://gaf/in/inputs\.tsv:2: expected true or false"):
        listing("s3://gaf/in/")
    put(**{"in/inputs.tsv": b"path\na.gaf\n"})
    with pytest.raises(InputError, match=r"s3://gaf/in/inputs\.tsv:2: s3://gaf/in/a\.gaf: exp"):
        listing("s3://gaf/in/")
    put(**{"in/inputs.tsv": b""})
    with pytest.raises(InputError, match=r"s3://gaf/in/inputs\.tsv: expected a sample sheet"):
        listing("s3://gaf/in/")


def test_copies_in_s3_are_recognised_by_their_etags(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"a.gaf": line("P1"), "b.gaf": line("P1")})
    with pytest.raises(InputError, match="got the same content as s3://gaf/a"):
        listing("s3://gaf/a.gaf", "s3://gaf/b.gaf")
    with pytest.raises(InputError, match="expected each file once"):
        listing("s3://gaf/a.gaf", "s3a://gaf/a.gaf")


def test_only_the_beginning_of_an_object_is_read_to_list_it(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(**{f"{number}.gaf": line(f"P{number}") * 20_000 for number in range(3)})
    asked = []
    original = access.client().get_object

    def get(**given: Any) -> Any:
        asked.append((given["Range"], bool(given["IfMatch"])))
        return original(**given)

    monkeypatch.setattr(access.client(), "get_object", get)
    listing("s3://gaf/")
    assert asked == [("bytes=0-65535", True)] * 3


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


def brought_to_nothing(tmp_path: Path) -> bool:
    return not list(tmp_path.iterdir())


def test_body_that_breaks_off_at_each_attempt_is_reported(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(**{"a.gaf": line("P1")})
    found = listing("s3://gaf/a.gaf").inputs

    def breaks_off(self: StreamingBody, amt: int | None = None) -> bytes:
        raise IncompleteReadError(actual_bytes=0, expected_bytes=1)

    monkeypatch.setattr(StreamingBody, "read", breaks_off)
    with (
        pytest.raises(S3Error, match=r"^reading s3://gaf/a\.gaf: the connection broke off"),
        local_inputs(found, StorageResolver(access), tmp_path, lambda done, total: None),
    ):
        pass


def test_one_changed_object_of_many_fails_the_download(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
) -> None:
    put(**{f"{number}.gaf": line(f"P{number}") for number in range(9)})
    found = listing("s3://gaf/").inputs
    put(**{"7.gaf": line("P0")})
    with (
        pytest.raises(S3Error, match=r"reading s3://gaf/7\.gaf: the object changed since"),
        local_inputs(found, StorageResolver(access), tmp_path, lambda done, total: None),
    ):
        pass
    access.client().delete_object(Bucket="gaf", Key="7.gaf")
    with (
        pytest.raises(S3Error, match=r"reading s3://gaf/7\.gaf: there is no such object"),
        local_inputs(found, StorageResolver(access), tmp_path, lambda done, total: None),
    ):
        pass
    assert brought_to_nothing(tmp_path)


def test_downloads_are_removed_after_an_interrupt(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
) -> None:
    put(**{"a.gaf": line("P1")})
    found = listing("s3://gaf/a.gaf").inputs

    def interrupted() -> None:
        with local_inputs(
            found, StorageResolver(access), tmp_path, lambda done, total: None
        ) as brought:
            assert Path(brought[0].uri).is_file()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert brought_to_nothing(tmp_path)


def test_missing_disk_space_is_reported_before_the_download(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(**{"a.gaf": line("P1")})
    found = listing("s3://gaf/a.gaf").inputs
    monkeypatch.setattr(download, "_SPARE_BYTES", 1 << 62)
    with (
        pytest.raises(InputError, match="expected space for"),
        local_inputs(found, StorageResolver(access), tmp_path, lambda done, total: None),
    ):
        pass


def test_companion_is_downloaded_and_must_be_unchanged(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
) -> None:
    gpad = b"!gpa-version: 1.1\nUniProtKB\tP1\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000314\t\t\t20200102\tX\t\t\n"
    put(**{"in/x.gpa": gpad, "in/x.gpi": b"!gpi-version: 1.2\n"})
    put(**{"in/inputs.tsv": b"path\tcompanion\nx.gpa\tx.gpi\n"})
    found = listing("s3://gaf/in/").inputs
    assert found[0].companion == "s3://gaf/in/x.gpi"
    with local_inputs(
        found, StorageResolver(access), tmp_path, lambda done, total: None
    ) as brought:
        assert Path(brought[0].listed.companion).read_bytes() == b"!gpi-version: 1.2\n"
    put(**{"in/x.gpi": b"!gpi-version: 1.2\n!more\n"})
    with (
        pytest.raises(S3Error, match=r"x\.gpi: the object changed"),
        local_inputs(found, StorageResolver(access), tmp_path, lambda done, total: None),
    ):
        pass


# zstd


def unpack(stored: bytes, tmp_path: Path, access: s3.Access) -> bytes:
    path = tmp_path / "x.zst"
    path.write_bytes(stored)
    (found,) = list_inputs(
        InputRequest((str(path),), "gaf"), StorageResolver(access), tmp_path
    ).inputs
    with local_inputs(
        [found], StorageResolver(access), tmp_path, lambda done, total: None
    ) as brought:
        assert isinstance(brought[0], JobInput)
        return Path(brought[0].uri).read_bytes()


TEXT = b"".join(line(f"P{number}") for number in range(3_000))
FRAMES = {
    "plain": zstd.compress(TEXT),
    "checksum": zstd.compress(TEXT, options={zstd.CompressionParameter.checksum_flag: 1}),
    "no size": zstd.compress(TEXT, options={zstd.CompressionParameter.content_size_flag: 0}),
    "run lengths": zstd.compress(TEXT + b"\n" * 500_000),
    "skippable": zstd.compress(TEXT) + b"\x5a\x2a\x4d\x18\x03\0\0\0abc",
    "many": zstd.compress(TEXT[:999]) + zstd.compress(b"") + zstd.compress(TEXT[999:]),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_all_frames_are_decompressed(kind: str, tmp_path: Path, access: s3.Access) -> None:
    assert unpack(FRAMES[kind], tmp_path, access).rstrip(b"\n") == TEXT.rstrip(b"\n")


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("missing", [1, 2, 3, 4, 5, 40])
def test_truncated_zstd_is_refused(
    kind: str, missing: int, tmp_path: Path, access: s3.Access
) -> None:
    with pytest.raises(InputError, match=r"x\.zst: expected whole zstd frames"):
        unpack(FRAMES[kind][:-missing], tmp_path, access)


@pytest.mark.parametrize("junk", [b"\0", b"junk", b"<html></html>" * 9])
def test_bytes_after_the_last_frame_are_refused(
    junk: bytes, tmp_path: Path, access: s3.Access
) -> None:
    with pytest.raises(InputError, match=r"x\.zst: expected"):
        unpack(FRAMES["plain"] + junk, tmp_path, access)


def test_flipped_bit_is_refused(tmp_path: Path, access: s3.Access) -> None:
    stored = bytearray(FRAMES["checksum"])
    stored[-2] ^= 1
    with pytest.raises(InputError, match=r"x\.zst: expected whole zstd frames .*checksum"):
        unpack(bytes(stored), tmp_path, access)


# errors in words


@pytest.mark.parametrize(
    ("code", "words"),
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
def test_error_codes_of_the_service_are_explained(code: str, words: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": ""}}, "GetObject")
    with pytest.raises(S3Error, match=f"^reading x: .*{words}"), translate_errors("reading x"):
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
