"""A run ends the resources of a dead run that its own runner has, and no others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gafreduce.publishing import lock_record, recovery
from gafreduce.storage import s3

LEFT = {
    "attempts": ["0123456789abcdef" * 2],
    "clusters": ["us-east-1/j-1"],
    "applications": ["application_1_0001"],
    "temporary": ["hdfs:///tmp/0123456789ab/01234567", "s3://b/0123456789ab/01234567/"],
}


class Lock:
    must_stay = False
    place = "/runs/run"

    def __init__(self, left: dict[str, Any]) -> None:
        self.left_behind = lock_record.parse(json.dumps(left).encode())


@pytest.mark.parametrize(
    ("runner", "ended"),
    [
        ("inline", []),
        (
            "hadoop",
            [
                "application_1_0001",
                "hdfs:///tmp/0123456789ab/01234567",
                "s3://b/0123456789ab/01234567/",
            ],
        ),
        ("emr", ["us-east-1/j-1", LEFT["temporary"][1]]),
    ],
)
def test_each_runner_ends_its_own_resources(
    runner: str, ended: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def end(record: Any, place: str, access: s3.Access) -> bool:
        kinds = (lock_record.CLUSTERS, lock_record.APPLICATIONS, lock_record.TEMPORARY)
        asked.extend(each for kind in kinds for each in record[kind])
        return True

    monkeypatch.setattr(recovery, "end", end)
    lock = Lock(LEFT)
    with recovery.recover(lock, s3.Access(), runner):
        assert asked == ended
        assert lock.must_stay, "the lock names resources of another runner"
    assert "left alone" in caplog.text
    only = Lock({kind: [each for each in LEFT[kind] if each in ended] for kind in LEFT})
    with recovery.recover(only, s3.Access(), runner):
        assert not only.must_stay
