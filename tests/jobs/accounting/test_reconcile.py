"""The counts of a file add up, and few of its lines are refused."""

from __future__ import annotations

import pytest

from gafreduce.errors import InputError, InternalError, TransientError
from gafreduce.jobs.accounting.line_counts import CountedFinding
from gafreduce.jobs.accounting.reconcile import FileTotal, check_understood, reconcile
from gafreduce.jobs.files.input_list import InputFile

SOURCE = InputFile("/x.gpad", "x.gpad", "gpad", "plain", 1000, companion="x.gpi")
TOTAL = FileTotal(100, 5, 5, 0, 80, 1000, 1000, "", 1, 9, [9], [80], {"aspect": 10}, {}, [])


def refuse(word: str, n_lines: int, example: str = "a\tb") -> CountedFinding:
    return CountedFinding(word, "", "", True, n_lines, [example])


def total_of(n_lines: int, *refused: CountedFinding, n_kept: int | None = None) -> FileTotal:
    """Return the sums of a file with so many lines; those that are not refused are kept."""
    n_refused = sum(each.n_lines for each in refused)
    n_kept = n_lines - n_refused if n_kept is None else n_kept
    return FileTotal(n_lines, 0, 0, 0, n_kept, 0, 0, "", 1, 9, [9], [0], {}, {}, list(refused))


def test_header_blank_kept_filtered_and_refused_lines_are_all_lines() -> None:
    reconcile([SOURCE], {0: TOTAL}, 0)
    for name in ("n_lines", "n_header", "n_blank", "n_kept"):
        for step in (-1, 1):
            changed = TOTAL._replace(**{name: getattr(TOTAL, name) + step})
            with pytest.raises(InternalError, match=r"x\.gpad: expected \d+ lines to be header"):
                reconcile([SOURCE], {0: changed}, 0)
    with pytest.raises(InternalError, match="expected its line counts, got none"):
        reconcile([SOURCE], {}, 0)


def test_a_file_that_was_not_read_whole_is_an_error_where_bytes_are_known() -> None:
    with pytest.raises(TransientError, match="expected 1000 bytes to be read, got 999"):
        reconcile([SOURCE], {0: TOTAL._replace(n_bytes=999)}, 0)
    reconcile([SOURCE], {0: TOTAL._replace(n_bytes=0)}, 0)
    reconcile([InputFile("/x", "x", "gaf", "plain", 0)], {0: TOTAL}, 0)


@pytest.mark.parametrize(
    ("n_lines", "share", "allowed"),
    [(1000, 0.05, 50), (100, 0.05, 10), (100, 0.0, 0), (100, 0.5, 50), (20_999, 0.001, 20)],
)
def test_a_share_of_the_lines_may_be_refused_and_ten_in_any_file(
    n_lines: int, share: float, allowed: int
) -> None:
    reconcile([SOURCE], {0: total_of(n_lines, refuse("bad_taxon", allowed))}, share)
    expected = f"expected at most {allowed} of {n_lines} lines rejected, got {allowed + 1} "
    with pytest.raises(InputError, match=expected):
        reconcile([SOURCE], {0: total_of(n_lines, refuse("bad_taxon", allowed + 1))}, share)


def test_the_most_frequent_reason_has_the_example() -> None:
    found = (refuse("bad_taxon", 2, "few"), refuse("bad_columns", 30, "m" * 120))
    with pytest.raises(InputError) as caught:
        reconcile([SOURCE], {0: total_of(100, *found)}, 0)
    assert f"(bad_columns 30, bad_taxon 2; for example '{'m' * 100}') " in str(caught.value)


def test_lines_that_an_option_refuses_are_no_fault_of_the_file() -> None:
    reconcile([SOURCE], {0: total_of(100, refuse("obsolete_dropped", 100))}, 0)


def test_a_file_without_any_understood_line_is_refused_with_advice() -> None:
    unknown, other = refuse("unknown_gene_product", 3), refuse("bad_taxon", 1)
    with pytest.raises(InputError, match=r"is x\.gpi the GPI file of these gene products\?"):
        check_understood(SOURCE, total_of(3, unknown))
    with pytest.raises(InputError, match="name another format, --format"):
        check_understood(SOURCE, total_of(4, unknown, other))
    with pytest.raises(InputError, match="got 3 of gene products without a term and no other"):
        check_understood(SOURCE, total_of(3, n_kept=0)._replace(n_blank=3, n_without_term=3))
    check_understood(SOURCE, total_of(5, unknown, other))
    check_understood(SOURCE, total_of(3, n_kept=0)._replace(n_blank=3))
    filtered = total_of(4, unknown, n_kept=0)._replace(filtered={"aspect": 1})
    check_understood(SOURCE, filtered)


def test_a_line_that_has_a_finding_twice_is_counted_once() -> None:
    found = [
        CountedFinding("missing_value", "symbol", "", False, 5, ["a"]),
        CountedFinding("missing_value", "name", "", False, 4, ["a"]),
        CountedFinding("other", "", "", False, 7, ["a"]),
        CountedFinding("missing_value", "", "", True, 2, ["b"]),
    ]
    total = TOTAL._replace(found=found, repeated={"missing_value": 3})
    assert total.count_lines("missing_value") == 6
    assert total.count_lines("other") == 7
