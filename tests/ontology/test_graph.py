from __future__ import annotations

import contextlib
import gzip
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.ontology.graph import Graph, load_graph
from gafreduce.ontology.obo_text import OntologyError
from gafreduce.system import host

MakeObo = Callable[[Mapping[int, Sequence[str]]], Path]

NOT_OBO = "expected an OBO file with \\[Term\\] stanzas, got "


@pytest.fixture(scope="session")
def graph(obo: Path) -> Graph:
    return load_graph(obo)


def test_a_term_has_its_parents_by_relation(graph: Graph) -> None:
    node = graph.nodes["GO:0000003"]
    assert (node.go_id, node.name, node.namespace) == (
        "GO:0000003",
        "target",
        "biological_process",
    )
    assert node.parents == {"is_a": ("GO:0000002",), "part_of": ("GO:0000001",)}
    assert graph.nodes["GO:0000009"].parents == {"is_a": ("GO:0000007", "GO:0000008")}
    assert graph.relations == {
        "is_a",
        "part_of",
        "regulates",
        "negatively_regulates",
        "positively_regulates",
    }


def test_obsolete_terms_keep_their_replacements(graph: Graph) -> None:
    several, consider = graph.nodes["GO:0000026"], graph.nodes["GO:0000022"]
    assert several.is_obsolete
    assert not graph.nodes["GO:0000003"].is_obsolete
    assert several.replaced_by == ("GO:0000001", "GO:0000002")
    assert (consider.replaced_by, consider.consider) == ((), ("GO:0000002", "GO:0000003"))


def test_alternative_ids_are_not_terms(graph: Graph) -> None:
    assert graph.alternatives == {
        "GO:0000033": ("GO:0000003",),
        "GO:0000034": ("GO:0000028",),
        "GO:0000035": ("GO:0000029",),
        "GO:0000036": ("GO:0000031", "GO:0000032"),
    }
    assert not graph.nodes.keys() & graph.alternatives.keys()


def test_definitions_without_quotes_escapes_and_references(graph: Graph) -> None:
    assert graph.nodes["GO:0000003"].definition == 'To be "able".'
    assert graph.nodes["GO:0000002"].definition == ""


def test_data_version_and_digest_of_the_text(graph: Graph, obo: Path) -> None:
    assert graph.data_version == "releases/2026-01-01"
    assert graph.sha256 == hashlib.sha256(obo.read_bytes()).hexdigest()


def test_compression_is_detected_by_content(obo: Path, tmp_path: Path, graph: Graph) -> None:
    content = obo.read_bytes()
    packed = tmp_path / "go.txt"
    packed.write_bytes(gzip.compress(content[:500]) + gzip.compress(content[500:]))
    assert load_graph(packed) == graph
    plain = tmp_path / "go.obo.gz"
    plain.write_bytes(content)
    assert load_graph(plain) == graph


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="BOM"),
        pytest.param(lambda text: text[text.index(b"[Term]") :], id="no header"),
        pytest.param(lambda text: text.rstrip(), id="no line end at the end"),
        pytest.param(
            lambda text: text + b"[Typedef]\nid: part_of\nname: part of\nxref: BFO:0000050\n",
            id="relations declared",
        ),
        pytest.param(
            lambda text: re.sub(
                rb"(namespace: .*)",
                rb'\1\nsynonym: "x" EXACT []\nxref: A:1\nsubset: s\ncomment: c\n'
                rb'property_value: a "b" xsd:string',
                text,
            ),
            id="all that nobody asks for",
        ),
    ],
)
def test_harmless_changes_of_the_file_leave_the_terms_unchanged(
    obo: Path, tmp_path: Path, graph: Graph, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "go.obo"
    path.write_bytes(change(obo.read_bytes()))
    changed = load_graph(path)
    assert changed.nodes == graph.nodes
    assert changed.alternatives == graph.alternatives


def test_an_id_of_a_term_and_an_alternative_id_is_the_term(make_obo: MakeObo) -> None:
    graph = load_graph(make_obo({1: ["alt_id: #2"], 2: [], 3: ["is_a: #2"]}))
    assert sorted(graph.nodes) == ["GO:0000001", "GO:0000002", "GO:0000003"]
    assert graph.nodes["GO:0000003"].parents == {"is_a": ("GO:0000002",)}
    assert graph.alternatives == {"GO:0000002": ("GO:0000001",)}


def test_a_chain_of_parents_deeper_than_the_python_stack(make_obo: MakeObo) -> None:
    chain = {n: [f"is_a: #{n - 1}"] if n > 1 else [] for n in range(1, 3001)}
    assert len(load_graph(make_obo(dict(reversed(chain.items())))).nodes) == 3000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", NOT_OBO + "an empty file", id="empty"),
        pytest.param(b" \n\n", NOT_OBO + "an empty file", id="blank"),
        pytest.param(gzip.compress(b""), NOT_OBO + "an empty file", id="nothing packed"),
        pytest.param(b"!gaf-version: 2.2\nUniProtKB\tA0\n", NOT_OBO + "'!gaf-version", id="GAF"),
        pytest.param(b"\n<!DOCTYPE html><html>[Term]", NOT_OBO + "a page", id="HTML"),
        pytest.param(b"\x7fELF\0\0\n[Term]\n", NOT_OBO + "a binary one", id="binary"),
        pytest.param(b"PK\x03\x04" + bytes(range(256)), NOT_OBO + "a binary one", id="zip"),
        pytest.param(b"format-version: 1.2\n\n[Typedef]\nid: a\n", NOT_OBO, id="no terms"),
        pytest.param(b"\x1f\x8b\x08\0junk", "whole gzip file, got a damaged", id="junk as gzip"),
        pytest.param(
            b"[Term]\nid: GO:1\nname: caf\xe9\n", "UTF-8, got the byte 0xe9", id="latin-1"
        ),
        pytest.param(
            b"[Term]\nid:GO:1\nname:a\n\n[Term]\nid:GO:2\nname:b\n",
            "an id in each .Term. stanza, as `id: GO:0008150` with a blank, got two without",
            id="no blanks",
        ),
        pytest.param(b"[Term]\nname: x\nnamespace: y\n", "an id, a name and a", id="no id"),
        pytest.param(b"[Term]\nid: GO:1\nnamespace: y\n", "an id, a name and a", id="no name"),
        pytest.param(b"[Term]\nid: GO:1 x\nname: y\n", "got 'GO:1 x'", id="id with a blank"),
        pytest.param(b"[Term]\nid: A\nname: a\n[Term]\nid: B\n", "blank line", id="run together"),
        pytest.param(
            b"[Term]\nid: A\nname: a\nrelationship: x\n", "goatools can read", id="half a line"
        ),
    ],
)
def test_a_file_that_is_not_an_ontology_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "go.obo"
    path.write_bytes(content)
    with pytest.raises(OntologyError, match=words) as caught:
        load_graph(path)
    assert str(caught.value).startswith(f"{path}: expected ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda packed: packed[:-9], id="truncated"),
        pytest.param(lambda packed: packed[:-1], id="truncated in its length"),
        pytest.param(lambda packed: packed + b"junk", id="junk behind"),
        pytest.param(lambda packed: packed[:-8] + bytes(8), id="bad checksum"),
    ],
)
def test_damaged_gzip_is_refused(
    obo: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "go.obo.gz"
    path.write_bytes(damage(gzip.compress(obo.read_bytes())))
    with pytest.raises(OntologyError, match="expected a whole gzip file, got a damaged one"):
        load_graph(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"No such file.*--ontology"):
        load_graph(tmp_path / "none.obo")
    with pytest.raises(InputError, match="expected a regular file, got a folder"):
        load_graph(tmp_path)


@pytest.mark.parametrize("edge", ["is_a: #9", "relationship: regulates #9", "is_a: #9 ! nine"])
def test_a_dangling_parent_is_named_with_its_child(make_obo: MakeObo, edge: str) -> None:
    with pytest.raises(OntologyError, match="got GO:0000009 as a parent of GO:0000002 "):
        load_graph(make_obo({1: [], 2: ["is_a: #1", edge], 3: ["is_a: #2"]}))


@pytest.mark.parametrize(
    ("terms", "cycle"),
    [
        ({1: ["is_a: #1"]}, "GO:0000001 -> GO:0000001"),
        (
            {1: [], 2: ["is_a: #1", "is_a: #4"], 3: ["is_a: #2"], 4: ["is_a: #3"], 5: ["is_a: #4"]},
            "GO:0000002 -> GO:0000004 -> GO:0000003 -> GO:0000002",
        ),
        (
            {1: [], 2: ["is_a: #1", "relationship: part_of #3"], 3: ["is_a: #2"]},
            "GO:0000002 -> GO:0000003 -> GO:0000002",
        ),
    ],
    ids=["itself", "is_a", "two relations"],
)
def test_a_cycle_is_named_in_the_error(
    make_obo: MakeObo, terms: Mapping[int, Sequence[str]], cycle: str
) -> None:
    with pytest.raises(OntologyError, match=f"got the cycle {cycle} \\(use go-basic.obo\\)"):
        load_graph(make_obo(terms))


def test_a_term_that_occurs_twice_is_refused(obo: Path, tmp_path: Path) -> None:
    path = tmp_path / "go.obo"
    path.write_bytes(obo.read_bytes() + b"\n[Term]\nid: GO:0000004\nname: again\n")
    with pytest.raises(OntologyError, match="expected each term once, got GO:0000004 twice"):
        load_graph(path)


def test_goatools_prints_nothing(obo: Path) -> None:
    code = "import sys; from pathlib import Path; from gafreduce.ontology.graph import load_graph; load_graph(Path(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, obo], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_plain_file_cut_anywhere_gives_terms_or_an_error(obo: Path, tmp_path: Path) -> None:
    content, path = obo.read_bytes(), tmp_path / "go.obo"
    n_terms = []
    step = 70 if host.IS_WINDOWS else 7  # files are slow there
    for end in range(0, len(content), step):
        path.write_bytes(content[:end])
        with contextlib.suppress(OntologyError):
            n_terms.append(len(load_graph(path).nodes))
    assert n_terms
    assert n_terms == sorted(n_terms)


def test_the_real_ontology_loads(real_graph: Graph) -> None:
    graph = real_graph
    assert len(graph.nodes) == 47_468
    assert sum(node.is_obsolete for node in graph.nodes.values()) == 3_910
    assert sum(len(claims) for claims in graph.alternatives.values()) == 3_450
    assert graph.nodes["GO:0030420"].name == "establishment of competence for transformation"
    assert graph.nodes["GO:0030420"].parents["part_of"] == ("GO:0009294",)
    assert graph.data_version == "releases/2022-07-01"
