from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.errors import InternalError
from gafreduce.jobs import records
from gafreduce.reports.tables import job_output, part_sections
from gafreduce.reports.tables.job_output import JobOutput, SortedLines

LINES = [b"b\t2\n", b"a\t1\n", b"c\t3\n", b"a\t0\n"]


@pytest.mark.parametrize("memory", [1 << 20, 100, 0])
def test_lines_are_sorted_and_no_file_remains(tmp_path, monkeypatch, memory):
    monkeypatch.setattr(job_output, "MEMORY", memory)
    lines = SortedLines(tmp_path / "spill")
    lines.extend(LINES[:3])
    lines.extend(LINES[3:])
    found = iter(lines)
    first = next(found)
    assert any(tmp_path.iterdir()) == (memory < 1 << 20)
    assert [first, *found] == sorted(LINES)
    assert not any(tmp_path.iterdir())


def test_memory_limit_includes_objects(tmp_path, monkeypatch):
    monkeypatch.setattr(job_output, "MEMORY", 1000)
    lines = SortedLines(tmp_path / "spill")
    lines.extend([b"x\n"] * 100)  # 200 bytes of text
    assert (tmp_path / "spill").exists()


def part_file(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


RECORDS = [
    b"A000000000562.03\tDB:1\trow",
    b"A000000000562.07\tDB:0\trow",
    b"F000000\t-\t{}",
    b"PGO:0000001\t000000000562\t1\t2\t3\t4",
    b"PGO:0000001\t000000000563\t1\t2\t3\t4",
    b"TGO:0000001\t562\t562|563",
    b"PGO:0000003\t000000000562\t1\t2\t3\t4",
    b"TGO:0000003\t-\t562",
    b"Q000000\tword\tbGluZQ==",
    b"UGO:9999999\tP\t-",
]
WANTED = {
    b"A": [b"000000000562\tDB:0\trow\n", b"000000000562\tDB:1\trow\n"],
    b"F": [b"000000\t-\t{}\n"],
    b"G": [],
    b"O": [],
    b"P": [line[1:] + b"\n" for line in RECORDS if line.startswith(b"P")],
    b"Q": [b"000000\tword\tbGluZQ==\n"],
    b"T": [line[1:] + b"\n" for line in RECORDS if line.startswith(b"T")],
    b"U": [b"GO:9999999\tP\t-\n"],
}


def read(parts, scratch):
    output = JobOutput(parts, scratch)
    found = {kind: list(output.read(kind)) for kind in records.OUTPUT_KINDS}
    assert found == {kind: list(output.read(kind)) for kind in records.OUTPUT_KINDS}  # again
    for kind in (b"F", b"O", b"P", b"U"):
        assert b"".join(output.read_blocks(kind)) == b"".join(found[kind])
    terms = list(map(line_of, output.read_terms()))
    assert terms == list(map(line_of, output.read_terms()))
    assert [line[:10] for line in terms] == [record.go_id for record in output.read_terms()]
    return found | {b"T": terms}


def line_of(term):
    direct, propagated = map(b"|".join, term[1:])
    return b"%s\t%s\t%s\n" % (term.go_id, direct or b"-", propagated)


@pytest.mark.parametrize("block", [1, 50, 1 << 20])
def test_records_come_without_kind_and_bucket(tmp_path, monkeypatch, block):
    monkeypatch.setattr(part_sections, "_BLOCK_BYTES", block)
    part = part_file(tmp_path / "part-00000", RECORDS)
    assert read([part], tmp_path) == WANTED


@pytest.mark.parametrize("n_first", range(len(RECORDS) + 1))
def test_parts_that_follow_each_other_are_read_in_turn(tmp_path, n_first):
    one = part_file(tmp_path / "part-00000", RECORDS[:n_first])
    other = part_file(tmp_path / "part-00001", RECORDS[n_first:])
    assert read([other, one], tmp_path) == WANTED


@pytest.mark.parametrize("most_open", [0, 2, 200])
def test_other_parts_are_merged(tmp_path, monkeypatch, most_open):
    """A cluster writes such parts: a hash decides the part of each term and organism."""
    monkeypatch.setattr(job_output, "MOST_OPEN", most_open)
    by_term = [[], [], []]
    for line in RECORDS:
        by_term[line[10] % 3].append(line)
    parts = [part_file(tmp_path / f"part-{n}", lines) for n, lines in enumerate(by_term)]
    assert read(parts, tmp_path) == WANTED


@given(
    st.lists(
        st.tuples(st.sampled_from("AFGOPQTU"), st.text("01", max_size=40)),
        max_size=40,
    )
)
def test_every_record_is_found(tmp_path_factory, found):
    folder = tmp_path_factory.mktemp("parts")
    # those of T and P stand among each other
    found.sort(key=lambda record: (record[0].replace("T", "P"), record[1]))
    part = part_file(folder / "part", [f"{kind}{'0' * 15}{more}".encode() for kind, more in found])
    output = JobOutput([part], folder)
    for kind in records.OUTPUT_KINDS:
        is_by_bucket = kind in records.KINDS_BY_BUCKET
        n_zeros = 12 if is_by_bucket else 15
        wanted = [more for other, more in found if other.encode() == kind]
        lines = [f"{'0' * n_zeros}{more}\n".encode() for more in wanted]
        assert list(output.read(kind)) == lines
        assert is_by_bucket or b"".join(output.read_blocks(kind)) == b"".join(lines)


def test_a_part_that_is_not_sorted_is_refused(tmp_path):
    part = part_file(tmp_path / "part-00000", RECORDS[::-1])
    with pytest.raises(InternalError, match="others between them"):
        read([part], tmp_path)


def test_a_part_that_is_not_sorted_is_refused_in_blocks(tmp_path):
    lines = [line for line in RECORDS if line.startswith((b"P", b"T"))]
    part = part_file(tmp_path / "part-00000", [*lines[:2], b"Ux", *lines[2:]])
    output = JobOutput([part], tmp_path)
    with pytest.raises(InternalError, match="others between them"):
        list(output.read_blocks(b"P"))


def test_quarantined_lines_are_sorted_though_those_of_a_part_are_not(tmp_path):
    numbers = ([3, 1, 2], [5, 0, 4])
    parts = [
        part_file(tmp_path / f"part-{n}", [b"Q%06d\tword\tbGluZQ==" % each for each in of_part])
        for n, of_part in enumerate(numbers)
    ]
    found = list(JobOutput(parts, tmp_path / "scratch").read(records.QUARANTINE))
    assert found == [b"%06d\tword\tbGluZQ==\n" % n for n in range(6)]
