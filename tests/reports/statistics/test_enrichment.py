"""Enrichment: values by hand, scipy and goatools, circular terms, and the family of tests."""

import pytest
import scipy.stats
from statsmodels.stats.multitest import multipletests

from gafreduce.reports.statistics import enrichment
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.enrichment import ALPHA, compute_enrichment
from gafreduce.reports.tables import frames

ROOT, PARENT, TARGET, CORE = "GO:0008150", "GO:0000002", "GO:0000003", "GO:0000004"
REGULATION, NEGATIVE = "GO:0000005", "GO:0000006"
ELSEWHERE, BELOW = "GO:0000009", "GO:0000010"
ROOT_F, FUNCTION = "GO:0003674", "GO:0000021"


def enrich(tables, terms, context="context"):
    made = compute_enrichment(
        tables.get(context), tables["profile"], tables["organisms"], terms, Ancestors(terms)
    )
    return made[0], made[1]


def rows_of(table, variant="all", aspect="P", taxon=1):
    kept = table[(table["variant"] == variant) & (table["aspect"] == aspect)]
    return {row.go_id: row for row in kept[kept["taxon_id"] == taxon].itertuples()}


def organism(make, taxon=1):
    """Return 4 products of the target, 3 of them below ELSEWHERE, among 40 of the aspect."""
    lines = [make.line(f"X:t{n}", TARGET, taxon, with_from="IPR:1") for n in range(4)]
    lines += [make.line(f"X:t{n}", BELOW, taxon, with_from="IPR:2") for n in range(3)]
    lines += [make.line("X:t0", FUNCTION, taxon, with_from="IPR:1")]
    lines += [make.line("X:t3", NEGATIVE, taxon, with_from="RULE:1")]
    lines += [make.line(f"X:o{n}", ELSEWHERE, taxon) for n in range(34)]
    lines += [make.line(f"X:o{n}", BELOW, taxon) for n in range(2)]
    lines += [make.line(f"X:p{n}", PARENT, taxon) for n in range(2)]
    lines += [make.line(f"X:f{n}", FUNCTION, taxon) for n in range(9)]
    # None of these supports a term.
    lines += [make.line("X:n1", BELOW, taxon, negated=True)]
    lines += [make.line("X:n2", BELOW, taxon, relation="colocalizes_with")]
    lines += [make.line("X:n3", ROOT, taxon, evidence_code="ND")]
    return lines


def test_enrichment_by_hand(make, small_terms):
    table, families = enrich(make.tables(organism(make), small_terms), small_terms)
    rows = rows_of(table)
    below = rows[BELOW]
    assert (below.n_study_with_term, below.n_study) == (3, 4)
    assert (below.n_population_with_term, below.n_population) == (5, 40)
    assert below.n_expected == 4 * 5 / 40
    assert below.fold == 3 / 0.5
    assert below.p_value == pytest.approx(scipy.stats.hypergeom.sf(2, 40, 5, 4))
    fisher = scipy.stats.fisher_exact([[3, 1], [2, 34]], alternative="greater")
    assert below.p_value == pytest.approx(fisher.pvalue)
    assert below.odds_ratio_low < below.odds_ratio < below.odds_ratio_high
    assert below.circular is None
    assert list(below.object_ids) == ["X:t0", "X:t1", "X:t2"]
    above = rows[ELSEWHERE]
    assert (above.n_study_with_term, above.n_population_with_term) == (3, 37)
    family = next(
        f for f in families.itertuples() if (f.taxon_id, f.variant, f.aspect) == (1, "all", "P")
    )
    assert (family.n_study, family.n_population, family.alpha) == (4, 40, ALPHA)


def test_the_family_does_not_depend_on_k(make, small_terms):
    table, families = enrich(make.tables(organism(make), small_terms), small_terms)
    rows, n_population, n_study = rows_of(table), 40, 4
    population = {
        ROOT: 40,
        PARENT: 6,
        TARGET: 4,
        REGULATION: 1,
        NEGATIVE: 1,
        ELSEWHERE: 37,
        BELOW: 5,
    }
    family = {
        go_id
        for go_id, n_with in population.items()
        if n_with >= 2
        and scipy.stats.hypergeom.sf(min(n_study, n_with) - 1, n_population, n_with, n_study)
        < ALPHA
    }
    assert {go_id for go_id, row in rows.items() if row.in_family} == family
    assert next(iter(families.itertuples())).taxon_id == 1
    (size,) = families[(families["variant"] == "all") & (families["aspect"] == "P")]["n_family"]
    assert size == len(family)
    # Circular terms stay in the family with p = 1.
    p_values = [1.0 if rows[go_id].circular else rows[go_id].p_value for go_id in sorted(family)]
    expected = dict(zip(sorted(family), multipletests(p_values, method="fdr_bh")[1], strict=True))
    assert rows[BELOW].q_value == pytest.approx(expected[BELOW])
    assert not rows[ELSEWHERE].in_family
    assert all(frames.list_values(table, "q_value")[i] != 0 for i in range(len(table)))


def test_only_a_q_value_below_alpha_counts(make, small_terms, monkeypatch):
    for q_value, is_below in ((ALPHA, False), (ALPHA / 2, True)):
        adjusted = lambda p_values, n, q=q_value: [q] * len(p_values)  # noqa: E731
        monkeypatch.setattr(enrichment.exact_tests, "adjust_p_values", adjusted)
        table, families = enrich(make.tables(organism(make), small_terms), small_terms)
        n_tested = table["q_value"].notna().sum()
        assert n_tested > 0
        assert families["n_below_alpha"].sum() == (n_tested if is_below else 0)


def test_a_term_of_one_gene_product_is_outside_the_family(make, small_terms):
    lines = [make.line("X:t", TARGET), make.line("X:t", BELOW, with_from="IPR:2")]
    lines += [make.line(f"X:o{n}", ELSEWHERE) for n in range(39)]
    table, families = enrich(make.tables(lines, small_terms), small_terms)
    row = rows_of(table)[BELOW]
    assert (row.n_population_with_term, row.p_value) == (1, pytest.approx(1 / 40))
    assert not row.in_family
    (n_terms,) = families[(families["variant"] == "all") & (families["aspect"] == "P")]["n_terms"]
    assert n_terms == 2  # the root and ELSEWHERE


def test_circular_terms_have_a_reason_and_no_q(make, small_terms):
    table, _ = enrich(make.tables(organism(make), small_terms), small_terms)
    reasons = {go_id: row.circular for go_id, row in rows_of(table).items()}
    assert reasons == {
        ROOT: "ancestor",
        PARENT: "ancestor",
        TARGET: "closure",
        NEGATIVE: "closure",
        REGULATION: "regulator_ancestor",
        ELSEWHERE: None,
        BELOW: None,
    }
    # FUNCTION came to t0 by the entry that gave it the target.
    functions = rows_of(table, aspect="F")
    assert functions[FUNCTION].circular == "same_entry"
    assert functions[FUNCTION].n_same_entry == 1
    assert functions[ROOT_F].circular == "same_entry"
    circular = table[table["circular"].notna()]
    assert circular["q_value"].isna().all()


def test_a_second_source_makes_a_term_independent(make, small_terms):
    lines = [*organism(make), make.line("X:t0", FUNCTION, with_from="IPR:9")]
    table, _ = enrich(make.tables(lines, small_terms), small_terms)
    assert rows_of(table, aspect="F")[FUNCTION].circular is None


def test_a_term_inferred_from_the_target_is_circular(make, small_terms):
    lines = [*organism(make), make.line("X:t1", "GO:0000022", with_from=TARGET)]
    table, _ = enrich(make.tables(lines, small_terms), small_terms)
    assert rows_of(table, aspect="F")["GO:0000022"].circular == "same_entry"


def test_without_negative_regulators_study_and_background_shrink(make, small_terms):
    table, _ = enrich(make.tables(organism(make), small_terms), small_terms)
    row = rows_of(table, "without_negative_regulators")[BELOW]
    assert (row.n_study_with_term, row.n_study) == (3, 3)
    assert (row.n_population_with_term, row.n_population) == (5, 39)
    assert REGULATION not in rows_of(table, "without_negative_regulators")


def test_families_without_tests_have_a_reason(make, small_terms):
    lines = organism(make) + organism(make, 2) + [make.line("X:o", BELOW, 3)]
    lines += [make.line("X:t", TARGET, 4)]
    tables = make.tables(lines, small_terms, incomplete=(2,))
    table, families = enrich(tables, small_terms)
    assert set(table["taxon_id"]) == {1}
    reasons = {(f.taxon_id, f.aspect): f.reason for f in families.itertuples()}
    assert reasons[2, "P"] == "incomplete"
    assert reasons[3, "P"] == "no_study"
    assert reasons[4, "P"] == "study_is_population"
    assert reasons[1, "C"] == "no_single_root"
    _, families = enrich(tables, small_terms, context="absent")
    assert set(families["reason"]) == {"incomplete", "no_context"}


def test_a_context_that_lacks_a_product_is_not_used(make, small_terms):
    tables = make.tables(organism(make), small_terms)
    lacking = tables["context"][tables["context"]["object_id"] != "X:t2"].reset_index(drop=True)
    table, families = enrich(tables | {"context": lacking}, small_terms)
    assert len(table) == 0
    assert set(families["reason"]) == {"context_lacks_products"}


def test_a_broad_target_is_not_tested(make, small_terms, monkeypatch):
    monkeypatch.setattr(enrichment, "MAX_STUDY", 3)
    table, families = enrich(make.tables(organism(make), small_terms), small_terms)
    assert len(table) == 0
    assert set(families["reason"]) == {"broad_target"}


def test_lines_without_the_target_do_not_matter(make, small_terms):
    tables = make.tables(organism(make), small_terms)
    kept = tables["context"]["object_id"].str.startswith("X:t")
    narrow = tables | {"context": tables["context"][kept].reset_index(drop=True)}
    assert enrich(tables, small_terms)[0].equals(enrich(narrow, small_terms)[0])


def test_counts_and_p_values_agree_with_goatools(make, small_terms, tmp_path):
    go_enrichment = pytest.importorskip("goatools.goea.go_enrichment_ns")
    from goatools.obo_parser import GODag

    spaces = {"P": "biological_process", "F": "molecular_function"}
    stanzas = ["format-version: 1.2\n"]
    for number, go_id in enumerate(small_terms.go_ids):
        parents = [int(parent) for parent in small_terms.parents[number].split(",") if parent]
        space = spaces[small_terms.aspects[number]]
        text = f"[Term]\nid: {go_id}\nname: {go_id}\nnamespace: {space}\n"
        stanzas.append(text + "".join(f"is_a: {small_terms.go_ids[p]}\n" for p in parents))
    (tmp_path / "go.obo").write_text("\n".join(stanzas))
    dag = GODag(str(tmp_path / "go.obo"), prt=None)
    lines = organism(make)
    associations = {}
    for line in lines:
        if not line.negated and not line.relation and line.evidence_code != "ND":
            aspect = small_terms.aspects[small_terms.go_ids.index(line.go_id)]
            associations.setdefault({"P": "BP", "F": "MF"}[aspect], {}).setdefault(
                line.object_id, set()
            ).add(line.go_id)
    population = set(associations["BP"])
    study = go_enrichment.GOEnrichmentStudyNS(
        population, associations, dag, methods=[], propagate_counts=True, log=None
    )
    theirs = study.run_study({f"X:t{n}" for n in range(4)}, prt=None)
    ours = rows_of(enrich(make.tables(lines, small_terms), small_terms)[0])
    compared = 0
    for result in theirs:
        if result.NS == "BP" and result.study_count:
            row = ours[result.GO]
            assert result.ratio_in_study == (row.n_study_with_term, row.n_study)
            assert result.ratio_in_pop == (row.n_population_with_term, row.n_population)
            if result.enrichment == "e" and row.fold > 1:
                # Theirs is two-sided: never below our upper tail.
                assert result.p_uncorrected >= row.p_value * (1 - 1e-9)
            compared += 1
    assert compared == len(ours)


def test_a_circular_term_has_no_q_whatever_other_sources_it_has(make, small_terms):
    second = (make.line(f"X:t{n}", PARENT, with_from="IPR:9") for n in range(4))
    table, _ = enrich(make.tables([*organism(make), *second], small_terms), small_terms)
    row = rows_of(table)[PARENT]
    assert (row.circular, row.n_same_entry, row.in_family) == ("ancestor", 0, True)
    assert row.q_value != row.q_value


def test_a_sample_of_organisms_is_noted_where_one_was_drawn(make, small_terms, monkeypatch):
    lines = [line for taxon in range(1, 4) for line in organism(make, taxon)]
    tables = make.tables(lines, small_terms)
    arguments = (tables["context"], tables["profile"], tables["organisms"], small_terms)
    for most, is_noted in ((2, True), (3, False)):
        monkeypatch.setattr(enrichment.sampling, "sample", lambda ids, n=most: ids[:n])
        *_, notes = compute_enrichment(*arguments, Ancestors(small_terms))
        assert ("sample" in {note.key for note in notes}) is is_noted
