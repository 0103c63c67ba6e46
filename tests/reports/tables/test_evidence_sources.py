"""Entries of With/From and reference columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.tables.evidence_sources import (
    get_database,
    list_spellings,
    normalise_entry,
    split_alternatives,
    split_entries,
)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("SP_KW:KW-0178", "UniProtKB-KW:KW-0178"),
        ("UniProtKB-KW:KW-0178", "UniProtKB-KW:KW-0178"),
        ("InterPro:IPR010461", "InterPro:IPR010461"),
        ("sp_kw:KW-0178", "sp_kw:KW-0178"),
        ("", ""),
    ],
)
def test_former_database_names_are_replaced(entry, expected):
    assert normalise_entry(entry) == expected


def test_bars_separate_alternatives_and_commas_join_entries():
    assert split_alternatives("") == ()
    assert split_alternatives("A:1,B:2|C:3| |A:1,B:2") == (
        frozenset({"A:1", "B:2"}),
        frozenset({"C:3"}),
    )
    assert split_entries("A:1,B:2|C:3") == {"A:1", "B:2", "C:3"}
    assert split_entries("") == frozenset()


def test_spellings_include_every_former_name():
    assert list_spellings("SP_KW:KW-1") == {
        "UniProtKB-KW:KW-1",
        "SP_KW:KW-1",
        "UniProt-KW:KW-1",
    }


@given(st.text())
def test_any_text_can_be_split(text):
    assert split_entries(text) == frozenset().union(*split_alternatives(text))
    for entry in split_entries(text):
        assert entry in list_spellings(entry)
        assert isinstance(get_database(entry), str)


@given(st.from_regex(r"[A-Za-z_]{1,9}:[A-Z0-9]{1,5}", fullmatch=True))
def test_normalising_twice_changes_nothing(entry):
    assert normalise_entry(normalise_entry(entry)) == normalise_entry(entry)
