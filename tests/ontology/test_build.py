from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import networkx as nx
import pytest

from gafreduce.ontology import build, termfile
from gafreduce.ontology.build import build_term_file
from gafreduce.ontology.graph import Graph, load_graph
from gafreduce.ontology.obo_text import OntologyError

MakeObo = Callable[[Mapping[int, Sequence[str]]], Path]


def go(number: int) -> str:
    return f"GO:{number:07d}"


def ids(terms: termfile.TermFile, numbers: frozenset[int]) -> set[int]:
    return {int(terms.go_ids[number][3:]) for number in numbers}


def test_the_term_file_of_an_alternative_id(obo: Path) -> None:
    built = build_term_file(obo, "GO:0000033", ["is_a", "part_of"])
    terms = built.terms
    assert built.note == "GO:0000033 is an alternative id of GO:0000003"
    assert (terms.target, terms.definition) == ("GO:0000003", 'To be "able".')
    assert (terms.data_version, terms.relations) == ("releases/2026-01-01", ("is_a", "part_of"))
    assert terms.ontology_sha256 == load_graph(obo).sha256
    assert list(terms.go_ids) == sorted(terms.go_ids)
    assert ids(terms, terms.obsolete) == set(range(20, 30))
    assert terms.repairs["GO:0000020"] == "GO:0000003"
    assert terms.names[terms.go_ids.index("GO:0000002")] == "a name"
    assert terms.aspects == "P" * len(terms.go_ids)


@pytest.mark.parametrize(
    ("relations", "parents"),
    [
        (["is_a"], {1: "", 3: "2", 5: "1", 8: "6"}),
        (["part_of", "is_a"], {1: "", 3: "1,2", 5: "1,4", 8: "6"}),
        (["is_a", "positively_regulates"], {1: "", 3: "2", 5: "1", 8: "3,6"}),
    ],
)
def test_parents_follow_the_chosen_relations(
    obo: Path, relations: list[str], parents: dict[int, str]
) -> None:
    terms = build_term_file(obo, "GO:0000003", relations).terms
    for number, expected in parents.items():
        found = terms.parents[terms.go_ids.index(f"GO:{number:07d}")]
        above = [terms.go_ids[int(index)] for index in found.split(",") if index]
        assert ",".join(str(int(go_id[3:])) for go_id in above) == expected


def test_negating_terms_follow_is_a_and_part_of_only(make_obo: MakeObo) -> None:
    path = make_obo(
        {
            1: [],
            2: ["is_a: #1"],
            3: ["is_a: #2", "relationship: regulates #7"],
            4: ["is_a: #5", "relationship: part_of #3"],
            5: ["is_a: #1"],
            6: ["is_a: #4"],
            7: ["is_a: #5"],
        }
    )
    all_relations = ["is_a", "part_of", "regulates"]
    for relations, expected in (
        (["is_a"], {4, 5, 1}),
        (["part_of"], {4, 3}),
        (["is_a", "part_of"], {4, 5, 3, 2, 1}),
        (all_relations, {4, 5, 3, 2, 1}),
        (["regulates"], {4}),
    ):
        terms = build_term_file(path, "GO:0000004", relations).terms
        assert ids(terms, terms.negating) == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"biological_process", b"external"), "namespaces of GO .*, got 'external'"),
        ((b"is_a: GO:0000001", b"is_a: GO:0000099"), "GO:0000099 as a parent of GO:0000002"),
    ],
)
def test_an_ontology_other_than_go_is_refused(
    obo: Path, tmp_path: Path, change: tuple[bytes, bytes], words: str
) -> None:
    path = tmp_path / "go.obo"
    path.write_bytes(obo.read_bytes().replace(*change))
    with pytest.raises(OntologyError, match=words):
        build_term_file(path, "GO:0000003", ["is_a"])


def test_the_program_writes_the_term_file_and_prints_its_path(
    obo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.terms"
    assert build.main([str(obo), "a name", "is_a,part_of", str(out)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(printed) == {"term_file": str(out), "note": "'a name' is GO:0000002"}
    expected = build_term_file(obo, "GO:0000002", ["is_a", "part_of"]).terms
    assert termfile.read(out) == expected


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["{obo}", "GO:0000099", "is_a", "{out}"], 1, "'GO:0000099': expected an id"),
        (["{obo}", "GO:0000003", "is_b", "{out}"], 1, "'is_b': expected a relation"),
        (["{obo}", "GO:0000003", "", "{out}"], 1, "'': expected a relation"),
        (["{obo}.none", "GO:0000003", "is_a", "{out}"], 1, "expected an ontology file"),
        (["{obo}", "GO:0000003", "is_a", "{out}/none/x"], 1, "No such file or directory"),
        (["{obo}"], 2, "usage: "),
    ],
)
def test_the_program_reports_an_error_in_one_line(
    obo: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    out = tmp_path / "out"
    named = [argument.format(obo=obo, out=out) for argument in arguments]
    assert build.main(named) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1
    assert not out.exists()


def test_the_program_runs_as_a_process(obo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "go.obo.gz"
    broken.write_bytes(gzip.compress(obo.read_bytes())[:-9])
    command = [sys.executable, "-m", "gafreduce.ontology.build"]
    done = subprocess.run(
        [*command, broken, "GO:0000003", "is_a", tmp_path / "x"], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(f"gafreduce: {broken}: expected a whole gzip file")
    assert done.stderr.count(b"\n") == 1


def test_ancestors_in_the_real_ontology_agree_with_networkx(
    real_ontology: Path, real_graph: Graph
) -> None:
    terms = build_term_file(real_ontology, "GO:0030420", ["is_a", "part_of"]).terms
    network = nx.DiGraph()
    for node in real_graph.nodes.values():
        for relation in ("is_a", "part_of"):
            network.add_edges_from(
                (node.go_id, parent) for parent in node.parents.get(relation, ())
            )
    assert {terms.go_ids[n] for n in terms.negating} == {
        "GO:0030420",
        *nx.descendants(network, "GO:0030420"),
    }
    edges = {
        (go_id, terms.go_ids[int(index)])
        for go_id, parents in zip(terms.go_ids, terms.parents, strict=True)
        for index in parents.split(",")
        if index
    }
    assert edges == set(network.edges)


def test_marks_are_sets_of_terms_for_rules(make_obo: MakeObo) -> None:
    path = make_obo(
        {
            1: ["name: biological_process", "subset: gocheck_do_not_annotate"],
            32991: ["is_a: #1"],
            2: ["is_a: #32991", "subset: goslim_generic", "subset: gocheck_obsoletion_candidate"],
            3: ["relationship: part_of #32991", "is_a: #1"],
            44419: ["is_a: #1"],
            4: ["relationship: part_of #44419", "is_a: #1"],
            5: ["relationship: negatively_regulates #4", "is_a: #1"],
        }
    )
    terms = build_term_file(path, go(1), ["is_a"]).terms
    named = {
        name: {terms.go_ids[number] for number in numbers} for name, numbers in terms.marks.items()
    }
    assert named == {
        "gocheck_do_not_annotate": {go(1)},
        "gocheck_do_not_manually_annotate": set(),
        "gocheck_obsoletion_candidate": {go(2)},
        "complex": {go(32991), go(2)},
        "interspecies": {go(44419), go(4)},
    }
    (pair,) = terms.regulates
    assert [terms.go_ids[number] for number in pair] == [go(5), go(4)]


def test_an_ontology_without_subsets_has_no_marks(obo: Path) -> None:
    assert build_term_file(obo, go(3), ["is_a"]).terms.marks == {}
