from __future__ import annotations

import pytest

from reports import part_records
from reports.part_records import PartRecords, SortedLines

LINES = [b"b\t2\n", b"a\t1\n", b"c\t3\n", b"a\t0\n"]


@pytest.mark.parametrize("memory", [1 << 20, 100, 0])
def test_lines_come_sorted_and_as_often_as_asked(tmp_path, monkeypatch, memory):
    monkeypatch.setattr(part_records, "MEMORY", memory)
    lines = SortedLines(tmp_path / "spill")
    lines.extend(LINES[:3])
    lines.extend(LINES[3:])
    assert list(lines) == sorted(LINES)
    assert list(lines) == sorted(LINES)
    assert any(tmp_path.iterdir()) == (memory < 1 << 20)


def test_objects_count_and_not_their_text_only(tmp_path, monkeypatch):
    monkeypatch.setattr(part_records, "MEMORY", 1000)
    lines = SortedLines(tmp_path / "spill")
    lines.extend([b"x\n"] * 100)  # 200 bytes of text
    assert (tmp_path / "spill").exists()


def test_records_lose_kind_and_bucket(tmp_path):
    part = tmp_path / "part-00000"
    part.write_bytes(
        b"P%s\t000000000562\t1\t2\t3\t4\n" % b"GO:0000001"
        + b"A000000000562.03\tDB:1\trow\n"
        + b"F000000\t-\t{}\n"
    )
    records = PartRecords([part], tmp_path)
    assert list(records["A"]) == [b"000000000562\tDB:1\trow\n"]
    assert list(records["P"]) == [b"GO:0000001\t000000000562\t1\t2\t3\t4\n"]
    assert list(records["G"]) == []
