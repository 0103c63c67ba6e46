"""Names of the NCBI Taxonomy, from the table in the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.errors import TransientError
from gafreduce.inputs import zstd
from gafreduce.inputs.taxon_names import NAMES, TaxonNames


@pytest.fixture(scope="module")
def names() -> TaxonNames:
    return TaxonNames()


@pytest.mark.parametrize(
    ("taxon_id", "name"),
    [
        (2, "Bacteria"),
        (83333, "Escherichia coli K-12"),
        (224308, "Bacillus subtilis subsp. subtilis str. 168"),
        (592022, "Priestia megaterium DSM 319"),
        (2157, "Archaea"),
        (9606, "Homo sapiens"),
        (184922, "Giardia lamblia ATCC 50803"),
        (2697049, "Severe acute respiratory syndrome coronavirus 2"),
        (11320, "Influenza A virus"),  # has no rank, as its isolates, which are left out
        (1, "root"),
        (0, None),
        (10**12, None),
    ],
)
def test_taxa_have_their_scientific_names(
    names: TaxonNames, taxon_id: int, name: str | None
) -> None:
    assert names.find(taxon_id) == name


def test_taxa_have_their_ranks(names: TaxonNames) -> None:
    ranks = {1386: "genus", 562: "species", 9615: "subspecies", 83333: "strain", 0: ""}
    assert {taxon_id: names.find_rank(taxon_id) for taxon_id in ranks} == ranks


def test_taxa_are_found_by_their_names(names: TaxonNames) -> None:
    assert names.find_taxa("priestia megaterium DSM 319") == [592022]
    assert names.find_taxa("Priestia megaterium DSM") == []


def test_every_row_of_the_table_is_found(names: TaxonNames) -> None:
    with zstd.zstd.ZstdFile(NAMES) as stream:
        lines = stream.read().decode("utf-8").split("\n")
    assert lines[0].startswith("# NCBI Taxonomy, 2024-09-09, public domain")
    assert lines.pop() == ""
    rows = [line.split("\t") for line in lines[1:]]
    starts = [*names._first_ids[1:], 0]
    assert len(starts) > 10
    taxon_id = 0
    for step, name, rank in rows:
        if int(step) == starts[0]:  # the first row of a frame has the id itself
            taxon_id = 0
            del starts[0]
        assert int(step) > 0
        taxon_id += int(step)
        if len(starts) % 8 == 0:
            assert names.find(taxon_id) == name
        assert rank != "species", "it is left out"
    assert starts == [0]


def test_a_name_is_found_without_reading_the_other_parts(names: TaxonNames) -> None:
    names.find(224308)
    assert 1000 < len(names._rows) < 100_000


@pytest.mark.parametrize("damage", ["cut", "cut at a line", "empty", "changed", "text"])
def test_a_damaged_table_is_named_with_advice(tmp_path: Path, damage: str) -> None:
    stored = NAMES.read_bytes()
    n_header = 8 + int.from_bytes(stored[4:8], "little")
    path = tmp_path / "names.tsv.zst"
    path.write_bytes(
        {
            "cut": stored[: n_header + 1000],
            "cut at a line": stored[:n_header],
            "empty": b"",
            "changed": stored[:n_header] + bytes(100) + stored[n_header + 100 :],
            "text": b"1\troot\n" * 10,
        }[damage]
    )
    with pytest.raises(TransientError, match="expected the table of the package, got a damaged"):
        TaxonNames(path).find(2)
