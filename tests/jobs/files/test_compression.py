from __future__ import annotations

import bz2
import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.jobs.files import splits
from gafreduce.jobs.files.splits import Split

TEXT = b"".join(b"line %d\n" % number for number in range(60_000))


def read(path: Path) -> bytes:
    return b"".join(splits.read_split(Split(str(path), 0, path.stat().st_size)).blocks)


MANY = b"".join(b"%d\n" % number for number in range(300))


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (TEXT, TEXT),
        (gzip.compress(TEXT), TEXT),
        (gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]), TEXT),
        (gzip.compress(TEXT) + gzip.compress(b""), TEXT),
        (b"".join(map(gzip.compress, MANY.splitlines(keepends=True))), MANY),
        (bz2.compress(TEXT), TEXT),
        (bz2.compress(TEXT[:1000]) + bz2.compress(TEXT[1000:]), TEXT),
    ],
    ids=[
        "plain",
        "gz",
        "gz 2 members",
        "gz empty member",
        "gz 300 members",
        "bz2",
        "bz2 2 streams",
    ],
)
def test_every_byte_is_read_for_any_file_name(tmp_path: Path, stored: bytes, text: bytes) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(stored)
    part = splits.read_split(Split(str(path), 0, len(stored)))
    assert b"".join(part.blocks) == text
    assert part.read_bytes.n_bytes == len(stored)
    assert part.read_bytes.sha256 == hashlib.sha256(stored).hexdigest()


def truncated(stored: bytes) -> bytes:
    return stored[:-9]


def cut_in_half(stored: bytes) -> bytes:
    return stored[: len(stored) // 2]


def wrong_checksum(stored: bytes) -> bytes:
    return stored[:-6] + bytes([stored[-6] ^ 1]) + stored[-5:]


def trailing_junk(stored: bytes) -> bytes:
    return stored + b"junk after the last member"


def trailing_zeros(stored: bytes) -> bytes:
    return stored + bytes(10)


@pytest.mark.parametrize("damage", [truncated, cut_in_half, wrong_checksum, trailing_junk])
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_damaged_file_is_an_error_that_names_it(
    tmp_path: Path, compress: Callable[[bytes], bytes], damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "x.gaf.gz"
    path.write_bytes(damage(compress(TEXT)))
    with pytest.raises(InputError, match=r"x\.gaf\.gz: expected"):
        read(path)


def test_zeros_after_a_gzip_member_are_refused_as_on_hadoop(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf.gz"
    path.write_bytes(trailing_zeros(gzip.compress(TEXT)))
    with pytest.raises(InputError, match="after the last member"):
        read(path)


def test_zstd_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd rest")
    with pytest.raises(InputError, match="zstd"):
        read(path)
