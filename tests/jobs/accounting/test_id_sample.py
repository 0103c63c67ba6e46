"""Whether files name gene products by the same ids."""

from __future__ import annotations

import random

import pytest

from gafreduce.jobs.accounting.id_sample import SAMPLE_SIZE, IdSample, have_same_ids

ACCESSIONS = [f"UniProtKB:P{number:05}" for number in range(4000)]
LOCI = [f"local:BSU{number:05}" for number in range(4000)]


def sample(object_ids: list[str]) -> list[str]:
    collected = IdSample()
    collected.add(object_ids)
    return collected.list_ids()


def test_a_sample_is_that_of_its_parts_in_any_order() -> None:
    shuffled = random.Random(1).sample(LOCI, len(LOCI))
    parts = [sample(shuffled[start : start + 900]) for start in range(0, len(LOCI), 900)]
    assert sample([each for part in parts for each in part]) == sample(LOCI)
    assert len(sample(LOCI)) == SAMPLE_SIZE
    assert sorted(sample(LOCI[:9])) == LOCI[:9]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (ACCESSIONS, LOCI, False),
        (ACCESSIONS[:2000], ACCESSIONS[2000:], True),  # parts of one annotation
        (LOCI[:3990], LOCI[3990:], True),  # a chromosome and a plasmid
        (LOCI, [each.replace("BSU", "BSU_") for each in LOCI], False),  # old and new locus tags
        (ACCESSIONS, [*LOCI[:1800], *ACCESSIONS[:250]], True),  # a tenth is shared
        (ACCESSIONS, [*LOCI[:3900], *ACCESSIONS[:100]], False),
        (LOCI, [f"local:{word}" for word in ("comK", "dnaA")], False),
        (LOCI, [], True),
    ],
)
def test_ids_are_compared_by_samples(one: list[str], other: list[str], expected: bool) -> None:
    assert have_same_ids(sample(one), sample(other)) is expected
    assert have_same_ids(sample(other), sample(one)) is expected


def test_a_tenth_of_the_larger_sample_is_enough_to_know_how_its_ids_begin() -> None:
    large = [*(f"DB{n}:1" for n in range(9)), "local:abc1"]
    assert have_same_ids(["local:abc2"], large)
    assert not have_same_ids(["local:abc2"], [*large, "DB9:1"])
