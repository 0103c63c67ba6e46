from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.tables import job_output, term_record
from gafreduce.reports.tables.job_output import PartRecords

TAXA = st.lists(st.integers(1, 10**10 - 1).map(b"%d".__mod__), max_size=8)


@given(
    terms=st.lists(st.tuples(TAXA, TAXA.filter(bool), st.booleans()), max_size=5),
    block=st.integers(1, 60),
    split=st.integers(0, 20),
)
def test_organisms_of_terms_come_in_pieces(tmp_path_factory, terms, block, split):
    """However long a record is against what is read at once; some are not read to the end."""
    folder = tmp_path_factory.mktemp("parts")
    with (folder / "part").open("wb") as stream:
        stream.write(b"F000000\t-\t{}\n")
        for number, (direct, propagated, _) in enumerate(terms):
            stream.write(b"PGO:%07d\t000000000007\t1\t1\t1\t1\n" % number)
            lists = b"|".join(direct) or b"-", b"|".join(propagated)
            stream.write(b"TGO:%07d\t%s\t%s\n" % (number, *lists))
    records = PartRecords([folder / "part"], folder)
    n_read = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(job_output, "_BLOCK", block)
        patched.setattr(term_record, "_SPLIT_BYTES", split)
        for record, (direct, propagated, is_read) in zip(records.terms(), terms, strict=True):
            assert record.go_id == b"GO:%07d" % n_read
            assert b"|".join(record.direct) == b"|".join(direct)
            if is_read:
                assert b"|".join(record.propagated) == b"|".join(propagated)
            n_read += 1
        assert len(list(records["P"])) == n_read
        assert b"".join(records.texts("P")).count(b"\n") == n_read
    assert n_read == len(terms)
