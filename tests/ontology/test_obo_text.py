"""Terms by id, name and synonym, from the text of an ontology."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.ontology.build import build_term_file
from gafreduce.ontology.obo_text import (
    OntologyError,
    read_go_id,
    read_terms,
    read_text,
    search_terms,
)

OBO = """format-version: 1.2

[Term]
id: GO:0008150
name: biological_process
namespace: biological_process
alt_id: GO:0000004

[Term]
id: GO:0000010
name: DNA uptake
namespace: biological_process
synonym: "competence" EXACT []
synonym: "DNA \\"import\\"" NARROW [GOC:x]
is_a: GO:0008150

[Term]
id: GO:0000011
name: establishment of competence for transformation
namespace: biological_process
synonym: "competence development" BROAD []
synonym: "shared" RELATED []
is_a: GO:0008150

[Term]
id: GO:0000012
name: old competence
namespace: biological_process
synonym: "shared" RELATED []
synonym: "given up" EXACT []
is_obsolete: true

[Term]
id: GO:0000013
name: é-glucan uptake
namespace: biological_process
synonym: "ambiguous" RELATED []
is_a: GO:0008150

[Term]
id: GO:0000014
name: other
namespace: biological_process
synonym: "ambiguous" RELATED []
is_a: GO:0008150

[Typedef]
id: part_of
name: competence of a relation
"""


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    path = tmp_path / "go.obo"
    path.write_text(OBO, encoding="utf-8")
    return path


def search(*words: str) -> list[tuple[str, str]]:
    return [(each.term.go_id, each.found_by) for each in search_terms(OBO.encode(), words)]


def test_terms_are_found_by_all_words_in_a_name_or_synonym_best_first() -> None:
    assert search("Competence") == [
        ("GO:0000010", "competence"),
        ("GO:0000011", ""),
        ("GO:0000012", ""),  # obsolete
    ]
    assert search("transform", "compet") == search("transform compet") == [("GO:0000011", "")]
    assert search("import") == [("GO:0000010", 'DNA "import"')]
    assert search("uptake") == [("GO:0000010", ""), ("GO:0000013", "")]
    assert search("É-GLUCAN") == [("GO:0000013", "")]
    assert search("competence", "uptake") == []


@pytest.mark.parametrize(
    "written", ["GO:0008150", "GO:8150", "go:0008150", "go_0008150", "0008150", "8150", " GO 8150"]
)
def test_ids_are_read_as_people_write_them(ontology: Path, written: str) -> None:
    assert search(written) == [("GO:0008150", "")]
    built = build_term_file(ontology, written, ("is_a",))
    assert (built.terms.target, built.note) == ("GO:0008150", "")


def test_an_alternative_id_is_named(ontology: Path) -> None:
    assert search("GO:4") == [("GO:0008150", "GO:0000004")]
    note = build_term_file(ontology, "GO:4", ("is_a",)).note
    assert note == "GO:0000004 is an alternative id of GO:0008150"


@pytest.mark.parametrize(
    "text", ["", "GO", "GO:", "GO:12345678", "GO:1a", "P:0008150", "-1", chr(0x661)]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert read_go_id(text) == ""


@pytest.mark.parametrize(
    ("name", "go_id", "note"),
    [
        ("competence", "GO:0000010", "'competence' is a synonym (exact) of GO:0000010, DNA uptake"),
        (
            "Competence Development",
            "GO:0000011",
            "'Competence Development' is a synonym (broad) of GO:0000011, establishment of "
            "competence for transformation",
        ),
        ("shared", "GO:0000011", "'shared' is a synonym (related) of GO:0000011, establishment of "
         "competence for transformation"),
        ("DNA uptake", "GO:0000010", "'DNA uptake' is GO:0000010"),
    ],
)  # fmt: skip
def test_a_term_is_named_by_a_unique_synonym(
    ontology: Path, name: str, go_id: str, note: str
) -> None:
    built = build_term_file(ontology, name, ("is_a",))
    assert (built.terms.target, built.note) == (go_id, note)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ambiguous", "expected the synonym of one term, got that of 2 (use one of their ids: GO:0000013"),
        ("given up", "expected an id, an exact name or a synonym"),
        ("GO:19", "got none (similar: GO:0000014; GO:0000013"),
    ],
)  # fmt: skip
def test_an_ambiguous_or_unknown_name_is_an_error(ontology: Path, name: str, message: str) -> None:
    with pytest.raises(OntologyError) as caught:
        build_term_file(ontology, name, ("is_a",))
    assert message in str(caught.value)


def test_the_graph_and_the_text_have_the_same_terms(samples: Path) -> None:
    from gafreduce.ontology.graph import load_graph

    path = samples / "go-samples.obo"
    nodes = load_graph(path).nodes
    terms = {each.go_id: each for each in read_terms(path.read_bytes())}
    assert set(terms) == set(nodes)
    assert all(term.name == nodes[go_id].name for go_id, term in terms.items())
    assert all(term.is_obsolete == nodes[go_id].is_obsolete for go_id, term in terms.items())


def test_line_ends_and_blanks_are_no_part_of_a_term() -> None:
    text = OBO.replace("name: old competence", "name:   old competence  ").replace("\n", "\r\n")
    assert list(read_terms(text.encode(), "")) == list(read_terms(OBO.encode(), ""))


def test_a_name_with_many_blanks_is_read_in_linear_time() -> None:
    name = f"a{' ' * 1_000_000}b"  # took minutes
    text = f"[Term]\nid: GO:0000001\nname: {name}\nnamespace: biological_process\n"
    assert [found.term.name for found in search_terms(text.encode(), ["a", "b"])] == [name]


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go.obo")
    with pytest.raises(InputError, match="expected a regular file, got a pipe"):
        read_text(tmp_path / "go.obo")
