from __future__ import annotations

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables import schema, writer
from gafreduce.reports.tables.writer import encode_row, join_blocks, write_table

ROWS = st.lists(st.binary(max_size=30).map(lambda row: row.replace(b"\n", b"") + b"\n"))


@given(rows=ROWS, size=st.integers(1, 50), n_joined=st.integers(1, 5))
def test_blocks_depend_on_the_text_alone(rows, size, n_joined):
    joined = [b"".join(rows[n : n + n_joined]) for n in range(0, len(rows), n_joined)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writer, "_JOINED_BYTES", size // 3)
        found = list(join_blocks(rows, size))
        assert list(join_blocks(joined, size)) == found
    assert b"".join(found) == b"".join(rows)
    assert all(block.endswith(b"\n") for block in found)
    assert all(len(block) <= size or block.count(b"\n") == 1 for block in found)


@pytest.mark.parametrize("size", [10, 2 << 20])
def test_parquet_and_tsv_have_the_same_cells(tmp_path, monkeypatch, size):
    monkeypatch.setattr(writer, "BLOCK_BYTES_WITH_LISTS", size)
    rows = [
        b"GO:0000001\ta name\tP\tcurrent\t\t2\tcore\t1|2\t2\tcore\t1|2\n",
        b'GO:0000002\t"quoted"\tF\tobsolete\t\t0\t\t\t1200\tshared\t1|3|...\n',
    ]
    write_table(schema.TERMS, rows, RunFolder(tmp_path))
    tsv = RunFolder(tmp_path).table("terms").read_bytes()
    assert tsv == "\t".join(schema.TERMS.column_names).encode() + b"\n" + b"".join(rows)
    found = pyarrow.parquet.read_table(RunFolder(tmp_path).parquet("terms")).to_pydict()
    assert found["name"] == ["a name", '"quoted"']
    assert found["n_organisms"] == [2, 0]
    assert found["organism_ids"] == [["1", "2"], None]
    assert found["organism_ids_propagated"] == [["1", "2"], ["1", "3", "..."]]


def test_a_table_without_rows_has_a_header_and_a_schema(tmp_path):
    write_table(schema.TERMS, [], RunFolder(tmp_path))
    assert RunFolder(tmp_path).table("terms").read_bytes().count(b"\n") == 1
    found = pyarrow.parquet.read_table(RunFolder(tmp_path).parquet("terms"))
    assert found.num_rows == 0
    assert tuple(found.column_names) == schema.TERMS.column_names


_ELEMENTS = st.lists(st.text(alphabet='ab|%7C25."', min_size=1, max_size=5), max_size=4)


@given(lists=st.lists(_ELEMENTS, min_size=1, max_size=8), size=st.integers(1, 400))
def test_parquet_has_lists_of_any_text(tmp_path_factory, lists, size):
    folder = tmp_path_factory.mktemp("tables")
    rows = [encode_row(schema.GENE_PRODUCTS, {"taxon_id": 1, "synonyms": texts}) for texts in lists]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writer, "BLOCK_BYTES_WITH_LISTS", size)
        write_table(schema.GENE_PRODUCTS, rows, RunFolder(folder))
    found = pyarrow.parquet.read_table(RunFolder(folder).parquet("gene_products")).to_pydict()
    assert found["synonyms"] == [texts or None for texts in lists]
    assert found["flags"] == [None] * len(lists)
