"""Random annotations with every feature of a line, against SQL over the raw lines.

The real files are all electronic and have no NOT. These lines have NOT, ND, other and unknown
relations, extensions, isoforms, alternative and unknown ids and every evidence group, on the target,
its descendants, ancestors and regulators, and on other terms. The lines of a gene product are
distributed over two files.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import oracle_duckdb
import pytest

Command = Callable[..., tuple[int, str, str]]

CODES = ("EXP", "IDA", "HTP", "IBA", "ISS", "TAS", "NAS", "IC", "IEA", "IEA", "NR", "NEW", "")
RELATIONS = (
    *("", "", "involved_in", "Enables", "part_of", "acts_upstream_of_or_within", "NOT", "not"),
    *("acts_upstream_of", "colocalizes_with", "taught_by", "contributes_to|colocalizes_with"),
    *("NOT|involved_in", "involved_in|NOT", "NOT|acts_upstream_of", "notable"),
)
ROOTS = {"GO:0008150": "P", "GO:0003674": "F", "GO:0005575": "C"}


KINDS = ("core", "core", "core", "regulator", "ancestor", "any", "any", "repaired", "root")


def draw_organism(dice: random.Random, taxon: int, terms: dict[str, list[str]]) -> list[str]:
    """Return one to two hundred lines of an organism, of few kinds or of many."""
    n_choices = dice.choice((1, 1, 2, 9))
    kinds, codes, relations = (
        dice.choices(choices, k=n_choices) for choices in (KINDS, CODES, RELATIONS)
    )
    lines = []
    for _ in range(dice.choice((1, 2, 4, 8, 200))):
        local_id = f"P{dice.randrange(25):05}"
        kind, aspect, relation = dice.choice(kinds), dice.choice("PFC"), dice.choice(relations)
        go_id, code = dice.choice(terms[kind]), dice.choice(codes)
        if kind == "root":
            aspect, relation, code = ROOTS[go_id], "", "ND"
        extension = "part_of(CL:0000540)" if dice.random() < 0.1 else ""
        form = dice.choice(["", "", "", f"UniProtKB:{local_id}", f"UniProtKB:{local_id}-2"])
        cells = [
            *("UniProtKB", local_id, f"sym{local_id}", relation, go_id, "GO_REF:0000002", code),
            *("", aspect, "", "", "protein", f"taxon:{taxon}", "20191214", "UniProt"),
            *(extension, form),
        ]
        lines.append("\t".join(cells))
    return lines


@pytest.mark.parametrize("target", ["GO:0030420", "GO:0007154"])
@pytest.mark.parametrize("seed", range(3))
def test_every_number_equals_sql_over_the_raw_lines(
    gafreduce: Command, samples: Path, tmp_path: Path, target: str, seed: int
) -> None:
    ontology = samples / "go-samples.obo"
    tables = oracle_duckdb.read_ontology(ontology)
    parents: dict[str, set[str]] = {go_id: set() for go_id, _ in tables["term"]}
    for child, parent in tables["edge"]:
        parents[child].add(parent)

    def above(go_id: str) -> set[str]:
        return {go_id}.union(*(above(parent) for parent in parents[go_id]))

    core = [go_id for go_id in parents if target in above(go_id)]
    terms = {
        "core": [target, target, *core],
        "regulator": [child for child, parent in tables["regulates"] if parent in core],
        "ancestor": sorted(above(target)),
        "any": [*parents, "GO:9999999"],
        "repaired": [bad for bad, _ in tables["repair"]],
        "root": list(ROOTS),
    }
    dice = random.Random(seed)
    taxa = range(1, 201)
    lines = [line for taxon in taxa for line in draw_organism(dice, taxon, terms)]
    dice.shuffle(lines)
    files = [tmp_path / "a.gaf", tmp_path / "b.gaf"]
    for path, part in zip(files, (lines[::2], lines[1::2]), strict=True):
        path.write_text("!gaf-version: 2.2\n" + "\n".join(part) + "\n")

    sheet = tmp_path / "inputs.tsv"
    sheet.write_text("path\tcomplete\na.gaf\ttrue\nb.gaf\ttrue\n")
    code, _, errors = gafreduce(
        *("run", sheet, "--ontology", ontology, "--term", target, "--no-report", "-q"),
        *("-o", tmp_path / "run", *(word for taxon in taxa for word in ("--organism", taxon))),
    )
    assert (code, errors) == (0, "")
    found = oracle_duckdb.read_run(tmp_path / "run")
    assert found == oracle_duckdb.count(files, ontology, taxa, taxa, target)
    assert len({row["verdict"] for row in found.organisms.values()}) >= 9
