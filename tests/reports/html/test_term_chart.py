"""The ancestors in the chart of the term."""

from __future__ import annotations

from typing import Any

from gafreduce.pipeline.run_record import list_ancestors as record_ancestors
from gafreduce.reports.html.term_chart import list_ancestors


def test_ancestors_are_recorded_with_their_steps_and_listed_from_the_root(small_terms: Any) -> None:
    recorded = record_ancestors(small_terms)  # GO:0000003 is_a GO:0000002 is_a the root
    assert [(each["go_id"], each["steps"]) for each in recorded] == [
        ("GO:0000002", 1),
        ("GO:0008150", 2),
    ]
    assert list_ancestors(recorded) == [("GO:0008150", "name of GO:0008150")]


def test_records_of_others_are_read_with_care() -> None:
    for damaged in (
        None,
        3,
        "GO:1",
        [1],
        [{"go_id": "GO:1"}],
        [{"go_id": "GO:1", "name": "", "steps": "2"}],
    ):
        assert list_ancestors(damaged) == []
