"""Subsets of GO: by name and by file, with terms that the ontology merged, replaced or lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.errors import TransientError
from gafreduce.ontology.build import build_term_file
from gafreduce.ontology.obo_text import OntologyError
from gafreduce.ontology.subset import read_subset
from gafreduce.ontology.termfile import TermFile


@pytest.fixture(scope="module")
def named(make_obo) -> Path:  # type: ignore[no-untyped-def]
    return make_obo(
        {
            1: [],
            2: ["is_a: #1", "subset: goslim_a", "subset: goslim_abc"],
            3: ["alt_id: #33", "is_a: #1", "subset: goslim_a"],
            4: ["is_a: #3", "subset: goslim_ab"],
            20: ["is_obsolete: true", "replaced_by: #3", "subset: goslim_a"],
        }
    )


@pytest.fixture(scope="module")
def terms(named: Path) -> TermFile:
    return build_term_file(named, "GO:0000003", ("is_a", "part_of")).terms


def test_a_name_is_matched_whole(named: Path, terms: TermFile) -> None:
    found = read_subset("goslim_a", None, named, terms)
    assert found == (("GO:0000002", "GO:0000003"), ())
    assert read_subset("goslim_ab", None, named, terms).go_ids == ("GO:0000004",)


def test_an_unknown_name_lists_those_of_the_ontology(named: Path, terms: TermFile) -> None:
    with pytest.raises(OntologyError, match=r"goslim_a, goslim_ab, goslim_abc.*got another name"):
        read_subset("goslim", None, named, terms)


def test_a_subset_of_an_ontology_that_was_replaced_is_refused(
    named: Path, terms: TermFile, tmp_path: Path
) -> None:
    """Its terms were read by another process, at another time."""
    other = tmp_path / "other.obo"
    other.write_bytes(named.read_bytes().replace(b"subset: goslim_abc", b"subset: goslim_abd"))
    with pytest.raises(TransientError, match=r"other\.obo: expected the ontology that was read"):
        read_subset("goslim_a", None, other, terms)


def test_terms_of_a_file_are_repaired_and_what_is_missing_is_named(
    make_obo,
    named: Path,
    terms: TermFile,  # type: ignore[no-untyped-def]
) -> None:
    path = make_obo({33: [], 20: [], 4: [], 99: [], 5: ["is_obsolete: true"]})
    found = read_subset("x.obo", path, named, terms)
    assert found.go_ids == ("GO:0000003", "GO:0000004")
    assert found.left_out == ("GO:0000099",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"slim\.obo: expected an ontology file, got No such file.*name another: --slim"),
        ("", r"slim\.obo: expected an OBO file with \[Term\] stanzas, got an empty file"),
        ("id\tname\nGO:0000001\tx\n", r"expected an OBO file with \[Term\] stanzas, got 'id"),
        ("[Term]\nid: GO:0000099\n", r"--slim x: expected terms of .*got 1 of which it has none"),
    ],
)
def test_a_file_without_terms_is_refused(
    text: str | None, message: str, named: Path, terms: TermFile, tmp_path: Path
) -> None:
    path = tmp_path / "slim.obo"
    if text is not None:
        path.write_text(text)
    with pytest.raises(OntologyError, match=message):
        read_subset("x", path, named, terms)
