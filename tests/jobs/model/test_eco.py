from __future__ import annotations

import importlib.util
from collections import defaultdict
from pathlib import Path

import pytest
from goatools.anno.eco2group import ECO2GRP

from gafreduce.jobs.model import eco
from gafreduce.jobs.model.evidence import GROUP_OF, find_group, is_known_evidence

ECO_FILES = Path(__file__).parents[4] / "shared" / "data" / "eco"


def rows(name: str) -> list[list[str]]:
    if not ECO_FILES.is_dir():
        pytest.skip("needs ../shared")
    lines = (ECO_FILES / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def published() -> dict[str, set[str]]:
    codes: dict[str, set[str]] = defaultdict(set)
    for eco_id, code, _ in rows("gaf-eco-mapping-derived.txt"):
        codes[eco_id].add(code)
    return codes


def test_every_published_id_is_mapped_as_published() -> None:
    codes = published()
    assert len(codes) == 1407
    assert {eco_id: {eco.read_eco_id(eco_id).evidence_code} for eco_id in codes} == {
        **codes,
        "ECO:0007295": {"IEA"},  # published as both EXP and IEA
    }
    assert set(eco.load_eco_ids()) | set(eco.AMBIGUOUS) == set(codes)


def test_ambiguous_ids_are_those_with_two_published_codes() -> None:
    ambiguous = {eco_id: codes for eco_id, codes in published().items() if len(codes) > 1}
    assert {eco_id: set(codes) for eco_id, codes in eco.AMBIGUOUS.items()} == ambiguous


def test_the_mapping_differs_from_goatools_as_documented() -> None:
    """goatools lacks 112 ids and has another code for one; it has no additional ids."""
    codes = published()
    assert len(set(codes) - set(ECO2GRP)) == 112
    assert set(ECO2GRP) <= set(codes)
    different = {e: (ECO2GRP[e], codes[e]) for e in ECO2GRP if ECO2GRP[e] not in codes[e]}
    assert different == {"ECO:0001169": ("EXP", {"IMP"})}


def test_codes_have_the_published_ids_that_lead_back_to_the_code() -> None:
    not_used = {
        (code, reference)
        for code, reference, eco_id in rows("gaf-eco-mapping.txt")
        if eco.find_eco_id(code, reference if reference != "Default" else "PMID:1") != eco_id
    }
    assert not_used == {
        ("ISS", "GO_REF:0000011"),
        ("ISS", "GO_REF:0000012"),
        ("ISS", "GO_REF:0000027"),
    }


@pytest.mark.parametrize("code", sorted(set(GROUP_OF) - {"NR"}))
@pytest.mark.parametrize("number", ["0000002", "0000004", "0000011", "0000025", "0000107"])
def test_a_code_survives_conversion_to_an_eco_id_and_back(code: str, number: str) -> None:
    eco_id = eco.find_eco_id(code, f"PMID:1|GO_REF:{number}")
    assert eco.read_eco_id(eco_id) == (code, "")


@pytest.mark.parametrize(
    ("eco_id", "code", "warning", "group"),
    [
        ("ECO:0000314", "IDA", "", "experimental"),
        ("ECO:0007295", "IEA", "ambiguous_eco_id", "electronic"),
        ("ECO:9999999", "ECO:9999999", "unknown_eco_id", "unstated"),
        ("nonsense", "nonsense", "unknown_eco_id", "unstated"),
        ("", "", "", "unstated"),
        (eco.UNSTATED_ECO_ID, "", "", "unstated"),
        ("ECO:0000307", "ND", "", "no_data"),
    ],
)
def test_an_eco_id_gives_code_warning_and_group(
    eco_id: str, code: str, warning: str, group: str
) -> None:
    assert eco.read_eco_id(eco_id) == (code, warning)
    assert find_group(code) == group
    assert is_known_evidence(code) is (warning != "unknown_eco_id")


def test_the_tables_of_docs_evidence_are_up_to_date() -> None:
    docs = Path(__file__).parents[3] / "docs"
    spec = importlib.util.spec_from_file_location("make_evidence", docs / "make_evidence.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (docs / "evidence.md").read_text(encoding="utf-8")
    assert module.with_tables(text) == text, "run `make docs`"
