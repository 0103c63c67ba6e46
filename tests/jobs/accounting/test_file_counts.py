"""Counts at the end of the parts of a map-only job are found, however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.jobs import records
from gafreduce.jobs.accounting.file_counts import read_counts
from gafreduce.jobs.accounting.line_counts import FileCounts


def encode_counts(number: int, n_lines: int, sha256: str = "") -> list[bytes]:
    counts = FileCounts(number)
    counts.n_lines, counts.n_text_bytes, counts.sha256 = n_lines, 10 * n_lines, sha256
    return list(counts.encode())


@pytest.mark.parametrize("n_files", [0, 1, 10, 3_000])
@pytest.mark.parametrize("n_before", [0, 1, 5_000])
def test_all_counts_of_all_parts_are_added_up(tmp_path: Path, n_files: int, n_before: int) -> None:
    rows = [records.encode_context(b"1", ["F000000", f"F{number}"]) for number in range(n_before)]
    parts = [tmp_path / "part-0", tmp_path / "part-1", tmp_path / "empty"]
    for place, part in enumerate(parts[:2]):
        counts = [
            record
            for number in range(n_files)
            for record in encode_counts(number, number + place, "ab" if place else "")
        ]
        part.write_bytes(b"".join(line + b"\n" for line in [*rows, *counts]))
    parts[2].write_bytes(b"")
    found = read_counts(parts)
    assert set(found) == set(range(n_files))
    for number, total in found.items():
        assert total.n_lines == 2 * number + 1
        assert (total.n_text_bytes, total.sha256) == (10 * total.n_lines, "ab")
