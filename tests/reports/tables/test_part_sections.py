from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.tables import part_sections
from gafreduce.reports.tables.job_output import JobOutput

TAXA = st.lists(st.integers(1, 10**10 - 1).map(b"%d".__mod__), max_size=8)


@given(
    terms=st.lists(st.tuples(TAXA, TAXA.filter(bool), st.booleans()), max_size=5),
    block=st.integers(1, 60),
    split=st.integers(0, 20),
)
def test_organisms_of_long_terms_are_read_in_pieces(tmp_path_factory, terms, block, split):
    """Records may be longer than a block; some are not read to the end."""
    folder = tmp_path_factory.mktemp("parts")
    with (folder / "part").open("wb") as stream:
        stream.write(b"F000000\t-\t{}\n")
        for number, (direct, propagated, _) in enumerate(terms):
            stream.write(b"PGO:%07d\t000000000007\t1\t1\t1\t1\n" % number)
            lists = b"|".join(direct) or b"-", b"|".join(propagated)
            stream.write(b"TGO:%07d\t%s\t%s\n" % (number, *lists))
    output = JobOutput([folder / "part"], folder)
    n_read = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(part_sections, "_BLOCK_BYTES", block)
        patched.setattr(part_sections, "_SPLIT_BYTES", split)
        for record, (direct, propagated, is_read) in zip(output.read_terms(), terms, strict=True):
            assert record.go_id == b"GO:%07d" % n_read
            assert b"|".join(record.direct) == b"|".join(direct)
            if is_read:
                assert b"|".join(record.propagated) == b"|".join(propagated)
            n_read += 1
        assert len(list(output.read(b"P"))) == n_read
        assert b"".join(output.read_blocks(b"P")).count(b"\n") == n_read
    assert n_read == len(terms)
