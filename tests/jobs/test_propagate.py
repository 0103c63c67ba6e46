from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from jobs import propagate
from jobs.propagate import Hierarchy, Propagation, merge
from ontology.termfile import TermFile

N_TERMS = 8


def term_file(parents: list[list[int]]) -> TermFile:
    """Terms 0.. of aspect P, each with parents of lower number."""
    n_terms = len(parents)
    return TermFile(
        data_version="",
        ontology_sha256="",
        relations=("is_a",),
        target="GO:0000000",
        definition="",
        go_ids=tuple(f"GO:{number:07d}" for number in range(n_terms)),
        aspects="P" * n_terms,
        parents=tuple(",".join(map(str, found)) for found in parents),
        obsolete=frozenset(),
        repairs={},
        negating=frozenset({0}),
        closure=(),
        names=("",) * n_terms,
    )


graphs = st.tuples(
    *(
        st.lists(st.integers(0, n - 1), unique=True, max_size=3) if n else st.just([])
        for n in range(8)
    )
).map(list)
tokens = st.one_of(
    st.tuples(st.integers(0, N_TERMS - 1), st.sampled_from("xe")).map(lambda t: f"{t[0]}{t[1]}"),
    st.sampled_from(["GO:9999999Px", "GO:9999999Fe", "n", "a", "P"]),
)
products = st.lists(st.lists(tokens, min_size=1, max_size=6), max_size=30)


def ancestors(term: int, parents: list[list[int]]) -> set[int]:
    return {term}.union(*(ancestors(parent, parents) for parent in parents[term]))


@given(graphs, products, st.integers(1, 8))
def test_counts_are_those_of_plain_sets(
    parents: list[list[int]], said: list[list[str]], chunk: int
) -> None:
    annotations: Counter[object] = Counter()
    direct: Counter[object] = Counter()
    propagated: Counter[object] = Counter()
    non_electronic: Counter[object] = Counter()
    for lines in said:
        terms = {line[:-1] for line in lines if len(line) > 1}
        known = {int(term) for term in terms if not term.startswith("GO:")}
        unknown = {term[:-1].encode() for term in terms if term.startswith("GO:")}
        annotations.update(
            line[:-2].encode() if line.startswith("GO:") else int(line[:-1])
            for line in lines
            if len(line) > 1
        )
        direct.update(known | unknown)
        propagated.update(set().union(unknown, *(ancestors(term, parents) for term in known)))
        non_electronic.update(
            {
                line[:-2].encode() if line.startswith("GO:") else int(line[:-1])
                for line in lines
                if line.endswith("x")
            }
        )
    before, propagate.CHUNK = propagate.CHUNK, chunk
    try:
        counting = Propagation(Hierarchy(term_file(parents)), "P")
        encoded = [merge([line.encode() for line in lines]) for lines in said]
        counting.add(encoded[: len(encoded) // 2])
        counting.add(encoded[len(encoded) // 2 :])
        found = {term: numbers for term, *numbers in counting.counts()}
    finally:
        propagate.CHUNK = before
    assert found == {
        term: [annotations[term], direct[term], count, non_electronic[term]]
        for term, count in propagated.items()
    }
    assert counting.aspect.n_no_data == sum("P" in lines for lines in said)


def test_a_term_reached_by_two_paths_counts_once() -> None:
    #    0
    #   1 2
    #    3
    counting = Propagation(Hierarchy(term_file([[], [0], [0], [1, 2]])), "P")
    counting.add([b"3e"])
    assert (0, 0, 0, 1, 0) in list(counting.counts())


def test_counting_bits_without_the_method_of_newer_pythons() -> None:
    for number in (0, 1, 0b1011, (1 << 5000) - 1):
        assert propagate._count_bits(number) == propagate.count_bits(number)
