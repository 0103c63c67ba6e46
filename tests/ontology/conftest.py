from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from gafreduce.ontology.graph import Graph, load_graph

HEADER = "format-version: 1.2\ndata-version: releases/2026-01-01\n\n"

MakeObo = Callable[[Mapping[int, Sequence[str]]], Path]


def _stanza(number: int, lines: Sequence[str]) -> str:
    named = any(line.startswith("name: ") for line in lines)
    first = [f"id: #{number}", *([] if named else [f"name: term {number}"])]
    return "\n".join(["[Term]", *first, "namespace: biological_process", *lines, "", ""])


@pytest.fixture(scope="session")
def make_obo(tmp_path_factory: pytest.TempPathFactory) -> MakeObo:
    """Write an OBO file: the lines of each term, in which #7 is short for GO:0000007."""
    folder = tmp_path_factory.mktemp("obo")
    numbers = itertools.count()

    def make(terms: Mapping[int, Sequence[str]]) -> Path:
        text = HEADER + "".join(itertools.starmap(_stanza, terms.items()))
        path = folder / f"{next(numbers)}.obo"
        text = re.sub(r"#(\d+)", lambda found: f"GO:{int(found[1]):07d}", text)
        path.write_bytes(text.encode())  # with the same line ends on Windows
        return path

    return make


@pytest.fixture(scope="session")
def obo(make_obo: MakeObo) -> Path:
    """An ontology with one of everything.

    4 and 5 are core below the target 3; 6 to 9 regulate it: without sign, negatively, positively,
    and with both signs. 20 to 26 are obsolete.
    """
    return make_obo(
        {
            1: ['def: "The root." [x]'],
            2: ["name: a name", "is_a: #1"],
            3: [
                "name: target",
                "alt_id: #33",
                "is_a: #2 ! a name",
                "relationship: part_of #1 ! term 1",
                'def: "To be \\"able\\"." [PMID:1]',
            ],
            4: ["is_a: #3"],
            5: ["is_a: #1", "relationship: part_of #4"],
            6: ["is_a: #1", "relationship: regulates #3"],
            7: ["is_a: #1", "relationship: negatively_regulates #4"],
            8: ["is_a: #6", "relationship: positively_regulates #3"],
            9: ["is_a: #7", "is_a: #8"],
            20: ["is_obsolete: true", "replaced_by: #21"],
            21: ["is_obsolete: true", "replaced_by: #33"],
            22: ["is_obsolete: true", "consider: #3", "consider: #2"],
            23: ["is_obsolete: true", "replaced_by: #24"],
            24: ["is_obsolete: true", "replaced_by: #23"],
            25: ["is_obsolete: true", "replaced_by: #99"],
            26: ["is_obsolete: true", "replaced_by: #1", "replaced_by: #2"],
            27: ["is_obsolete: true"],
            28: ["name: merged and gone", "is_obsolete: true", "alt_id: #34", "replaced_by: #4"],
            29: ["is_obsolete: true", "alt_id: #35", "consider: #4"],
            30: ["name: twice", "is_a: #1"],
            31: ["name: twice", "is_a: #1", "alt_id: #36"],
            32: ["name: Twice as much", "is_a: #1", "alt_id: #36"],
        }
    )


@pytest.fixture(scope="session")
def graph(obo: Path) -> Graph:
    return load_graph(obo)


@pytest.fixture(scope="session")
def real_graph(real_ontology: Path) -> Graph:
    return load_graph(real_ontology)
