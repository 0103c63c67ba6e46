"""Rows of a sample sheet agree on each sample, and each organism without samples has one name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gafreduce.errors import InputError
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.inputs.samples import find_mixed_samples, make_sample_name, number_samples
from gafreduce.jobs.records import FIRST_SAMPLE
from gafreduce.storage.base import Identity

FILE = ListedInput("/a.gaf", "a.gaf", "gaf", "plain", Identity(1))
SAMPLE = FILE._replace(sample="s", sample_taxon=7, sheet_taxon=7)


def test_samples_are_numbered_by_name_and_other_files_stay() -> None:
    second = SAMPLE._replace(sample="b", sample_taxon=9, pool_taxa=True, sheet_taxon=9)
    (one, two, other), organisms, notes = number_samples([SAMPLE, second, FILE])
    assert [each.sample_number for each in (one, two)] == [FIRST_SAMPLE + 1, FIRST_SAMPLE]
    assert [each.sample_taxon for each in (one, two)] == [7, 0]
    assert other == FILE
    assert organisms.samples == ("b", "s")
    assert notes == []


def test_only_files_of_one_taxon_must_name_one_organism() -> None:
    names = ("B. subtilis", "E. coli")
    number_samples([FILE._replace(organism=name) for name in names])
    same = [FILE._replace(organism=name, sheet_taxon=7) for name in names]
    with pytest.raises(InputError, match=r"of taxon 7, got the names 'B\. su"):
        number_samples(same)
    number_samples([same[0], same[1]._replace(sheet_taxon=8)])
    number_samples([same[0], FILE._replace(sheet_taxon=7)])


@pytest.mark.parametrize(
    ("changes", "column"), [({"sample_taxon": 8}, "taxon_id"), ({"group": "x"}, "group")]
)
def test_rows_of_a_sample_agree(changes: dict[str, object], column: str) -> None:
    with pytest.raises(InputError, match=f"expected one {column} of sample s, got "):
        number_samples([SAMPLE, SAMPLE._replace(**changes)])  # type: ignore[arg-type]


def test_samples_without_a_taxon_in_the_sheet_are_noted() -> None:
    found = SAMPLE._replace(sheet_taxon=0)
    _, _, (note,) = number_samples([found._replace(sample=f"s{n}") for n in range(12)])
    assert note.endswith(
        "of their files: " + ", ".join(f"s{n} 7" for n in range(10)) + " and 2 more"
    )


def test_samples_of_which_files_have_other_ids_are_found() -> None:
    ids = {
        "s": (["UniProtKB:P1", "UniProtKB:P2"], ["local:BSU_1", "local:BSU_2"]),
        "t": (["UniProtKB:P1"], ["UniProtKB:P2"]),
        "": (["UniProtKB:P1"], ["local:BSU_1"]),
    }
    found = [(sample, each) for sample, files in ids.items() for each in files]
    files = [
        SAMPLE._replace(sample=sample, sample_files=2 if sample else 1, source_file=f"f{number}")
        for number, (sample, _) in enumerate(found)
    ]
    totals: Any = {number: SimpleNamespace(ids=each) for number, (_, each) in enumerate(found)}
    assert find_mixed_samples(files, totals) == {"s": ("f0", "f1")}


def test_a_name_for_a_sample_is_one_that_a_sheet_accepts() -> None:
    assert make_sample_name("a" * 70) == "a" * 64
    assert make_sample_name("(é)") == "A"
