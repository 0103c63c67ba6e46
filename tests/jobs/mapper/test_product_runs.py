"""Runs of lines of one gene product."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.mapper.product_runs import Runs, find_runs, merge_runs, select_lines

PRODUCTS = st.lists(
    st.tuples(st.sampled_from([b"1", b"2"]), st.sampled_from([b"DB:a", b"DB:b"])), min_size=1
)


def expand(runs: Runs, n_lines: int) -> list[tuple[bytes, bytes]]:
    """Return the gene product of each line."""
    ends = [*runs.starts[1:], n_lines]
    return [
        (organism, object_id)
        for organism, object_id, start, end in zip(*runs, ends, strict=True)
        for _ in range(end - start)
    ]


@given(PRODUCTS, st.data())
def test_runs_of_some_lines_are_those_without_the_other_lines(
    products: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    runs = find_runs(products)
    assert expand(runs, len(products)) == products
    assert merge_runs(runs) == runs
    lines = sorted(data.draw(st.sets(st.integers(0, len(products) - 1), min_size=1)))
    selected = select_lines(runs, lines)
    kept = [products[n] for n in lines]
    assert expand(selected, len(lines)) == kept
    assert merge_runs(selected) == find_runs(kept)
