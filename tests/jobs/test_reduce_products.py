from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import reduce_products
from jobs.reduce_products import whole_products

KEY = b"000000000562.03"
RUNS = st.lists(st.sampled_from([b"DB:1", b"DB:12", b"DB:2", b"DB:3"]), min_size=1, max_size=30)


@given(object_ids=RUNS, size=st.integers(1, 7))
def test_a_chunk_cuts_no_gene_product(object_ids: list[bytes], size: int) -> None:
    lines = sorted(
        b"%s\t%s\t=0\t1\t%d\n" % (KEY, object_id, number)
        for number, object_id in enumerate(object_ids)
    )
    before, reduce_products.CHUNK_LINES = reduce_products.CHUNK_LINES, size
    try:
        chunks = list(whole_products(iter(lines)))
    finally:
        reduce_products.CHUNK_LINES = before
    assert [line for chunk in chunks for line in chunk] == lines
    products = [{line.split(b"\t")[1] for line in chunk} for chunk in chunks]
    assert sum(map(len, products)) == len(set().union(*products))
    longest = max(len(list(same)) for _, same in groupby(lines, lambda line: line.split(b"\t")[1]))
    assert max(map(len, chunks)) <= longest + 2 * size


@pytest.mark.parametrize("size", [1, 2, 4096])
def test_one_gene_product_is_one_chunk(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduce_products, "CHUNK_LINES", size)
    lines = [b"%s\tDB:1\t=0\t1\t%d\n" % (KEY, number) for number in range(9)]
    assert list(whole_products(iter(lines))) == [lines]
