"""What `--organism` names: taxon ids, samples and names."""

from __future__ import annotations

import pytest

from gafreduce.errors import InputError
from gafreduce.jobs.model.organisms import Organisms
from gafreduce.pipeline.requested_organisms import find_organisms

ORGANISMS = Organisms({"A1": 562})
NAMES = {"7": "Mine", "8": "mine", "9": "Escherichia coli"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A1", {"A1"}),
        ("taxon:562", {"562"}),
        ("MINE", {"7", "8"}),
        ("Escherichia coli", {"9"}),  # the name that the user gave comes first
        ("priestia megaterium DSM 319", {"592022"}),  # nobody but NCBI has it
    ],
)
def test_an_organism_is_named_by_id_sample_or_name(text: str, found: set[str]) -> None:
    assert find_organisms(text, ORGANISMS, NAMES) == found


def test_other_texts_are_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(
        InputError, match=r"--organism Nemo: .* \(known: A1, Escherichia coli, Mine"
    ):
        find_organisms("Nemo", ORGANISMS, NAMES)
