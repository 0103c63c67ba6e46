"""The source of a line by its evidence code, reference, With/From and assigned by."""

import csv

import pytest

from gafreduce.reports.evidence.annotation_sources import COMBINED, METHODS, find_sources
from gafreduce.reports.tables.evidence_sources import normalise_entry


@pytest.mark.parametrize(
    ("code", "reference", "with_from", "assigned_by", "sources"),
    [
        # an electronic method, whoever passed the line on
        ("IEA", "GO_REF:0000002", "InterPro:IPR1|InterPro:IPR2", "InterPro", [["InterPro"]]),
        ("IEA", "GO_REF:0000037", "SP_KW:KW-0178", "UniProtKB", [["UniProt keywords"]]),
        ("IEA", "GO_REF:0000043", "", "UniProt", [["UniProt keywords"]]),
        ("IEA", "GO_REF:0000118", "PANTHER:PTN1", "TreeGrafter", [["TreeGrafter"]]),
        # joined methods are split by With/From
        (
            *("IEA", COMBINED, "InterPro:IPR1|UniRule:UR1|RHEA:1|EC:1.1.1.1", "UniProt"),
            [["InterPro"], ["UniRule"], ["Rhea"], ["EC numbers"]],
        ),
        ("IEA", COMBINED, "UniProtKB-KW:KW-1|SP_KW:KW-2", "UniProt", [["UniProt keywords"]]),
        ("IEA", COMBINED, "InterPro:IPR1,UniRule:UR1", "UniProt", [["InterPro", "UniRule"]]),
        ("IEA", COMBINED, "Novel:1", "UniProt", [["Novel"]]),
        ("IEA", COMBINED, "", "UniProt", [["GO_REF:0000120 (UniProt)"]]),
        # other electronic lines: reference and assigned by, whatever With/From says
        ("IEA", "GO_REF:0000108", "GO:1|GO:2", "GOC", [["GO_REF:0000108 (GOC)"]]),
        ("IEA", "", "", "eggNOG-mapper", [["eggNOG-mapper"]]),
        # lines of curators
        ("IBA", "GO_REF:0000033", "PANTHER:PTN1|UniProtKB:A", "GO_Central", [["PAN-GO"]]),
        ("IBA", "PMID:21873635", "PANTHER:PTN1", "GO_Central", [["PAN-GO"]]),
        ("IDA", "MGI:1|PMID:2", "", "MGI", [["PMID:2 (MGI)"]]),
        ("IDA", "PMID:2", "", "CACAO", [["PMID:2 (CACAO)"]]),
        ("ISS", "GO_REF:0000024", "UniProtKB:A|UniProtKB:B", "UniProt",
         [["GO_REF:0000024 (UniProt)"]]),
        ("ISS", COMBINED, "InterPro:IPR1", "UniProt", [["GO_REF:0000120 (UniProt)"]]),
        ("", "", "", "", [["not stated"]]),
        ("", "PMID:1", "", "", [["PMID:1"]]),
    ],
)  # fmt: skip
def test_source_of_a_line(code, reference, with_from, assigned_by, sources):
    found = find_sources(code, reference, with_from, assigned_by)
    assert [sorted(together) for together in found] == sources


def test_every_method_has_references_and_databases_of_its_own():
    with METHODS.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    for column in ("references", "databases"):
        entries = [entry for row in rows for entry in row[column].split("|")]
        assert all(entries)
        assert len(entries) == len(set(entries))
    assert all(row["definition"].startswith("https://") for row in rows)
    # former names of databases never get here
    assert all(
        normalise_entry(f"{name}:1") == f"{name}:1"
        for row in rows
        for name in row["databases"].split("|")
    )
