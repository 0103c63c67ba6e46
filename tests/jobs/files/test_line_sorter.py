"""Bounds of a sorter: from `low` up to but without `high`, with and without the C extension."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from gafreduce.jobs.files.sorting import LineSorter
from gafreduce.jobs.native import loader

LINES = [b"d\n", b"b\n", b"a\n", b"c\n"]


@pytest.mark.parametrize("module", [None, loader.module], ids=["Python", "C"])
@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, b"abcd"),
        (b"b\n", None, b"bcd"),
        (None, b"c\n", b"ab"),
        (b"b\n", b"c\n", b"b"),
        (b"b", b"d", b"bc"),
        (b"c\n", b"b\n", b""),
    ],
)
def test_lines_from_low_up_to_high_are_kept(
    module: object, low: bytes | None, high: bytes | None, expected: bytes
) -> None:
    with patch.object(loader, "module", module):
        found = LineSorter(8)
    found.add(b"".join(LINES), low, high)
    assert b"".join(found.take_below(None)).replace(b"\n", b"") == expected


@pytest.mark.parametrize("module", [None, loader.module], ids=["Python", "C"])
def test_lines_below_a_bound_are_taken_once(module: object) -> None:
    with patch.object(loader, "module", module):
        found = LineSorter()
    found.add(b"".join(LINES))
    taken = [b"".join(found.take_below(bound)) for bound in (b"b\n", b"b\n", b"c\nx", None, None)]
    assert taken == [b"a\n", b"", b"b\nc\n", b"d\n", b""]
