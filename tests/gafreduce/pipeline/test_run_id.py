"""The run id: equal for the same inputs and options, another one for any difference that counts."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from gafreduce.inputs.listed_input import ListedInput
from gafreduce.pipeline.run_id import compute_run_id, identify_input
from gafreduce.storage.base import Identity

LOCAL = ListedInput("/in/a.gaf", "a.gaf", "gaf", "plain", Identity(3, 7, file_version="v"))


@pytest.mark.parametrize(
    ("uri", "identity", "companion", "expected"),
    [
        ("/in/a.gaf", Identity(3, 7), None, {"mtime_ns": 7}),
        ("hdfs:///a.gaf", Identity(3, 7), None, {"uri": "hdfs:///a.gaf", "mtime_ns": 7}),
        ("s3://b/a", Identity(3, 7, etag="e"), None, {"uri": "s3://b/a", "etag": "e"}),
        ("/tmp/x", Identity(3, None, sha256="ab"), None, {"sha256": "ab"}),
        ("/in/a", Identity(3, 7), Identity(5, 8), {"companion_version": "5:8", "mtime_ns": 7}),
        ("s3://b/a", Identity(3, etag=""), Identity(5, etag="f"),
         {"companion_version": "f", "uri": "s3://b/a", "etag": ""}),
    ],
)  # fmt: skip
def test_an_input_is_identified_by_what_its_storage_states(
    uri: str, identity: Identity, companion: Identity | None, expected: dict[str, Any]
) -> None:
    found = LOCAL._replace(uri=uri, identity=identity, companion_identity=companion)
    assert identify_input(found) == {"source_file": "a.gaf", "bytes": 3, **expected}


def test_the_order_and_the_place_of_local_inputs_make_no_difference() -> None:
    other = LOCAL._replace(source_file="b.gaf")
    moved = LOCAL._replace(uri="/elsewhere/a.gaf")
    ids = {
        compute_run_id(inputs, "o", {"scope": "all"}, "1")
        for inputs in ([LOCAL, other], [other, LOCAL], [moved, other])
    }
    assert len(ids) == 1


def test_every_difference_that_decides_numbers_gives_another_id() -> None:
    inputs = [
        *(LOCAL, LOCAL._replace(taxon_id=9), LOCAL._replace(organism="x")),
        *(LOCAL._replace(compare=False), LOCAL._replace(complete=False)),
        *(LOCAL._replace(companion="y"), LOCAL._replace(format="gpad")),
        *(LOCAL._replace(identity=Identity(3, 8)), LOCAL._replace(identity=Identity(4, 7))),
    ]
    ids = [compute_run_id([found], "o", {"scope": "all"}, "1") for found in inputs]
    ids += [
        compute_run_id(found, *facts)
        for found, facts in itertools.product(
            ([], [LOCAL, LOCAL]), [("o", {"scope": "all"}, "1"), ("p", {}, "1"), ("o", {}, "2")]
        )
    ]
    assert len(set(ids)) == len(ids)
    assert all(len(each) == 12 and int(each, 16) >= 0 for each in ids)
