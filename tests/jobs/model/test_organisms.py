"""Taxa and samples: their names, numbers and order."""

from __future__ import annotations

import pytest

from gafreduce.jobs.model.organisms import Organisms, is_sample_name
from gafreduce.jobs.records import FIRST_SAMPLE


@pytest.mark.parametrize("name", ["a", "isolate_17", "2023-17", "1.", "a" * 64])
def test_a_name_of_a_sample_has_a_letter_or_another_sign_beside_digits(name: str) -> None:
    assert is_sample_name(name)


@pytest.mark.parametrize("name", ["", "1423", "...", "-_", "a b", "é", "a|b", "a" * 65])
def test_what_could_be_a_taxon_or_break_a_table_is_no_name_of_a_sample(name: str) -> None:
    assert not is_sample_name(name)


def test_samples_are_numbered_behind_all_taxa() -> None:
    organisms = Organisms({"b": 7, "a": 9})
    numbers = {"a": FIRST_SAMPLE, "b": FIRST_SAMPLE + 1, "1423": 1423}
    numbers[str(FIRST_SAMPLE - 1)] = FIRST_SAMPLE - 1
    for organism_id, number in numbers.items():
        assert organisms.number_of(organism_id) == number
        assert organisms.id_of(number) == organism_id
    assert [organisms.taxon_of(each) for each in ("a", "b", "1423")] == [9, 7, 1423]
    assert organisms.sort(["b", "100", "a", "99"]) == ("99", "100", "a", "b")
