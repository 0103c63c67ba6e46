from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.files.line_order import Lines
from gafreduce.jobs.native import loader

#: Lines of few letters, with and without long beginnings that they share: some are equal.
LINES = st.lists(
    st.builds(
        lambda shared, rest: shared + rest + b"\n",
        st.sampled_from([b"", b"0000001", b"x" * 8, b"x" * 30]),
        st.text("ab\t\x00é", max_size=12).map(str.encode),
    ),
    max_size=80,
)
BOUNDS = st.none() | st.sampled_from([b"a", b"0000001a", b"x" * 9, b"\xff"])


@given(LINES, LINES, BOUNDS, BOUNDS, st.lists(BOUNDS.filter(bool), max_size=3))
def test_both_twins_sort_alike(
    lines: list[bytes],
    more: list[bytes],
    low: bytes | None,
    high: bytes | None,
    bounds: list[bytes],
) -> None:
    expected = sorted(
        line
        for line in [*lines, *more]
        if (low is None or line >= low) and (high is None or line < high)
    )
    for module in (None, loader.module):
        with patch.object(loader, "module", module):
            found = Lines()
        found.add(b"".join(lines), low, high)
        found.add(b"".join(more), low, high)
        taken = []
        for bound in [*sorted(bounds), None]:
            before = b"".join(taken)
            taken += found.below(bound)
            own = b"".join(taken)[len(before) :].splitlines(keepends=True)
            assert bound is None or all(line < bound for line in own)
        assert b"".join(taken) == b"".join(expected)
        assert not list(found.below(None))


def test_long_beginnings_in_common_take_no_deep_stack() -> None:
    lines = [b"x" * (8 * number) + b"\n" for number in range(900, 0, -1) for _ in range(2)]
    found = Lines()
    found.add(b"".join(lines))
    assert b"".join(found.below(None)) == b"".join(sorted(lines))


def test_lines_without_an_end_are_refused() -> None:
    if loader.module is None:
        pytest.skip("needs the compiled twin")
    with pytest.raises(ValueError, match="whole lines"):
        loader.module.Lines().add(b"a\nb")
