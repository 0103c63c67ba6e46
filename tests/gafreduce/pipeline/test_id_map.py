"""Id maps that users write."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.pipeline.id_map import read_id_map


@pytest.mark.parametrize(
    "text",
    [
        "# ids\nP39694\tBSU_1\nP39694\tcomEA\n",
        "\ufeffP39694,BSU_1\r\n\r\n'',\nP39694,comEA\r\n",
        'P39694;"BSU_1"\ncomEA;P39694\nP39694;\n',
    ],
)
def test_tables_with_tabs_commas_and_semicolons_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ids"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_id_map(path) == dict.fromkeys(("P39694", "BSU_1", "comEA"), "UniProtKB:P39694")


def test_joined_ids_are_counted_by_the_first_one(tmp_path: Path) -> None:
    path = tmp_path / "ids"
    path.write_text("b\tx\na\tb\nSGD:S1\ty\nc\td\nd\tx\n")
    assert read_id_map(path) == {
        **dict.fromkeys(("b", "x", "a", "c", "d"), "local:b"),
        **dict.fromkeys(("SGD:S1", "y"), "SGD:S1"),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("P1\tb\tc\n", r"ids:1: expected two ids, got 3 columns"),
        ("# c\nP1 b\n", r"ids:2: expected two ids, got 1 columns"),
        ("# c\n", "expected lines with two ids, got none"),
        ("\xff", "expected a text file in UTF-8"),
    ],
)
def test_another_file_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "ids"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=message):
        read_id_map(path)
