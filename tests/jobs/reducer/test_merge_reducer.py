from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.files import batching
from gafreduce.jobs.reducer import merge_reducer

#: Term, taxon, and lines and gene products of one part of the organism.
PARTS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 9), st.integers(0, 9)),
    max_size=30,
)


@given(parts=PARTS, size=st.integers(1, 9))
def test_parts_of_organisms_are_added_up(parts, size):
    lines = sorted(b"PGO:%07d\t%012d\t%d\t%d\n" % part for part in parts)
    before = batching.BATCH_LINES
    try:
        batching.BATCH_LINES = size
        found = [record for records in merge_reducer.merge(lines) for record in records]
    finally:
        batching.BATCH_LINES = before
    sums: dict[tuple[int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for term, taxon, n_lines, n_products in parts:
        sums[term, taxon] = (sums[term, taxon][0] + n_lines, sums[term, taxon][1] + n_products)
    expected = []
    for term in sorted({term for term, _ in sums}):
        taxa = sorted(taxon for other, taxon in sums if other == term)
        expected += [
            b"PGO:%07d\t%012d\t%d\t%d" % (term, taxon, *sums[term, taxon]) for taxon in taxa
        ]
        expected.append(
            b"TGO:%07d\t%s\t%s"
            % (
                term,
                # the first number tells whether the organism has a direct one
                b"|".join(b"%d" % taxon for taxon in taxa if sums[term, taxon][0]) or b"-",
                b"|".join(b"%d" % taxon for taxon in taxa),
            )
        )
    assert found == expected
