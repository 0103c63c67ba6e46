from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from gafreduce.jobs.formats import gaf
from gafreduce.jobs.mapper.token_cache import TaxonCache

CELLS = st.lists(
    st.sampled_from(["taxon:", "Taxon:", "NCBITaxon:", "|", "0", "1", "4294967296", " ", "x", "\n"])
).map("".join)


@given(cell=CELLS)
@example("taxon:83333")
@example("taxon:0")
@example("taxon:00083333")
@example("taxon:12345678901")
@example("taxon:1|taxon:2")
def test_cached_taxa_are_those_of_the_reader(cell: str) -> None:
    found = gaf.read_taxon(cell.strip(" "))
    assert TaxonCache()[cell.encode()] == (b"" if found is None else b"%012d" % found[0])
