"""Rates of organisms, and comparisons of pairs."""

import pytest
import scipy.stats

from gafreduce.reports.statistics.pairwise import compute_pairwise
from gafreduce.reports.statistics.rates import compute_rates
from gafreduce.reports.statistics.sampling import MAX_ORGANISMS, list_complete, sample
from gafreduce.reports.tables import frames, schema
from gafreduce.reports.tables.schema import PAIRWISE, RATES


def organisms(*rows):
    """Return the table of (taxon_id, n_target, n_in_aspect, cells)."""
    made = []
    for taxon, n_target, n_total, cells in rows:
        given = {
            "taxon_id": taxon,
            "compared": True,
            "complete": True,
            "contested": False,
            "n_target_gene_products": n_target,
            "n_in_aspect": n_total,
        } | cells
        made.append(
            tuple(
                given.get(c.name, 0 if c.type == "integer" else None if c.type == "float" else "")
                for c in schema.ORGANISMS.columns
            )
        )
    return frames.make_frame(schema.ORGANISMS, made)


def notes_of(notes):
    return {(note.table, note.subject, note.key): note.value for note in notes}


def test_rates_by_hand():
    table = compute_rates(organisms((1, 6, 3101, {}), (2, 7, 2757, {}), (3, 0, 0, {})))
    assert list(table.columns) == list(RATES.column_names)
    first = table.iloc[0]
    assert [round(first[c], 3) for c in ("rate_per_1000", "rate_low", "rate_high")] == [
        1.935,
        0.887,
        4.215,
    ]
    assert first["fold"] == pytest.approx((6 / 3101) / (7 / 2757))
    assert first["reason"] is None
    assert table.iloc[2]["reason"] == "no_gene_products_in_aspect"
    assert frames.list_values(table, "rate_per_1000")[2] is None


def test_an_incomplete_organism_has_a_reason_and_is_not_pooled():
    table = organisms((1, 52, 54, {"complete": False}), (2, 6, 2000, {}), (3, 7, 2000, {}))
    rates = compute_rates(table)
    assert rates.iloc[0]["reason"] == "incomplete"
    assert rates.iloc[0][["rate_per_1000", "rate_low", "rate_high", "fold"]].isna().all()
    assert rates.iloc[1]["n_target_others"] == 7
    pairs, notes = compute_pairwise(table)
    assert list(zip(pairs["taxon_a"], pairs["taxon_b"], strict=True)) == [(2, 3)]
    assert notes_of(notes)["pairwise", "", "n_organisms_complete"] == "2"


def test_an_organism_that_is_not_compared_has_no_row():
    table = organisms((1, 6, 2000, {}), (2, 1, 1, {"compared": False}))
    assert list(compute_rates(table)["taxon_id"]) == [1]
    assert list_complete(table) == [1]


def test_a_known_pair():
    pairs, _ = compute_pairwise(organisms((1, 7, 2757, {}), (2, 6, 3900, {})))
    (row,) = pairs.itertuples()
    assert row.evidence_group == "all"
    numbers = (row.odds_ratio, row.odds_ratio_low, row.odds_ratio_high)
    assert tuple(round(number, 3) for number in numbers) == (1.652, 0.475, 5.957)
    assert round(row.p_value, 4) == 0.4059
    assert row.q_value == row.p_value


def test_each_evidence_group_is_a_family_of_its_own():
    table = organisms(
        (1, 9, 100, {"n_target_electronic": 9, "n_target_experimental": 1}),
        (2, 1, 100, {"n_target_electronic": 1}),
        (3, 0, 100, {}),
    )
    pairs, _ = compute_pairwise(table)
    assert list(dict.fromkeys(pairs["evidence_group"])) == ["all", "electronic", "experimental"]
    for _, family in pairs.groupby("evidence_group"):
        expected = scipy.stats.false_discovery_control(family["p_value"])
        assert list(family["q_value"]) == pytest.approx(list(expected))
        assert (family["q_value"] > 0).all()
        assert (family["smallest_attainable_p"] <= family["p_value"] * (1 + 1e-9)).all()


def test_fewer_than_two_organisms_give_no_pairs():
    for table in (organisms((1, 7, 2757, {})), organisms()):
        pairs, notes = compute_pairwise(table)
        assert list(pairs.columns) == list(PAIRWISE.column_names)
        assert len(pairs) == 0
        reason = notes_of(notes)["pairwise", "", "reason"]
        assert reason == "fewer_than_two_complete_organisms"
    assert len(compute_rates(organisms())) == 0


def test_many_organisms_are_sampled_blind_to_their_counts():
    taxa = list(range(1, 1001))
    chosen = sample(taxa)
    assert len(chosen) == MAX_ORGANISMS
    assert chosen == sorted(chosen)
    assert chosen == sample(taxa[::-1])
    assert set(sample(chosen, 10)) == set(sample(taxa, 10))
    pairs, notes = compute_pairwise(organisms(*((t, t % 7, 1000, {}) for t in range(1, 131))))
    assert len(pairs) == 100 * 99 / 2
    assert notes_of(notes)["pairwise", "", "sample"] == "smallest CRC-32 of the taxonomy id"
