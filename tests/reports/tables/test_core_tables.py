from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.files import batching
from gafreduce.reports.tables import core_tables

TAXA = st.lists(st.integers(1, 30), min_size=1, max_size=20, unique=True)


@given(
    taxa=TAXA,
    compared=st.sets(st.integers(1, 30)),
    partial=st.sets(st.integers(1, 30)),
    size=st.integers(1, 9),
    most=st.integers(1, 9),
)
def test_membership_depends_on_compared_organisms_only(taxa, compared, partial, size, most):
    complete = compared - partial
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(batching, "BATCH_LINES", size)
        patched.setattr(core_tables, "N_ORGANISMS_LISTED", most)
        found = core_tables.encode_membership(
            map(b"|".join, batching.batch_lines(b"%d" % taxon for taxon in taxa)),
            len(compared),
            {b"%d" % taxon for taxon in taxa if taxon not in compared},
            {b"%d" % taxon for taxon in complete},
            {},
        )
    shown = [str(taxon) for taxon in taxa if taxon in compared]
    count, word, named = found.decode().split("\t")[1:]
    assert int(count) == len(shown)
    assert named == "|".join([*shown[:most], "..."] if len(shown) > most else shown)
    if not shown or len(compared) < 2:
        assert word == ""
    else:
        with_term = set(taxa) & complete
        if not with_term:
            assert word == "partial_only"
        elif with_term == complete and len(complete) > 1:
            assert word == "core"
        else:
            assert word == ("unique" if len(shown) == 1 else "shared")
