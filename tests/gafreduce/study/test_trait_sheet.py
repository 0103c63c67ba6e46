"""Sheets of traits that users write."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.study.trait_sheet import TraitRow, list_traits, read_sheet


@pytest.mark.parametrize(
    "text",
    [
        "id\tlabel\tgroup\nGO:0030420\tuptake, DNA\tA\n\n# no\n5886\n",
        'ID;label;group\r\nGO:0030420;"uptake, DNA";A\r\n5886;;\r\n',
        '\ufeffid,label,group\nGO:0030420,"uptake, DNA",A\n5886,,\n',
    ],
)
def test_tables_with_tabs_commas_and_semicolons_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t"
    path.write_text(text, encoding="utf-8", newline="")
    first, second = read_sheet(path)
    assert first[:3] == ("GO:0030420", "uptake, DNA", "A")
    assert second[:3] == ("5886", "", "")
    assert first.place == f"{path}:2"


def test_terms_of_options_come_first(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text("id\nb\n")
    assert list_traits(["a"], path) == (
        TraitRow("a", place="--term a"),
        TraitRow("b", place=f"{path}:2"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term\tlabel\nGO:0030420\tx\n", "t:1: expected the columns id"),
        ("id\tid\nGO:0030420\tx\n", "t:1: expected the columns id"),
        ("id\tlabel\n\tx\n", "t:2: expected a term in the column id"),
        ("id\n", "t: expected a row for each term"),
        ("# nothing\n", "t: expected a header row"),
        ("id\tlabel\nGO:0030420\tx\ty\n", "t:2: expected 2 cells, got 3"),
        ('id,label\na,"x\n', "t:2: expected quoted cells to end"),
        (f"id\n{'x' * 201}\n", "t:2: expected cells of at most 200 characters"),
        ("id\n\xff\n", "t: expected text in UTF-8"),
    ],
)
def test_other_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=f"^{tmp_path}/{message}"):
        read_sheet(path)
