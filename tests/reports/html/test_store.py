"""The compressed store of the page."""

from __future__ import annotations

import base64
import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.html.store import encode_cells, encode_sets, pack_store


def read_cells(encoded: dict[str, list[str]], n_rows: int) -> list[str]:
    """Return the cells as the script of the page reads them (rows.js)."""
    if "v" in encoded:
        return encoded["v"]
    places = encoded.get("i", [0] * n_rows)
    return [encoded["d"][place] for place in places]  # type: ignore[call-overload]


@given(st.lists(st.text(max_size=3)))
def test_encoded_cells_are_the_same_cells(cells: list[str]) -> None:
    assert read_cells(encode_cells(cells, "text"), len(cells)) == cells
    labelled = encode_cells(cells, "word", str.upper)
    assert read_cells(labelled, len(cells)) == cells
    assert labelled["l"] == [each.upper() for each in labelled["d"]]


def test_numbers_are_numbers_with_five_digits() -> None:
    assert encode_cells(["1", ""], "int") == {"v": [1, None]}
    assert encode_cells(["0.123456789", "inf", "1e-300"], "float") == {
        "v": [0.12346, "inf", 1e-300]
    }


def test_sets_of_organisms_are_bits() -> None:
    order = {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}
    encoded = encode_sets(["a|e", "", "b|not compared", "a|b|c|d|e"], order)
    assert read_cells(encoded, 4) == ["11", "0", "2", "1f"]


def test_the_same_content_gives_the_same_bytes() -> None:
    packed = pack_store({"a": ["ü", 1]})
    assert packed == pack_store({"a": ["ü", 1]})
    assert json.loads(gzip.decompress(base64.b64decode(packed))) == {"a": ["ü", 1]}
