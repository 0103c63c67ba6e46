"""Values of data frames as plain values."""

from __future__ import annotations

import pandas as pd

from gafreduce.reports.tables import frames


def test_missing_texts_are_empty_and_lists_stay_lists() -> None:
    values = ["a", None, float("nan"), pd.NA, ["x", "y"], ()]
    frame = pd.DataFrame({"text": pd.Series(values, dtype=object)})
    assert frames.list_values(frame, "text") == ["a", "", "", "", ["x", "y"], []]


def test_missing_numbers_are_none() -> None:
    frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "is": [True, False]})
    assert frames.list_values(frame, "n") == [1, None]
    assert frames.list_values(frame, "is") == [True, False]
