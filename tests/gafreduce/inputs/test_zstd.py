"""zstd files are decompressed whole, and damaged ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from backports import zstd
from gaf_lines import line

from gafreduce.errors import InputError
from gafreduce.inputs import free_space
from gafreduce.inputs import zstd as zstd_files
from gafreduce.inputs.download import JobInput, local_inputs
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.jobs.files import splits
from gafreduce.storage import s3
from gafreduce.storage.resolve import StorageResolver


def unpack(stored: bytes, tmp_path: Path, access: s3.Access) -> bytes:
    path = tmp_path / "x.zst"
    path.write_bytes(stored)
    (found,) = list_inputs(
        InputRequest((str(path),), "gaf"), StorageResolver(access), tmp_path
    ).inputs
    with local_inputs(
        [found], StorageResolver(access), tmp_path, lambda done, total: None
    ) as downloaded:
        assert isinstance(downloaded[0], JobInput)
        return Path(downloaded[0].uri).read_bytes()


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


def test_all_zstd_frames_are_read_and_a_truncated_one_is_refused(tmp_path: Path) -> None:
    path, text = tmp_path / "x.zst", line("P1")
    path.write_bytes(zstd.compress(text) + zstd.compress(text * 2))
    (found,) = list_inputs(InputRequest((str(path),)), StorageResolver(), tmp_path).inputs
    with local_inputs([found], StorageResolver(), tmp_path, lambda done, total: None) as downloaded:
        assert Path(downloaded[0].uri).read_bytes() == text * 3
    path.write_bytes((zstd.compress(text) + zstd.compress(text * 2))[:-3])
    (found,) = list_inputs(InputRequest((str(path),)), StorageResolver(), tmp_path).inputs
    with (
        pytest.raises(InputError, match=r"x\.zst: expected"),
        local_inputs([found], StorageResolver(), tmp_path, lambda done, total: None),
    ):
        pass


def test_text_of_a_small_file_is_not_unpacked_without_bound(
    tmp_path: Path, access: s3.Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zstd_files, "_LEAST_MAX_BYTES", 1 << 20)
    unpack(zstd.compress(TEXT + b"\n" * 500_000), tmp_path, access)
    with pytest.raises(InputError, match=r"x\.zst: expected at most .* bytes of text"):
        unpack(zstd.compress(TEXT[:90] + b"\n" * 50_000_000), tmp_path, access)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1 << 20


def test_a_line_that_is_too_long_is_not_unpacked(
    tmp_path: Path, access: s3.Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "MAX_LINE_BYTES", 1 << 20)
    with pytest.raises(InputError, match=r"x\.zst: expected lines .* from byte 70 of the text"):
        unpack(zstd.compress(line("P1") + b"x" * 50_000_000), tmp_path, access)


def test_text_that_would_fill_the_disk_is_not_unpacked(
    tmp_path: Path, access: s3.Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_space, "SPARE_BYTES", 1 << 62)
    with pytest.raises(InputError, match=r"expected space for .* \(set TMPDIR to another disk"):
        unpack(FRAMES["plain"], tmp_path, access)
