from __future__ import annotations

from collections import Counter
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.native import loader
from gafreduce.reports.tables.taxon_counter import make_counter

TAXA = st.one_of(st.integers(0, 9), st.integers(0, 10**10 - 1))


@given(st.lists(st.lists(TAXA, min_size=1, max_size=40), max_size=60), st.integers(0, 10**10))
def test_python_and_the_c_extension_give_the_same_counts(
    texts: list[list[int]], other: int
) -> None:
    expected = Counter(taxon for taxa in texts for taxon in taxa)
    for module in (None, loader.module):
        with patch.object(loader, "module", module):
            counter = make_counter()
        for taxa in texts:
            counter.add(b"|".join(b"%d" % taxon for taxon in taxa))
        assert {taxon: counter.count(taxon) for taxon in [*expected, other]} == {
            **{other: 0},
            **expected,
        }


def test_many_taxa_are_counted() -> None:
    counter = make_counter()
    for last in range(1, 6):
        counter.add(b"|".join(b"%d" % taxon for taxon in range(3 * last * 1000)))
    assert [counter.count(taxon) for taxon in (0, 2999, 3000, 11_999, 14_999, 15_000)] == [
        *(5, 5, 4, 2, 1, 0)
    ]


@pytest.mark.parametrize("text", [b"", b"|", b"1|", b"|1", b"1||2", b"1|x", b"-", b"1" * 19])
def test_text_that_is_no_list_of_taxa_is_refused(text: bytes) -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    with pytest.raises(ValueError, match="expected taxa"):
        make_counter().add(text)
