"""Sensitivity analysis by hand, and minimal hitting sets against brute force."""

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gafreduce.reports.statistics import sensitivity
from gafreduce.reports.statistics.hitting_sets import find_hitting_sets
from gafreduce.reports.statistics.sensitivity import compute_sensitivity

TARGET, CORE, NEGATIVE, REGULATOR = "GO:0000003", "GO:0000004", "GO:0000006", "GO:0000007"


def run(make, terms, lines, **options):
    tables = make.tables(lines, terms, **options)
    return compute_sensitivity(tables["annotations"], tables["gene_products"], tables["organisms"])


def by_source(table, taxon=1):
    return {
        (row.kind, row.source or ""): row for row in table.itertuples() if row.taxon_id == taxon
    }


def test_sensitivity_to_each_source_by_hand(make, small_terms):
    lines = [
        make.line("X:a", TARGET, with_from="SP_KW:KW-1", reference="GO_REF:0000037"),
        make.line("X:a", TARGET, with_from="InterPro:1", assigned_by="InterPro"),
        make.line("X:b", CORE, with_from="UniProtKB-KW:KW-1", reference="GO_REF:0000043"),
        make.line("X:c", TARGET, evidence_code="IDA", reference="PMID:1"),
        make.line("X:d", NEGATIVE, with_from="UniRule:1", reference="GO_REF:0000104"),
    ]
    rows = by_source(run(make, small_terms, lines)[0])
    left = {
        key: (row.n_target_annotations, row.n_target_gene_products) for key, row in rows.items()
    }
    assert left == {
        ("none", ""): (4, 3),
        ("electronic", ""): (1, 1),
        ("core_terms", ""): (3, 2),
        ("negative_regulators", ""): (4, 3),
        ("source", "InterPro"): (3, 3),
        ("source", "PMID:1 (UniProt)"): (3, 2),
        ("source", "UniProt keywords"): (2, 2),  # of two GO_REFs
        ("source", "UniRule"): (4, 3),
        ("retired", "UniProt keywords"): (2, 2),
        ("with_entry", "UniProtKB-KW:KW-1"): (2, 2),  # SP_KW is UniProtKB-KW
        ("with_entry", "InterPro:1"): (3, 3),
        ("with_entry", "UniRule:1"): (4, 3),
    }
    assert rows["source", "UniRule"].n_regulator_gene_products == 0
    keywords = rows["source", "UniProt keywords"]
    assert (keywords.n_gene_products_lost, keywords.n_annotations_lost) == (1, 2)
    assert list(keywords.left_by) == ["InterPro", "PMID:1 (UniProt)"]
    changed = {key: row.verdict for key, row in rows.items() if row.changes_verdict}
    assert changed == {("source", "PMID:1 (UniProt)"): "electronic_only"}
    assert rows["none", ""].verdict == "experimental"


def test_an_electronic_line_is_excluded_only_without_every_alternative(make, small_terms):
    combined = {"reference": "GO_REF:0000120"}
    lines = [
        make.line("X:a", TARGET, with_from="InterPro:1|UniRule:1", **combined),
        make.line("X:b", TARGET, with_from="InterPro:1,UniRule:1", **combined),
        make.line("X:c", TARGET, with_from="InterPro:1|InterPro:2", **combined),
    ]
    rows = by_source(run(make, small_terms, lines)[0])
    assert rows["with_entry", "InterPro:1"].n_target_gene_products == 2
    assert rows["source", "InterPro"].n_target_gene_products == 1
    assert rows["source", "UniRule"].n_target_gene_products == 2


def test_with_from_of_other_lines_has_no_alternatives(make, small_terms):
    lines = [
        make.line("X:a", TARGET, evidence_code="ISS", with_from="A:1|B:1", reference="GO_REF:24"),
        make.line(
            "X:a", TARGET, evidence_code="IBA", with_from="PANTHER:1|A:1", reference="PMID:2"
        ),
    ]
    table, sets, _ = run(make, small_terms, lines)
    rows = by_source(table)
    assert {key for key in rows if key[0] != "electronic"} == {
        *(("none", ""), ("source", "GO_REF:24 (UniProt)"), ("source", "PAN-GO")),
    }
    (row,) = sets.itertuples()
    assert list(row.entries) == ["GO_REF:24 (UniProt)", "PAN-GO"]


def test_what_remains_counts_negative_regulators_by_all_lines(make, small_terms):
    lines = [
        make.line("X:mecA", TARGET, reference="GO_REF:0000043"),
        make.line("X:mecA", NEGATIVE, reference="GO_REF:0000104"),
        make.line("X:b", TARGET, reference="GO_REF:0000002"),
    ]
    rows = by_source(run(make, small_terms, lines)[0])
    both = {source: rows[source].n_also_negative_regulators for source in rows}
    assert both["none", ""] == both["source", "InterPro"] == both["source", "UniRule"] == 1
    assert both["source", "UniProt keywords"] == both["negative_regulators", ""] == 0
    without = rows["source", "InterPro"]
    assert (without.verdict, without.changes_verdict) == ("electronic_only", False)
    assert without.verdict_without_negative_regulators == "not_annotated"
    assert rows["source", "UniRule"].verdict_without_negative_regulators == "electronic_only"


@pytest.mark.parametrize(
    ("name", "is_retired"), [("Bacillus sp.", True), ("Escherichia phage T4", False)]
)
def test_keywords_are_retired_except_for_viruses(make, small_terms, name, is_retired):
    tables = make.tables([make.line("X:a", TARGET, reference="GO_REF:0000043")], small_terms)
    organisms = tables["organisms"].assign(organism=name)
    table, _, _ = compute_sensitivity(tables["annotations"], tables["gene_products"], organisms)
    assert (("retired", "UniProt keywords") in by_source(table)) == is_retired


def test_sources_that_decide_are_listed_before_those_with_many_lines(
    make, small_terms, monkeypatch
):
    monkeypatch.setattr(sensitivity, "MAX_SOURCES", 1)
    lines = [make.line(f"X:{n}", TARGET) for n in range(3)]
    lines += [make.line("X:1", TARGET, evidence_code="IDA", reference="PMID:1")]
    rows = by_source(run(make, small_terms, lines)[0])
    assert [source for kind, source in rows if kind == "source"] == ["PMID:1 (UniProt)"]


def test_negated_lines_are_never_excluded(make, small_terms):
    lines = [
        make.line("X:a", TARGET, with_from="A:1"),
        make.line("X:a", TARGET, with_from="A:1", negated=True, evidence_code="IDA"),
    ]
    rows = by_source(run(make, small_terms, lines)[0])
    assert rows["none", ""].verdict == "conflicting"
    assert rows["with_entry", "A:1"].verdict == "negated"
    assert rows["with_entry", "A:1"].changes_verdict


def test_negative_regulators_are_left_out_with_all_their_lines(make, small_terms):
    lines = [
        make.line("X:mecA", TARGET, with_from="KW:1"),
        make.line("X:mecA", NEGATIVE, with_from="UniRule:1"),
        make.line("X:b", TARGET, with_from="InterPro:1"),
    ]
    row = by_source(run(make, small_terms, lines)[0])["negative_regulators", ""]
    assert (row.n_target_gene_products, row.n_regulator_gene_products) == (1, 0)
    assert list(row.left_by) == ["InterPro"]


def test_verdict_of_the_remaining_lines(make, small_terms):
    lines = [
        make.line("X:a", TARGET, evidence_code="IDA", with_from="A:1"),
        make.line("X:a", TARGET, with_from="B:1"),
        make.line("X:b", REGULATOR, with_from="C:1"),
        make.line("X:c", "GO:0008150", 2, evidence_code="ND"),
        make.line("X:c", "GO:0000009", 3),
    ]
    table, sets, _ = run(make, small_terms, lines)
    rows = by_source(table)
    assert rows["source", "GO_REF:0000002 (UniProt)"].verdict == "electronic_only"
    assert rows["with_entry", "B:1"].verdict == "experimental"
    assert by_source(table, 2)["none", ""].verdict == "no_data"
    assert by_source(table, 3)["none", ""].verdict == "not_annotated"
    reasons = {row.taxon_id: row.reason for row in sets.itertuples()}
    assert reasons == {1: None, 2: "nothing_to_remove", 3: "nothing_to_remove"}


def test_a_publication_with_several_ids_is_one_source(make, small_terms):
    lines = [make.line("X:a", TARGET, evidence_code="IDA", reference="DOI:1|PMID:1")]
    _, sets, _ = run(make, small_terms, lines)
    (row,) = sets.itertuples()
    assert list(row.entries) == ["PMID:1 (UniProt)"]
    assert row.verdict_without == "not_annotated"


def test_minimal_sets_by_hand(make, small_terms):
    lines = [
        make.line("X:a", TARGET, with_from="A:1"),
        make.line("X:b", TARGET, with_from="B:1,C:1"),
    ]
    _, sets, _ = run(make, small_terms, lines)
    found = [
        (row.number, row.n_sets, row.n_entries, list(row.entries)) for row in sets.itertuples()
    ]
    assert found == [(1, 2, 2, ["A:1", "B:1"]), (2, 2, 2, ["A:1", "C:1"])]


#: Sources of lines that are not electronic; entries of electronic ones.
SOURCES = {"IBA": "PAN-GO", "IDA": "GO_REF:0000002 (UniProt)", "ISS": "GO_REF:0000002 (UniProt)"}
ENTRIES = ["A:1", "B:1", "C:1"]
entry = st.sampled_from(ENTRIES)
together = st.frozensets(entry, min_size=1, max_size=3).map(lambda e: ",".join(sorted(e)))
with_from = st.lists(together, min_size=1, max_size=3).map("|".join)
one_line = st.tuples(
    st.sampled_from(["X:a", "X:b", "X:c"]),
    st.sampled_from([TARGET, TARGET, CORE, NEGATIVE]),
    st.sampled_from(["IEA", "IEA", "IDA", "IBA", "ISS"]),
    with_from,
    st.sampled_from(["", "", "acts_upstream_of"]),
    st.sampled_from([False, False, False, True]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(one_line, min_size=1, max_size=5))
def test_minimal_sets_agree_with_brute_force(make, small_terms, drawn):
    lines = [
        make.line(
            object_id, go_id, evidence_code=code, with_from=text, relation=rel, negated=negated
        )
        for object_id, go_id, code, text, rel, negated in drawn
    ]
    tables = make.tables(lines, small_terms)
    _, sets, _ = compute_sensitivity(
        tables["annotations"], tables["gene_products"], tables["organisms"]
    )
    before = tables["organisms"]["verdict"][0]

    def verdict_without(removed):
        def falls(line):
            alternatives = [{SOURCES.get(line.evidence_code)}]
            if line.evidence_code == "IEA":
                alternatives = [set(part.split(",")) for part in line.with_from.split("|")]
            return not line.negated and all(part & removed for part in alternatives)

        left = [line for line in lines if not falls(line)]
        left.append(make.line("X:z", "GO:0000009"))  # the organism is still there
        return make.tables(left, small_terms)["organisms"]["verdict"][0]

    written = " ".join(line.with_from for line in lines)
    everything = [each for each in ENTRIES if each in written]
    everything += {SOURCES[code] for _, _, code, *_ in drawn if code in SOURCES}
    subsets = chain.from_iterable(combinations(everything, n) for n in range(len(everything) + 1))
    changing = [set(subset) for subset in subsets if verdict_without(set(subset)) != before]
    smallest = [s for s in changing if len(s) == min(map(len, changing))]
    found = [set(row.entries) for row in sets.itertuples() if row.reason is None]
    assert sorted(map(sorted, found)) == sorted(map(sorted, smallest))
    for row in sets.itertuples():
        if row.reason is None:
            assert row.verdict_without == verdict_without(set(row.entries))


@given(st.sets(st.frozensets(st.integers(0, 5).map(str), min_size=1), max_size=6))
def test_hitting_sets_agree_with_brute_force(families):
    subsets = chain.from_iterable(combinations("012345", n) for n in range(7))
    hitting = [set(s) for s in subsets if all(family & set(s) for family in families)]
    smallest = [s for s in hitting if len(s) == min(map(len, hitting))]
    assert sorted(map(sorted, find_hitting_sets(families))) == sorted(map(sorted, smallest))


def test_notes_name_organisms_beyond_the_limits(make, small_terms, monkeypatch):
    monkeypatch.setattr(sensitivity, "MAX_LINES", 2)
    lines = [make.line("X:a", TARGET, with_from=f"A:{n}") for n in range(3)]
    lines += [make.line("X:a", TARGET, 2, with_from="A:1")]
    table, _, notes = run(make, small_terms, lines)
    assert set(table["taxon_id"]) == {2}
    assert ("robustness", "1", "reason", "more_than_2_lines") in notes
    assert find_hitting_sets({frozenset({str(n)}) for n in range(201)}) is None


def test_incomplete_organisms_have_rows_and_uncompared_ones_none(make, small_terms):
    lines = [make.line("X:a", TARGET, taxon, with_from="A:1") for taxon in (1, 2)]
    table, sets, _ = run(make, small_terms, lines, compared=[1], incomplete=(1,))
    assert set(table["taxon_id"]) == {1}
    assert set(sets["taxon_id"]) == {1}


@pytest.mark.parametrize("lines", [[]])
def test_no_compared_organism_gives_no_rows(make, small_terms, lines):
    table, sets, _ = run(make, small_terms, lines)
    assert (len(table), len(sets)) == (0, 0)
