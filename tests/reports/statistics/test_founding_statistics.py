"""The founding seven: known facts in the statistics."""

import oracle_sources
import pytest

from gafreduce.reports.statistics.run_all import compute_statistics
from gafreduce.reports.tables import frames

SUBTILIS, COLI, KAUSTOPHILUS = 224308, 83333, 235909
WHOLE = (235909, 279010, 326423, 420246, 592022)
BACILLACEAE = (*WHOLE, SUBTILIS)


@pytest.fixture(scope="module")
def made(founding_tables, founding_terms):
    return compute_statistics(founding_tables, founding_terms)


def robustness(made, kind, source=""):
    return {
        row.taxon_id: row
        for row in made["robustness"].itertuples()
        if (row.kind, row.source or "") == (kind, source)
    }


def test_known_counts(made):
    counts = dict(frames.iterate_rows(made["rates"], ("taxon_id", "n_target_gene_products")))
    assert counts == {
        326423: 6,
        279010: 6,
        592022: 6,
        SUBTILIS: 52,
        COLI: 2,
        KAUSTOPHILUS: 7,
        420246: 6,
    }


def test_the_keyword_carries_nearly_all_of_subtilis(made):
    assert robustness(made, "none")[SUBTILIS].n_target_gene_products == 52
    assert robustness(made, "source", "UniProt keywords")[SUBTILIS].n_target_gene_products == 4
    entry = robustness(made, "with_entry", "UniProtKB-KW:KW-0178")
    assert entry[SUBTILIS].n_target_gene_products == 4
    # E. coli's keyword is written SP_KW.
    assert entry[COLI].n_target_gene_products == 1


def test_known_counts_without_negative_regulators(made):
    left = robustness(made, "negative_regulators")
    counts = {taxon: left[taxon].n_target_gene_products for taxon in WHOLE}
    assert counts == {326423: 4, 279010: 4, 592022: 4, KAUSTOPHILUS: 5, 420246: 4}
    assert COLI not in left
    for taxon in WHOLE:
        assert "InterPro" in left[taxon].left_by


def test_lines_that_remain_without_negative_regulators_are_from_interpro(made, founding_tables):
    lines = founding_tables["annotations"]
    negative = set(lines[lines["term_class"] == "negative_regulator"]["object_id"])
    assert len(negative) == 12
    kept = lines[(lines["term_class"] == "target") & ~lines["object_id"].isin(negative)]
    kept = kept[kept["taxon_id"].isin(WHOLE)]
    by_interpro = kept[kept["with_from"].str.startswith("InterPro:")]
    assert set(by_interpro["object_id"]) == set(kept["object_id"])


def test_meca_is_target_and_negative_regulator(made, founding_tables):
    products = founding_tables["gene_products"]
    both = [
        taxon
        for taxon, classes in frames.iterate_rows(products, ("taxon_id", "term_classes"))
        if {"target", "negative_regulator"} <= set(classes)
    ]
    assert sorted(both) == sorted(BACILLACEAE * 2)


def test_all_target_lines_are_electronic(made):
    rows = robustness(made, "electronic")
    assert {row.n_target_gene_products for row in rows.values()} == {0}
    assert rows[COLI].verdict == "partial_file"


def test_what_remains_equals_an_independent_count(made, founding_files):
    remaining = {
        (row.taxon_id, row.source or ""): (
            row.n_target_gene_products,
            row.n_also_negative_regulators,
        )
        for row in made["robustness"].itertuples()
        if row.kind in ("none", "source")
    }
    expected = oracle_sources.count_remaining(founding_files)
    assert remaining == {
        key: n for key, n in expected.items() if key[0] in (*WHOLE, SUBTILIS, COLI)
    }
    assert remaining[326423, "InterPro"] == (3, 2)
    assert remaining[SUBTILIS, "UniProt keywords"] == (4, 0)
    assert remaining[COLI, "InterPro"] == remaining[COLI, "UniProt keywords"] == (1, 0)


def test_gene_products_that_rest_on_retired_keywords(made):
    retired = robustness(made, "retired", "UniProt keywords")
    lost = {taxon: row.n_gene_products_lost for taxon, row in retired.items()}
    assert lost == {SUBTILIS: 48, COLI: 1, **dict.fromkeys(WHOLE, 2)}


def test_known_minimal_sets(made):
    sets = {row.taxon_id: row for row in made["robustness_sets"].itertuples()}
    assert list(sets[COLI].entries) == ["InterPro:IPR004797", "UniProtKB-KW:KW-0178"]
    assert list(sets[SUBTILIS].entries) == [
        "InterPro:IPR004797",
        "InterPro:IPR010461",
        "InterPro:IPR016785",
        "InterPro:IPR016940",
        "UniProtKB-KW:KW-0178",
    ]
    assert sets[SUBTILIS].verdict_without == "partial_file"


def test_excerpts_have_reasons_instead_of_numbers(made):
    reasons = dict(frames.iterate_rows(made["rates"], ("taxon_id", "reason")))
    assert reasons[SUBTILIS] == reasons[COLI] == "incomplete"
    assert set(made["pairwise"]["taxon_a"]) | set(made["pairwise"]["taxon_b"]) == set(WHOLE)
    assert set(made["enrichment"]["taxon_id"]) == set(WHOLE)
    assert len(made["pairwise"][made["pairwise"]["evidence_group"] == "all"]) == 10


def test_no_pair_differs_by_more_than_chance(made):
    assert (made["pairwise"]["q_value"] > 0.5).all()


def test_enrichment_through_meca_disappears_without_it(made):
    table = made["enrichment"]
    circular = dict(frames.iterate_rows(table, ("go_id", "circular")))
    assert circular["GO:0045808"] == "closure"
    assert circular["GO:0009294"] == "ancestor"
    assert circular["GO:0065007"] == "regulator_ancestor"
    without = table[table["variant"] == "without_negative_regulators"]
    assert "GO:0045808" not in set(without["go_id"])
    assert not (without["q_value"] < 0.05).any()


def test_similarity_is_high_among_five_bacillaceae(made):
    table = made["similarity"]
    of_all = table[table["evidence"] == "all"]
    assert len(of_all) == 30
    assert of_all["jaccard_direct"].between(0.6, 1).all()
    # All five are annotated by pipelines alone: nothing is left without them.
    electronic_free = table[table["evidence"] == "non_electronic"]
    assert (electronic_free["reason"] == "fewer_than_20_terms").all()
    depth = made["similarity_depth"]
    assert (depth["sim_ui_low"] <= depth["sim_ui_high"]).all()


def test_known_components_and_candidates(made):
    components = {(row.component, row.taxon_id): row for row in made["components"].itertuples()}
    for taxon in BACILLACEAE:
        assert components["ComGC", taxon].n_with_target == 1
        assert components["MecA", taxon].n_by_family == 2
    # Why symbols are a hint only: mecB is a former name of ClpC in B. subtilis.
    members = made["component_members"]
    (clpc,) = members[members["object_id"] == "UniProtKB:P37571"].itertuples()
    assert (clpc.component, clpc.found_by, list(clpc.matched)) == ("MecA", "symbol", ["mecB"])
    assert components["ComK", KAUSTOPHILUS].n_gene_products == 2
    # YcaI of E. coli carries the family of ComEC.
    assert components["ComEC", COLI].found_by == "family"
    candidates = {
        (row.taxon_id, row.component, row.found_by) for row in made["candidates"].itertuples()
    }
    licheniformis = {component for taxon, component, _ in candidates if taxon == 279010}
    assert {"ComEA", "ComFA", "ComGB", "DprA", "RecA"} <= licheniformis
    assert (326423, "DprA", "family") in candidates


def test_known_neighbours(made):
    near = {(row.go_id, row.taxon_id): row for row in made["neighbours"].itertuples()}
    for taxon in WHOLE:
        row = near["GO:0009294", taxon]
        assert (row.place, row.n_gene_products) == ("parent", 1)  # DprA


def test_intersections_in_the_term_set(made):
    table = made["sets"]
    rows = table[(table["scope"] == "closure") & (table["counting"] == "direct")]
    found = {tuple(map(int, row.organism_ids)): list(row.go_ids) for row in rows.itertuples()}
    assert found[tuple(sorted((*BACILLACEAE, COLI)))] == ["GO:0030420"]
    assert found[tuple(sorted(BACILLACEAE))] == ["GO:0045808"]
