"""Trees in Newick, and organisms in the order of their leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.reports.traits.newick import order_by_tree, read_leaves


def write(folder: Path, text: str) -> Path:
    path = folder / "tree.nwk"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("(a,(b,c));", ["a", "b", "c"]),
        ("((a:0.1,b:1e-3)90:2,c:0)root:1;\n(other);", ["a", "b", "c"]),
        (
            "[x(y);](E._coli,'B. sub''tilis'[&&NHX:S=1]:1, 83333\n);",
            ["E. coli", "B. sub'tilis", "83333"],
        ),
        ("a;", ["a"]),
        ("((a),(b));", ["a", "b"]),
    ],
)
def test_leaves_are_read_in_their_order(tmp_path: Path, text: str, leaves: list[str]) -> None:
    assert [each.replace("_", " ") for each in leaves] == read_leaves(write(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    ["", "(a,b)", "(a,b;", "(a,b));", "(a,,b);", "(a,);", "a b;", "(a:,b);", "(a)(b);", "(a,[b);"],
)
def test_other_texts_are_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=f"^{path}: expected a tree in Newick"):
        read_leaves(path)


ORGANISMS = [
    {"organism_id": "83333", "taxon_id": "83333", "organism": "Escherichia coli", "file_label": ""},
    {"organism_id": "s1", "taxon_id": "562", "organism": "Strain 1", "file_label": "one"},
    {"organism_id": "s2", "taxon_id": "562", "organism": "Strain 2", "file_label": "two"},
    {"organism_id": "1423", "taxon_id": "1423", "organism": "Bacillus subtilis", "file_label": "b"},
]


def test_organisms_follow_the_leaves_by_id_name_or_file() -> None:
    leaves = ["TWO", "nobody", "bacillus subtilis", "83333"]
    found, note = order_by_tree(ORGANISMS, leaves, "x.nwk")
    assert [row["organism_id"] for row in found] == ["s2", "1423", "83333", "s1"]
    assert note == "x.nwk: no leaf has the id or name of Strain 1: it comes last"
    # a taxon has both of its samples
    found, note = order_by_tree(ORGANISMS, ["1423", "562", "83333"], "x.nwk")
    assert note == ""
    assert [row["organism_id"] for row in found] == ["1423", "s1", "s2", "83333"]


def test_trees_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="expected one leaf for Bacillus subtilis, got '1423' and"):
        order_by_tree(ORGANISMS, ["1423", "b"], "x.nwk")
    with pytest.raises(InputError, match="expected leaves with ids or names of organisms"):
        order_by_tree(ORGANISMS, ["Yersinia"], "x.nwk")
