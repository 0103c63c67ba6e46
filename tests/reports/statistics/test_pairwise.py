"""Comparisons of pairs of organisms."""

import pytest
import scipy.stats

from gafreduce.reports.statistics.pairwise import compute_pairwise
from gafreduce.reports.statistics.sampling import MAX_ORGANISMS, sample
from gafreduce.reports.tables.schema import PAIRWISE


def notes_of(notes):
    return {(note.table, note.subject, note.key): note.value for note in notes}


def test_an_incomplete_organism_is_in_no_pair(make):
    table = make.organisms((1, 52, 54, {"complete": "false"}), (2, 6, 2000, {}), (3, 7, 2000, {}))
    pairs, notes = compute_pairwise(table)
    assert list(zip(pairs["taxon_a"], pairs["taxon_b"], strict=True)) == [(2, 3)]
    assert notes_of(notes)["pairwise", "", "n_organisms_complete"] == "2"


def test_a_known_pair(make):
    pairs, _ = compute_pairwise(make.organisms((1, 7, 2757, {}), (2, 6, 3900, {})))
    (row,) = pairs.itertuples()
    assert row.evidence_group == "all"
    numbers = (row.odds_ratio, row.odds_ratio_low, row.odds_ratio_high)
    assert tuple(round(number, 3) for number in numbers) == (1.652, 0.475, 5.957)
    assert round(row.p_value, 4) == 0.4059
    assert row.q_value == row.p_value


def test_each_evidence_group_is_a_family_of_its_own(make):
    table = make.organisms(
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


def test_fewer_than_two_organisms_give_no_pairs(make):
    for table in (make.organisms((1, 7, 2757, {})), make.organisms()):
        pairs, notes = compute_pairwise(table)
        assert list(pairs.columns) == list(PAIRWISE.column_names)
        assert len(pairs) == 0
        reason = notes_of(notes)["pairwise", "", "reason"]
        assert reason == "fewer_than_two_complete_organisms"


def test_many_organisms_are_sampled_blind_to_their_counts(make):
    taxa = list(map(str, range(1, 1001)))
    chosen = sample(taxa)
    assert len(chosen) == MAX_ORGANISMS
    assert chosen == sorted(chosen, key=int)
    assert chosen == sample(taxa[::-1])
    assert set(sample(chosen, 10)) == set(sample(taxa, 10))
    pairs, notes = compute_pairwise(make.organisms(*((t, t % 7, 1000, {}) for t in range(1, 131))))
    assert len(pairs) == 100 * 99 / 2
    assert notes_of(notes)["pairwise", "", "sample"] == "smallest CRC-32 of the organism id"
