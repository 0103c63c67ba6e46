"""Entries of With/From and reference columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.statistics.evidence_sources import (
    alternatives,
    database,
    entries,
    normalise,
    spellings,
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
def test_former_names_of_databases(entry, expected):
    assert normalise(entry) == expected


def test_alternatives_and_joint_entries():
    assert alternatives("") == ()
    assert alternatives("A:1,B:2|C:3| |A:1,B:2") == (
        frozenset({"A:1", "B:2"}),
        frozenset({"C:3"}),
    )
    assert entries("A:1,B:2|C:3") == {"A:1", "B:2", "C:3"}
    assert entries("") == frozenset()


def test_spellings_hold_every_former_name():
    assert spellings("SP_KW:KW-1") == {
        "UniProtKB-KW:KW-1",
        "SP_KW:KW-1",
        "UniProt-KW:KW-1",
    }


@given(st.text())
def test_any_text_is_read(text):
    assert entries(text) == frozenset().union(*alternatives(text))
    for entry in entries(text):
        assert entry in spellings(entry)
        assert isinstance(database(entry), str)


@given(st.from_regex(r"[A-Za-z_]{1,9}:[A-Z0-9]{1,5}", fullmatch=True))
def test_normalising_twice_changes_nothing(entry):
    assert normalise(normalise(entry)) == normalise(entry)
