"""The counts of a part of a file become records, which add up to the sums of the file."""

from __future__ import annotations

import pytest

from gafreduce.jobs.accounting import line_counts
from gafreduce.jobs.accounting.line_counts import CountedFinding, FileCounts, FileSums
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.splits import ReadBytes
from gafreduce.jobs.model.annotation import Filtered, Rejection
from gafreduce.jobs.rules.catalogue import Finding


def add_up(*parts: FileCounts, taxa: dict[int, list[int]] | None = None) -> FileTotal:
    """Return the sums of the records of parts, which are set to zero, and of lines by taxon."""
    sums = FileSums()
    for line in sorted(line for part in parts for line in part.encode()):
        key, name, value = line.split(b"\t", 2)
        assert key == b"F000007"
        sums.add(name, value)
    for taxon_id, numbers in sorted((taxa or {}).items()):
        for n_lines in numbers:
            sums.add(b"taxon:%d" % taxon_id, b"%d 1" % n_lines)
    return FileTotal.decode(sums.encode(b"F000007").split(b"\t", 2)[2])


def test_counts_without_lines_are_zero() -> None:
    assert add_up() == FileTotal(0, 0, 0, 0, 0, 0, 0, "", 0, 0, [], [], {}, {}, [])


def test_each_count_of_the_parts_is_added_up() -> None:
    names = ("n_lines", "n_header", "n_blank", "n_kept", "n_without_term", "n_text_bytes")
    parts = [FileCounts(7), FileCounts(7)]
    for part, step in zip(parts, (1, 100), strict=True):
        for place, name in enumerate(names, 1):
            setattr(part, name, place * step)
    total = add_up(*parts)
    assert [getattr(total, name) for name in names] == [101, 202, 303, 404, 505, 606]
    assert add_up(*parts).n_lines == 0, "records set the counts to zero"


def test_read_bytes_are_counted_where_they_are_known() -> None:
    whole = ReadBytes()
    whole.n_bytes, whole.sha256 = 30, "ab"
    counts, other = FileCounts(7), FileCounts(7)
    counts.add_read_bytes(whole)
    counts.add_read_bytes(None)
    other.add_read_bytes(whole)
    total = add_up(counts, other)
    assert (total.n_bytes, total.sha256) == (60, "ab")


def test_filtered_lines_are_counted_by_option() -> None:
    one, other = FileCounts(7), FileCounts(7)
    one.add_filtered(Filtered("aspect"))
    one.add_filtered(Filtered("aspect"), 4)
    other.add_filtered(Filtered("aspect"), 10)
    other.add_filtered(Filtered("evidence"), 2)
    assert add_up(one, other).filtered == {"aspect": 15, "evidence": 2}


@pytest.mark.parametrize("has_quarantine", [False, True, None])
def test_refused_and_repaired_lines_become_records_when_they_are_asked_for(
    has_quarantine: bool | None,
) -> None:
    counts = FileCounts(7) if has_quarantine is None else FileCounts(7, has_quarantine)
    counts.add_rejection(Rejection("bad_taxon"), b"a")
    counts.add_finding(Finding("repaired_go_id", "GO:1", "GO:2"), b"b")
    counts.add_finding(Finding("bad_date"), b"c")
    found = [line for line in counts.encode() if line.startswith(b"Q")]
    expected = [b"Q000007\tbad_taxon\tYQ==", b"Q000007\trepaired_go_id\tYg=="]
    assert found == (expected if has_quarantine else [])
    assert not [line for line in counts.encode() if line.startswith(b"Q")]


def test_findings_are_added_up_with_the_first_examples() -> None:
    one, other = FileCounts(7), FileCounts(7)
    for name in (b"e", b"c", b"d"):
        one.add_finding(Finding("bad_date"), name)
        one.add_rejection(Rejection("bad_taxon", value="x"), name)
        one.add_finding(Finding("repaired_go_id", "GO:1", "GO:2"), name)
    for name in (b"b", b"b", b"f"):
        other.add_finding(Finding("bad_date"), name)
        other.add_rejection(Rejection("bad_taxon", value="y"), name)
        other.add_finding(Finding("repaired_go_id", "GO:1", "GO:2"), name)
    total = add_up(one, other)
    assert total.found == [
        CountedFinding("bad_date", "", "", False, 6, ["b", "c", "d"]),
        CountedFinding("repaired_go_id", "GO:1", "GO:2", False, 6, ["b"]),
        CountedFinding("bad_taxon", "x", "", True, 3, ["c", "d", "e"]),
        CountedFinding("bad_taxon", "y", "", True, 3, ["b", "f"]),
    ]
    assert total.refused == {
        "bad_taxon": CountedFinding("bad_taxon", "", "", True, 6, ["b", "c", "d"])
    }


def test_further_values_of_a_finding_are_one_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_counts, "N_VALUES_NAMED", 2)
    counts = FileCounts(7)
    for number in range(4):
        counts.add_finding(Finding("unknown_go_id", f"GO:{number}"), b"x%d" % number)
        counts.add_finding(Finding("unknown_evidence", f"E{number}"), b"y")
    found = [(each.word, each.value, each.n_lines) for each in add_up(counts).found]
    assert found == [
        ("unknown_evidence", "...", 2),
        ("unknown_evidence", "E0", 1),
        ("unknown_evidence", "E1", 1),
        ("unknown_go_id", "...", 2),
        ("unknown_go_id", "GO:0", 1),
        ("unknown_go_id", "GO:1", 1),
    ]


def test_the_main_taxon_has_the_most_lines_and_of_equal_ones_the_lowest_id() -> None:
    total = add_up(taxa={9: [5, 5], 10: [4, 6], 11: [9]})
    assert (total.n_taxa, total.taxon_ids) == (3, [9, 10, 11])
    assert (total.main_taxon_id, total.n_kept_of_taxa) == (9, [10, 10, 9])


def test_a_thousand_taxa_are_listed() -> None:
    total = add_up(taxa={taxon_id: [1] for taxon_id in range(1, 1002)})
    assert (total.n_taxa, total.taxon_ids) == (1001, list(range(1, 1001)))


def test_many_findings_or_quarantined_bytes_fill_the_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_counts, "_MAX_FINDINGS", 2)
    monkeypatch.setattr(line_counts, "_MAX_QUARANTINED", 14)
    counts = FileCounts(7, has_quarantine=True)
    for number in range(3):
        assert not counts.is_full()
        counts.add_finding(Finding("unknown_go_id", f"GO:{number}"), b"x")
    assert counts.is_full()
    list(counts.encode())
    assert not counts.is_full()
    counts.add_rejection(Rejection("bad_taxon"), b"x")  # 9 + 1 + 4 bytes
    assert not counts.is_full()
    counts.add_rejection(Rejection("bad_taxon"), b"x")
    assert counts.is_full()
