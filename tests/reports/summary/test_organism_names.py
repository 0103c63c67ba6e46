"""Organisms with another species name in their file, or in the NCBI Taxonomy."""

from __future__ import annotations

import pytest

from gafreduce.reports.summary.organism_names import list_other_names, read_species
from gafreduce.reports.summary.sentences import write_other_names
from gafreduce.reports.tables.reader import Row

NCBI = {592022: "Priestia megaterium DSM 319", 83333: "Escherichia coli K-12"}


def make_row(taxon_id: int, name: str, source: str, label: str = "") -> Row:
    return {
        "organism_id": str(taxon_id),
        "taxon_id": str(taxon_id),
        "organism": name,
        "name_source": source,
        "file_label": label,
    }


def write(*rows: Row) -> str:
    return write_other_names(list(list_other_names(rows, NCBI.get)))


def test_both_names_are_given_where_genus_or_species_differ() -> None:
    assert write(
        make_row(592022, NCBI[592022], "ncbi", "Bacillus_megaterium_DSM_319-592022"),
        make_row(83333, NCBI[83333], "ncbi", "Escherichia_coli_K-12_ecocyc_83333"),
    ) == ("species with another name: Priestia megaterium DSM 319, in the file Bacillus megaterium")
    assert write(make_row(592022, "B. megaterium 319", "sheet")) == (
        "species with another name: B. megaterium 319, in the NCBI Taxonomy Priestia megaterium "
        "DSM 319"
    )


@pytest.mark.parametrize(
    ("name", "source"),
    [("P. megaterium", "sheet"), ("Mine", "names_file"), ("Bacillus megaterium", "sample")],
)
def test_other_names_are_no_other_species(name: str, source: str) -> None:
    assert write(make_row(592022, name, source)) == ""


@pytest.mark.parametrize(
    ("label", "species"),
    [
        ("", ""),
        ("Bacillus_megaterium_DSM_319-592022", "Bacillus megaterium"),
        ("29934.B_amyloliquefaciens_FZB42", ""),  # neither genus nor species, and no taxon id
        ("592022.B_amyloliquefaciens", "B amyloliquefaciens"),
        ("Priestia_aryabhattai", "Priestia aryabhattai"),
        ("Final_version", ""),
        ("ECOLI-mod", ""),
    ],
)
def test_the_stem_of_a_file_may_name_a_species(label: str, species: str) -> None:
    assert read_species(label, "592022", NCBI[592022]) == species


def test_many_names_are_counted() -> None:
    names = [(f"A b{number}", "C d", False) for number in range(12)]
    assert write_other_names(names).endswith("; and 2 more")
