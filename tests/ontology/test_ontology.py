from __future__ import annotations

import gzip
import multiprocessing
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ontology import cache, closure, termfile
from ontology.build import build_term_file
from ontology.graph import OntologyError, load_graph
from ontology.termfile import TermFileError


def stanza(go_id: int, *lines: str, name: str = "") -> str:
    more = "".join(f"{line}\n" for line in lines)
    return (
        f"[Term]\nid: GO:{go_id:07d}\nname: {name or f'term {go_id}'}\n"
        f"namespace: biological_process\n{more}\n"
    )


HEADER = "format-version: 1.2\ndata-version: releases/2026-01-01\n\n"

#      1 root
#      2 is_a 1
#      3 target: is_a 2, part_of 1
#      4 is_a 3, 5 part_of 4: core
#      6 regulates 3; 7 negatively 4; 8 positively 3, is_a 6; 9 is_a 7 and is_a 8: both signs
OBO = HEADER + "".join(
    [
        stanza(1, 'def: "The root." [x]'),
        stanza(2, "is_a: GO:0000001", name="a name"),
        stanza(
            3,
            "alt_id: GO:0000033",
            "is_a: GO:0000002",
            "relationship: part_of GO:0000001",
            'def: "To be \\"able\\"." [PMID:1]',
            name="target",
        ),
        stanza(4, "is_a: GO:0000003"),
        stanza(5, "is_a: GO:0000001", "relationship: part_of GO:0000004"),
        stanza(6, "is_a: GO:0000001", "relationship: regulates GO:0000003"),
        stanza(7, "is_a: GO:0000001", "relationship: negatively_regulates GO:0000004"),
        stanza(8, "is_a: GO:0000006", "relationship: positively_regulates GO:0000003"),
        stanza(9, "is_a: GO:0000007", "is_a: GO:0000008"),
        stanza(20, "is_obsolete: true", "replaced_by: GO:0000021"),
        stanza(21, "is_obsolete: true", "replaced_by: GO:0000033"),
        stanza(22, "is_obsolete: true", "consider: GO:0000003"),
        stanza(23, "is_obsolete: true", "replaced_by: GO:0000024"),
        stanza(24, "is_obsolete: true", "replaced_by: GO:0000023"),
        stanza(25, "is_obsolete: true", "replaced_by: GO:0000099"),
        stanza(26, "is_obsolete: true", "replaced_by: GO:0000001", "replaced_by: GO:0000002"),
        stanza(30, "is_a: GO:0000001", name="twice"),
        stanza(31, "is_a: GO:0000001", name="twice"),
    ]
)


@pytest.fixture
def obo(tmp_path: Path) -> Path:
    path = tmp_path / "go.obo"
    path.write_text(OBO)
    return path


def classes(
    obo: Path, term: str, relations: tuple[str, ...] = ("is_a", "part_of")
) -> dict[str, str]:
    return {
        found.go_id[-1]: found.term_class
        for found in closure.closure(load_graph(obo), term, relations)
    }


def test_classes_of_the_closure(obo: Path) -> None:
    assert classes(obo, "GO:0000003") == {
        "3": "target",
        "4": "core",
        "5": "core",
        "6": "regulator",
        "7": "negative_regulator",
        "8": "positive_regulator",
        "9": "regulator",
    }


def test_relations_decide_what_is_core(obo: Path) -> None:
    assert classes(obo, "GO:0000003", ("is_a",)) == {
        "3": "target",
        "4": "core",
        "6": "regulator",
        "7": "negative_regulator",
        "8": "positive_regulator",
        "9": "regulator",
    }


def test_relation_paths_are_the_shortest(obo: Path) -> None:
    paths = {
        found.go_id: found.relation_path
        for found in closure.closure(load_graph(obo), "GO:0000003", ("is_a", "part_of"))
    }
    assert paths["GO:0000003"] == ""
    assert paths["GO:0000005"] == "GO:0000005 -part_of-> GO:0000004 -is_a-> GO:0000003"
    assert paths["GO:0000008"] == "GO:0000008 -positively_regulates-> GO:0000003"
    assert paths["GO:0000009"] == (
        "GO:0000009 -is_a-> GO:0000008 -positively_regulates-> GO:0000003"
    )


def test_repairs_follow_chains_and_never_guess(obo: Path) -> None:
    assert closure.repairs(load_graph(obo)) == {
        "GO:0000033": "GO:0000003",
        "GO:0000020": "GO:0000003",
        "GO:0000021": "GO:0000003",
    }


@pytest.mark.parametrize(
    ("asked", "go_id", "note"),
    [
        ("GO:0000003", "GO:0000003", ""),
        (" GO:0000033 ", "GO:0000003", "GO:0000033 is an alternative id of GO:0000003"),
        ("A Name", "GO:0000002", "'A Name' is GO:0000002"),
    ],
)
def test_terms_by_id_alternative_id_and_name(obo: Path, asked: str, go_id: str, note: str) -> None:
    assert closure.resolve_term(load_graph(obo), asked) == (go_id, note)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("GO:0000020", "obsolete one .*ask for GO:0000021"),
        ("GO:0000022", "ask for GO:0000003"),
        ("twice", "GO:0000030, GO:0000031"),
        ("GO:0000004444", "expected an id or an exact name"),
        ("targets", "close: target"),
    ],
)
def test_terms_that_can_not_be_asked(obo: Path, asked: str, words: str) -> None:
    with pytest.raises(OntologyError, match=words):
        closure.resolve_term(load_graph(obo), asked)


def test_an_unknown_relation_names_the_known(obo: Path) -> None:
    with pytest.raises(OntologyError, match="is_a, negatively_regulates, part_of"):
        build_term_file(obo, "GO:0000003", ["is_a", "has_part"])


def test_the_term_file_keeps_everything(obo: Path, tmp_path: Path) -> None:
    built = build_term_file(obo, "GO:0000033", ["is_a", "part_of"])
    assert built.note.endswith("alternative id of GO:0000003")
    terms = built.terms
    assert (terms.target, terms.data_version) == ("GO:0000003", "releases/2026-01-01")
    assert terms.definition == 'To be \\"able\\".'
    assert {terms.go_ids[n] for n in terms.negating} == {"GO:0000001", "GO:0000002", "GO:0000003"}
    assert {terms.go_ids[n] for n in terms.obsolete} >= {"GO:0000020", "GO:0000026"}
    path = tmp_path / "x.terms"
    termfile.write(terms, path)
    assert termfile.read(path) == terms


def test_gzip_is_read_by_its_content(obo: Path, tmp_path: Path) -> None:
    packed = tmp_path / "go.txt"
    packed.write_bytes(gzip.compress(obo.read_bytes()))
    assert load_graph(packed) == load_graph(obo)


@pytest.mark.parametrize("end", [0, 20, 500])
def test_a_term_file_cut_anywhere_is_an_error(obo: Path, tmp_path: Path, end: int) -> None:
    path = tmp_path / "x.terms"
    termfile.write(build_term_file(obo, "GO:0000003", ["is_a"]).terms, path)
    path.write_bytes(path.read_bytes()[:end])
    with pytest.raises(TermFileError):
        termfile.read(path)


def test_a_damaged_cache_is_made_anew(obo: Path, tmp_path: Path) -> None:
    first = cache.cached_term_file(obo, "GO:0000033", ("is_a",), tmp_path / "cache")
    content = first.path.read_bytes()
    first.path.write_bytes(content.replace(b"term 4", b"term X"))
    again = cache.cached_term_file(obo, "GO:0000033", ("is_a",), tmp_path / "cache")
    assert again == first
    assert first.path.read_bytes() == content
    assert "alternative id" in again.note
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.path.name]


def test_the_cache_tells_contents_terms_and_relations_apart(obo: Path, tmp_path: Path) -> None:
    paths = {
        cache.cached_term_file(obo, term, relations, tmp_path / "cache").path
        for term in ("GO:0000003", "GO:0000002")
        for relations in (("is_a",), ("is_a", "part_of"))
    }
    obo.write_text(OBO + stanza(40))
    paths.add(cache.cached_term_file(obo, "GO:0000003", ("is_a",), tmp_path / "cache").path)
    assert len(paths) == 5


def test_a_cache_that_can_not_be_written_is_done_without(
    obo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    found = cache.cached_term_file(obo, "GO:0000003", ("is_a",), tmp_path / "file" / "cache")
    assert found.terms.target == "GO:0000003"


def _build(arguments: tuple[Path, Path]) -> bytes:
    obo, folder = arguments
    return cache.cached_term_file(obo, "GO:0000003", ("is_a",), folder).path.read_bytes()


def test_two_at_once_make_one_whole_file(obo: Path, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        one, other = pool.map(_build, [(obo, tmp_path / "cache")] * 2)
    assert one == other


def test_the_default_target_of_the_real_ontology(real_ontology: Path) -> None:
    terms = cache.cached_term_file(real_ontology, "GO:0030420", ("is_a", "part_of")).terms
    assert [(found.go_id, found.term_class) for found in terms.closure] == [
        ("GO:0030420", "target"),
        ("GO:0045304", "regulator"),
        ("GO:0045808", "negative_regulator"),
        ("GO:0045809", "positive_regulator"),
    ]
    assert len(terms.go_ids) == 47_468


edges = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from(["is_a", "part_of"])).filter(
        lambda edge: edge[0] > edge[1]
    ),
    max_size=25,
    unique_by=lambda edge: edge[:2],
)


@given(found=edges)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_closure_and_ancestors_are_those_of_networkx(
    found: list[tuple[int, int, str]], tmp_path: Path
) -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(1, 13))
    lines: dict[int, list[str]] = {number: [] for number in range(1, 13)}
    for child, parent, relation in found:
        graph.add_edge(child, parent)
        prefix = "is_a:" if relation == "is_a" else "relationship: part_of"
        lines[child].append(f"{prefix} GO:{parent:07d}")
    path = tmp_path / "random.obo"
    path.write_text(HEADER + "".join(stanza(n, *more) for n, more in lines.items()))
    loaded = load_graph(path)
    for number in range(1, 13):
        go_id = f"GO:{number:07d}"
        below = {f"GO:{n:07d}" for n in nx.ancestors(graph, number)}
        above = {f"GO:{n:07d}" for n in nx.descendants(graph, number)}
        core = {t.go_id for t in closure.closure(loaded, go_id, ("is_a", "part_of"))} - {go_id}
        assert core == below
        assert closure.ancestors(loaded, go_id, ("is_a", "part_of")) == above
