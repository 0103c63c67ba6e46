from __future__ import annotations

from collections import Counter
from itertools import chain
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.model import landmarks
from gafreduce.jobs.native import loader
from gafreduce.jobs.reducer import propagation
from gafreduce.jobs.reducer.propagation import AddedRecords, AspectCounts, OutsideCounts
from gafreduce.ontology.termfile import TermFile

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
        term_set=(),
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
    st.sampled_from(
        ["GO:9999999Px", "GO:9999999Fe", "n", "a", "+P", "+Fab", "-P", "-Cb", "P", "C"]
    ),
)
#: Tokens of runs that filters exclude.
excluded = st.sampled_from(["~P!a", "~Pa", "~F", "~?", "~C!b"])
products = st.lists(
    st.lists(  # lines of runs
        st.one_of(
            st.lists(tokens, min_size=1, max_size=4), st.lists(excluded, min_size=1, max_size=4)
        ),
        max_size=3,
    ),
    max_size=30,
)
TAXON = "000000000562"
UNKNOWN = "GO:9999999"


def go_id(token: str) -> str:
    """Return the term of a token that has one."""
    return token[:-2] if token.startswith("GO:") else f"GO:{int(token[:-1]):07d}"


def aspect_of(token: str) -> str:
    """Return the aspect that a token supports; empty when it is none."""
    if token.startswith("+"):
        return token[1]
    if is_outside(token):
        return ""
    if token.startswith("GO:"):
        return token[-2]
    return "P" if len(token) > 1 else ""


def is_outside(token: str) -> bool:
    return token.startswith(("+", "-", "~"))


def all_aspect_of(token: str) -> str:
    """Return the aspect of a token, also without the options of the run."""
    return token[1] if is_outside(token) else aspect_of(token)


def landmarks_of(token: str, parents: list[list[int]]) -> set[str]:
    """Return the landmarks of a token: letter a is term 3, b is in no ontology."""
    if is_outside(token):
        return set(token[2:]) & set("ab")
    if len(token) == 1 or token.startswith("GO:"):
        return set()
    return {"a"} if 3 in ancestors(int(token[:-1]), parents) else set()


def ancestors(term: int, parents: list[list[int]]) -> set[int]:
    return {term}.union(*(ancestors(parent, parents) for parent in parents[term]))


Counted = tuple[set[bytes], AspectCounts, list[AddedRecords], OutsideCounts]


def counted(terms: TermFile, said: list[list[list[str]]], watched: frozenset[bytes]) -> Counted:
    """Count gene products that come in runs, in two chunks; the counts of another go before."""
    records = [
        [*(run_record(number, run) for run in runs), *rows_of(number)]
        for number, runs in enumerate(said)
        if runs
    ]
    counting = propagation.new_propagation(terms, watched)
    counting.add(run_record(0, ["0x", "GO:8888888Px", "P", "a", "+Pa"]))
    counting.clear()
    middle = len(records) // 2
    added = [
        AddedRecords(*counting.add(b"".join(chain.from_iterable(half))))
        for half in (records[:middle], records[middle:])
    ]
    profile = counting.profile(b"000000000562", None)
    assert len(profile) == len(set(profile))
    outside = OutsideCounts(*counting.outside())
    return set(profile), AspectCounts(*counting.aspects()), added, outside


def rows_of(number: int) -> list[bytes]:
    """Return a record of a row that every third gene product has."""
    return [] if number % 3 else [b"000000000562.03\tDB:%03d\tA\tGO:1\tx\t1x\n" % number]


def run_record(number: int, lines: list[str]) -> bytes:
    tokens = " ".join(sorted(lines))
    file = "~0" if lines[0].startswith("~") else "=0"
    return f"000000000562.03\tDB:{number:03d}\t{file}\t{len(lines)}\t{tokens}\n".encode()


@given(graphs, products, st.integers(1, 8))
def test_counts_equal_those_of_plain_sets(
    parents: list[list[int]], said: list[list[list[str]]], chunk: int
) -> None:
    terms = term_file(parents)
    annotations: Counter[str] = Counter()
    direct: Counter[str] = Counter()
    propagated: Counter[str] = Counter()
    stated: Counter[str] = Counter()
    products = [[line for run in runs for line in run] for runs in said if runs]
    for lines in products:
        supporting = [
            (go_id(line), line) for line in lines if len(line) > 1 and not is_outside(line)
        ]
        found = {term for term, _ in supporting}
        annotations.update(term for term, _ in supporting)
        direct.update(found)
        stated.update({term for term, line in supporting if line.endswith("x")})
        known = {int(term[3:]) for term in found if term != UNKNOWN}
        above = set().union(*(ancestors(term, parents) for term in known))
        propagated.update({f"GO:{term:07d}" for term in above} | (found & {UNKNOWN}))
    numbers = {
        "\t".join(map(str, (f"P{term}", TAXON, annotations[term], direct[term], n, stated[term])))
        for term, n in propagated.items()
    }
    supported = {
        letter: sum(any(aspect_of(line) == letter for line in lines) for lines in products)
        for letter in "PFC?"
    }
    watched = frozenset({b"3x", b"C"})
    for module in (None, loader.module):
        with (
            patch.object(loader, "module", module),
            patch.object(propagation, "BATCH_PRODUCTS", chunk),
            patch.object(landmarks, "COUNTED", ("GO:0000003", "GO:7777777")),
            patch.object(landmarks, "LETTERS", "ab"),
        ):
            profile, aspects, added, outside = counted(terms, said, watched)
        assert {record.decode() for record in profile} == numbers
        assert aspects == AspectCounts(
            supported,
            sum("P" in lines for lines in products),
            sum(
                any(line in ("a", "-P") or aspect_of(line) == "P" for line in lines)
                for lines in products
            ),
            {
                (line[:-2].encode(), line[-2])
                for lines in products
                for line in lines
                if line.startswith("GO:")
            },
        )
        kept = [[line for line in lines if not line.startswith("~")] for lines in products]
        assert sum(each.n_gene_products for each in added) == len(list(filter(None, kept)))
        assert sum(each.n_annotations for each in added) == sum(map(len, kept))
        n_excluded = sum(map(len, products)) - sum(map(len, kept))
        assert outside == OutsideCounts(
            len(products),
            {
                letter: sum(any(all_aspect_of(line) == letter for line in ls) for ls in products)
                for letter in "PFC?"
            },
            [
                sum(any(letter in landmarks_of(line, parents) for line in ls) for ls in products)
                for letter in "ab"
            ],
            sum(any(line.startswith("~") and "!" in line for line in ls) for ls in products),
            {0: n_excluded} if n_excluded else {},
        )
        assert [row for each in added for row in each.rows] == [
            row for number, runs in enumerate(said) if runs for row in rows_of(number)
        ]
        returned = [record for each in added for records in each.watched for record in records]
        of_runs = [record for record in returned if b"\tA\t" not in record]
        assert of_runs == [
            run_record(number, run)
            for number, runs in enumerate(said)
            if any(token in run for run in runs for token in ("3x", "C"))
            for run in runs
        ]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 3), st.integers(1, 3))),
    st.integers(0, 20),
)
def test_lines_are_counted_by_file(runs: list[tuple[int, int | None, int]], middle: int) -> None:
    texts = [
        f"000000000562.03\tDB:{product}\t={file}{'' if n_lines is None else f'/{n_lines}'}"
        f"\t{n_annotations}\t{' '.join(['1x'] * n_annotations)}\n".encode()
        for product, (file, n_lines, n_annotations) in enumerate(runs)
    ]
    expected: Counter[int] = Counter()
    for file, n_lines, n_annotations in runs:
        expected[file] += n_annotations if n_lines is None else n_lines
    for module in (None, loader.module):
        with patch.object(loader, "module", module):
            counting = propagation.new_propagation(term_file([[], [0]]), frozenset())
        counting.add(b"".join(texts[:middle]))
        counting.clear()
        assert not counting.files()
        counting.add(b"".join(texts[:middle]))
        counting.add(b"".join(texts[middle:]))
        assert counting.files() == {file: n for file, n in expected.items() if n}


def test_term_reached_by_two_paths_counts_once() -> None:
    #    0
    #   1 2
    #    3
    terms = term_file([[], [0], [0], [1, 2]])
    for module in (None, loader.module):
        with patch.object(loader, "module", module):
            profile, *_ = counted(terms, [[["3e"]]], frozenset())
        assert b"PGO:0000000\t000000000562\t0\t0\t1\t0" in profile


def test_only_shown_terms_have_records() -> None:
    terms = term_file([[], [0], [0], [1, 2]])
    for module in (None, loader.module):
        with patch.object(loader, "module", module):
            counting = propagation.new_propagation(terms, frozenset())
            counting.add(run_record(1, ["3e"]))
            shown = counting.profile(TAXON.encode(), {b"GO:0000002", b"GO:7777777"})
        assert shown == [b"PGO:0000002\t000000000562\t0\t0\t1\t0"]


def test_bits_are_counted_without_bit_count() -> None:
    for number in (0, 1, 0b1011, (1 << 5000) - 1):
        assert propagation._count_bits(number) == propagation.count_bits(number)


def test_products_that_wait_are_counted_in_batches() -> None:
    terms = term_file([[], [0], [0], [1, 2]])
    with patch.object(loader, "module", None), patch.object(propagation, "BATCH_PRODUCTS", 4):
        counting = propagation.new_propagation(terms, frozenset())
        for number in range(10):
            counting.add(run_record(number, ["3e"]))
            assert isinstance(counting, propagation._PythonPropagation)
            assert counting._products.total() < 4
        profile = counting.profile(TAXON.encode(), None)
    assert b"PGO:0000003\t000000000562\t10\t10\t10\t0" in profile
