"""Ontologies of hostile size and shape: linear time, or a message."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gafreduce.ontology import graph, obo_text, term_set
from gafreduce.ontology.build import build_term_file
from gafreduce.ontology.graph import load_graph
from gafreduce.ontology.obo_text import OntologyError
from gafreduce.ontology.repairs import find_repairs


def term(number: int, *tags: str) -> str:
    lines = ["[Term]", f"id: GO:{number:07}", f"name: t{number}", "namespace: biological_process"]
    return "\n".join([*lines, *tags]) + "\n\n"


def write(path: Path, *terms: str) -> Path:
    path.write_text("format-version: 1.2\n\n" + "".join(terms))
    return path


@pytest.mark.parametrize("n_levels", [101, 20_000])
def test_too_many_levels_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_levels: int
) -> None:
    terms = [term(n, *([f"is_a: GO:{n - 1:07}"] if n else [])) for n in range(n_levels)]
    if n_levels == 101:
        monkeypatch.setattr(graph, "_MOST_LEVELS", 100)
    with pytest.raises(OntologyError, match=r"expected at most [0-9,]+ levels of terms, got more"):
        load_graph(write(tmp_path / "deep.obo", *terms))


def test_a_hundred_levels_are_read_and_long_paths_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = [term(n, *([f"is_a: GO:{n - 1:07}"] if n else [])) for n in range(100)]
    built = build_term_file(write(tmp_path / "deep.obo", *terms), "GO:0000000", ["is_a"])
    assert len(built.terms.term_set) == 100
    monkeypatch.setattr(term_set, "_MOST_CHARACTERS", 10_000)
    with pytest.raises(OntologyError, match="paths to the target of at most 10,000 characters"):
        build_term_file(tmp_path / "deep.obo", "GO:0000000", ["is_a"])


def test_a_cycle_of_many_terms_is_named_briefly(tmp_path: Path) -> None:
    n_terms = 10_000
    terms = [term(n, f"is_a: GO:{(n + 1) % n_terms:07}") for n in range(n_terms)]
    with pytest.raises(OntologyError, match="its own ancestor, got the cycle") as caught:
        load_graph(write(tmp_path / "cycle.obo", *terms))
    assert len(str(caught.value)) < 500


def test_a_term_with_many_parents_is_read(tmp_path: Path) -> None:
    n_parents = 5_000
    tags = [f"is_a: GO:{n:07}" for n in range(1, n_parents)]
    terms = [term(0), *(term(n) for n in range(1, n_parents)), term(n_parents, *tags)]
    built = build_term_file(write(tmp_path / "wide.obo", *terms), "GO:0000001", ["is_a"])
    assert [each.go_id for each in built.terms.term_set] == ["GO:0000001", f"GO:{n_parents:07}"]


@pytest.mark.parametrize("shape", ["one term", "a chain"])
def test_many_replacements_take_linear_time(tmp_path: Path, shape: str) -> None:
    def measure(count: int) -> float:
        obsolete = "is_obsolete: true"
        if shape == "one term":
            terms = [term(0, obsolete, *(f"replaced_by: GO:{n:07}" for n in range(1, count)))]
        else:
            terms = [term(n, obsolete, f"replaced_by: GO:{n + 1:07}") for n in range(count)]
        path = write(tmp_path / "replaced.obo", *terms, term(count))
        start = time.process_time()
        repairs = find_repairs(load_graph(path))
        taken = time.process_time() - start
        assert len(repairs) == (0 if shape == "one term" else count)
        return taken

    n_few, n_many = (5_000, 50_000) if shape == "one term" else (2_000, 20_000)
    bound = 4 * n_many / n_few * max(measure(n_few), 0.05)
    assert any(measure(n_many) < bound for _ in range(3))  # a busy machine disturbs one of them


def test_an_ontology_beyond_the_bound_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gzip

    monkeypatch.setattr(obo_text, "_MOST_BYTES", 1000)
    path = tmp_path / "big.obo.gz"
    path.write_bytes(gzip.compress(b"\n" * 100_000))
    with pytest.raises(OntologyError, match="at most 1,000 bytes, got more"):
        load_graph(path)
