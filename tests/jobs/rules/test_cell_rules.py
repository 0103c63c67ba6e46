"""Faults of single cells."""

from __future__ import annotations

import pytest

from gafreduce.jobs.rules.cell_rules import check_extension, check_references


def find_words(text: str) -> set[str]:
    return {each.word for each in check_references(text)}


@pytest.mark.parametrize("number", [1, 28, 29, 30, 46, 48, 112])
def test_references_that_go_has_withdrawn_are_found(number: int) -> None:
    assert "obsolete_go_ref" in find_words(f"PMID:1|GO_REF:{number:07d}")


@pytest.mark.parametrize("number", [2, 3, 4, 24, 33, 43, 44, 107, 113])
def test_references_that_go_has_are_not(number: int) -> None:
    assert find_words(f"PMID:1|GO_REF:{number:07d}") <= {"several_references"}


def test_one_reference_of_each_kind_is_allowed() -> None:
    assert find_words("") == find_words("PMID:1|FB:FBrf1") == set()
    assert find_words("PMID:1|PMID:2") == {"several_references"}
    assert find_words("FB:FBrf1") == {"no_public_reference"}


@pytest.mark.parametrize(
    "text", ["", "part_of(CL:1)", "part_of(CL:1), occurs_in(X:2)|has_input(Y:3)"]
)
def test_extensions_are_relations_with_an_id(text: str) -> None:
    assert check_extension(text) == ()
    assert [each.word for each in check_extension(f"{text}|CL:1")] == ["bad_extension"]
