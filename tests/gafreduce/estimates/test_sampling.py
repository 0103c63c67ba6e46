"""Lines of inputs, by the first megabyte of each."""

import bz2
import gzip
import random
from pathlib import Path

import pytest
from backports import zstd

from gafreduce.errors import InputError
from gafreduce.estimates import sampling
from gafreduce.inputs import content
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.storage.resolve import StorageResolver

HEADER = "!gaf-version: 2.2\n"


def make_line(number: int, taxon: int, rest: str = "") -> str:
    cells = ["DB", f"P{number}", "s", "involved_in", "GO:0030420", "PMID:1", "IEA", "", "P"]
    return (
        "\t".join([*cells, rest, "", "protein", f"taxon:{taxon}", "20260101", "X", "", ""]) + "\n"
    )


def sample(tmp_path: Path, *paths: Path) -> tuple[sampling.InputSample, ...]:
    resolver = StorageResolver()
    listing = list_inputs(InputRequest(tuple(map(str, paths))), resolver, tmp_path)
    return sampling.sample_inputs(listing.inputs, resolver)


def test_small_files_are_counted_whatever_their_compression(tmp_path):
    text = HEADER + "".join(make_line(n, 224308) for n in range(40)) + "\n" + make_line(41, 83333)
    stored = text.encode()
    files = {
        "a.gaf": stored,
        "b.gaf.gz": gzip.compress(stored[:900]) + gzip.compress(stored[900:]),
        "c.gaf.bz2": bz2.compress(stored.replace(b"P1", b"Q1")),
        "d.gaf.zst": zstd.compress(stored.replace(b"P1", b"R1")),
    }
    for name, packed in files.items():
        (tmp_path / name).write_bytes(packed)
    found = [sample(tmp_path, tmp_path / name)[0] for name in files]
    assert [each.lines for each in found] == [41] * 4
    assert [each.text_bytes for each in found] == [len(stored)] * 4
    assert all(each.is_whole for each in found)
    assert [each.taxa for each in found] == [frozenset({224308})] * 4  # one line is a stray


def test_lines_of_a_large_file_are_extrapolated(tmp_path):
    source = random.Random(1)
    n_lines = 60_000
    text = "".join(
        make_line(
            n, 1000 + n % 3, "".join(source.choices("abcdefghij", k=source.randrange(40, 80)))
        )
        for n in range(n_lines)
    )
    plain, packed = tmp_path / "a.gaf", tmp_path / "b.gaf.gz"
    plain.write_text(HEADER + text)
    packed.write_bytes(gzip.compress((HEADER + text.replace("DB", "EB")).encode()))
    assert packed.stat().st_size > 1.5 * sampling.SAMPLE_BYTES
    for found in sample(tmp_path, plain, packed):
        assert not found.is_whole
        assert found.lines == pytest.approx(n_lines, rel=0.03)
        assert found.taxa == {1000, 1001, 1002}


def test_a_damaged_file_is_refused():
    with pytest.raises(InputError, match=r"x\.gz: expected a gzip file, got a damaged one"):
        content.inflate_part(b"\x1f\x8b\x08\x00 no deflate", "gzip", "x.gz", 9)
