"""The order of organisms: by a tree, else by the sheet's groups, else by verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]

#: Evidence codes of the term by taxon, and the groups of the sheet.
ORGANISMS = {
    9000101: ("IEA", "soil"),
    9000102: ("IEA", "gut"),
    9000103: ("IEA", ""),
    9000104: ("IDA", "soil"),
}


@pytest.fixture
def run(gafreduce: Command, samples: Path, tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Run with options and a sheet with groups, or without."""
    for has_groups in (True, False):
        rows = ["path\tcomplete\tgroup"]
        for taxon, (code, group) in ORGANISMS.items():
            (tmp_path / f"{taxon}.gaf").write_text(
                f"!gaf-version: 2.2\nUniProtKB\tP1\tp1\tinvolved_in\tGO:0030420\tPMID:1\t{code}"
                f"\t\tP\t\t\tprotein\ttaxon:{taxon}\t20200101\tUniProt\t\t\n"
            )
            rows.append(f"{taxon}.gaf\ttrue\t{group if has_groups else ''}")
        (tmp_path / f"{has_groups}.tsv").write_text("\n".join([*rows, ""]))

    def make(*more: object, has_groups: bool = True) -> tuple[int, str, str]:
        words = ("--ontology", samples / "go-samples.obo", "--no-report", "--json", "--force")
        sheet = tmp_path / f"{has_groups}.tsv"
        return gafreduce("run", sheet, *words, "-o", tmp_path / "run", *more)

    return make


def list_ids(found: tuple[int, str, str]) -> list[str]:
    code, out, errors = found
    assert code == 0, errors
    return [row["organism_id"] for row in json.loads(out)["organisms"]]


def test_groups_order_before_verdicts_and_a_tree_before_groups(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    assert list_ids(run(has_groups=False)) == ["9000104", "9000101", "9000102", "9000103"]
    assert list_ids(run()) == ["9000102", "9000104", "9000101", "9000103"], "gut, soil, none"
    tree = tmp_path / "tree.nwk"
    tree.write_text("((9000103,9000101:0.5),('taxon:9000104',562));")
    found = run("--tree", tree)
    assert list_ids(found) == ["9000103", "9000101", "9000104", "9000102"]
    note = f"{tree}: no leaf has the id or name of taxon:9000102: it comes last"
    assert note in json.loads(found[1])["warnings"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "((9000103,9000101),",
            "expected a tree in Newick, such as (a,(b,c));, got no ';' at its end",
        ),
        ("(562,1423);", "expected leaves with ids or names of organisms"),
        (
            "(9000101,'taxon:9000101');",
            "expected one leaf for taxon:9000101, got '9000101' and 'taxon:9000101'",
        ),
    ],
)
def test_a_tree_that_does_not_fit_publishes_nothing(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, text: str, message: str
) -> None:
    tree = tmp_path / "tree.nwk"
    tree.write_text(text)
    code, _, errors = run("--tree", tree)
    assert code == 1
    assert message in errors
    assert not (tmp_path / "run").exists()
