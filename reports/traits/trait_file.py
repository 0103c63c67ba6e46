"""The traits of a study in a file, from the main process to the one that makes reports."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gafreduce.ontology.termfile import TermFile, TermSetMember
from gafreduce.publishing.run_folder import TRAITS, RunFolder

#: Numbers of gene products by id of the organism and class of regulators; classes overlap.
Regulators = Mapping[str, Mapping[str, int]]


class TraitRun(NamedTuple):
    """A trait of a study, and the run folder that has its tables."""

    go_id: str
    label: str
    group: str
    folder: RunFolder
    regulators: Regulators
    terms: TermFile


def write_traits(traits: Sequence[TraitRun], path: Path) -> None:
    """Write traits as JSON, ASCII only."""
    found = [
        {
            "label": trait.label,
            "group": trait.group,
            "folder": f"{TRAITS}/{trait.folder.path.name}",
            "regulators": trait.regulators,
            "target": trait.go_id,
            "definition": trait.terms.definition,
            "negating": sorted(trait.terms.negating),
            "term_set": [
                [each.go_id, each.term_class, each.relation_path, each.name]
                for each in trait.terms.term_set
            ],
        }
        for trait in traits
    ]
    path.write_text(json.dumps(found), encoding="ascii", newline="\n")


def read_traits(path: Path, folder: Path, joint: TermFile) -> list[TraitRun]:
    """Return the traits that `write_traits` wrote.

    Args:
        path: The file.
        folder: The folder that has the run folders.
        joint: A term file of the same ontology.
    """
    traits = []
    for each in json.loads(path.read_text(encoding="ascii")):
        terms = dataclasses.replace(
            joint,
            target=each["target"],
            definition=each["definition"],
            negating=frozenset(each["negating"]),
            term_set=tuple(TermSetMember(*member) for member in each["term_set"]),
        )
        run = RunFolder(folder / each["folder"])
        traits.append(
            TraitRun(terms.target, each["label"], each["group"], run, each["regulators"], terms)
        )
    return traits
