"""Events and settings: what they have to be, and what is refused."""

from typing import Any

import pytest

from gafreduce.cloud.events import read_event
from gafreduce.cloud.settings import read_settings
from gafreduce.errors import InputError, UsageError

#: As Amazon documents it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "17793124-05d4-b198-2fde-7ededc63b103",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "account": "111122223333",
    "time": "2021-11-12T00:00:00Z",
    "region": "ca-central-1",
    "resources": ["arn:aws:s3:::gafres"],
    "detail": {
        "version": "0",
        "bucket": {"name": "gafres"},
        "object": {
            "key": "in/seven/inputs.tsv",
            "size": 5,
            "etag": "b1946ac92492d2347c6235b4d2611184",
            "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            "sequencer": "617f08299329d189",
        },
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": "123456789012",
        "source-ip-address": "1.2.3.4",
        "reason": "PutObject",
    },
}


def with_key(key: str) -> dict[str, Any]:
    return {**EVENT, "detail": {**EVENT["detail"], "object": {"key": key}}}


@pytest.mark.parametrize(
    ("key", "name", "is_sheet"),
    [
        ("in/seven/inputs.tsv", "seven", True),
        ("in/my run/a+b.gaf.gz", "my run", False),  # keys are not URL-encoded
        ("in/a/b/inputs.tsv", "a/b", True),
        ("in/seven/old-inputs.tsv", "seven", False),
    ],
)
def test_an_event_names_a_folder(key, name, is_sheet):
    found = read_event(with_key(key))
    assert (found.bucket, found.key, found.name) == ("gafres", key, name)
    assert found.is_sheet is is_sheet
    assert found.sheet == f"s3://gafres/in/{name}/inputs.tsv"
    assert found.correlation_id == "17793124-05d4-b198-2fde-7ededc63b103"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        with_key("results/seven/inputs.tsv"),
        with_key("in/inputs.tsv"),
        with_key("in//inputs.tsv"),
        {**EVENT, "detail-type": "Object Deleted"},
        {**EVENT, "detail": None},
    ],
)
def test_other_events_are_refused(event):
    with pytest.raises(InputError, match=r"event: expected .*, got "):
        read_event(event)


NEEDED = {"GAFREDUCE_RESULTS": "s3://b/results/", "GAFREDUCE_STATE": "s3://b/tmp/state"}


def test_settings_have_defaults():
    found = read_settings(NEEDED)
    assert (found.results, found.reserve, found.most_bytes) == ("s3://b/results", 30, 1 << 30)
    assert found.large_runner == "emr"
    more = {"GAFREDUCE_OPTIONS": "--term 'GO:0009294' --scope target", "GAFREDUCE_RESERVE": "5"}
    found = read_settings(NEEDED | more)
    assert found.options == ("--term", "GO:0009294", "--scope", "target")
    assert found.reserve == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GAFREDUCE_RESULTS", ""),
        ("GAFREDUCE_RESULTS", "/tmp"),
        ("GAFREDUCE_MOST_BYTES", "-1"),
        ("GAFREDUCE_LARGE_RUNNER", "hadoop"),
    ],
)
def test_wrong_settings_are_named(name, value):
    with pytest.raises(UsageError, match=f"{name}: expected "):
        read_settings({**NEEDED, name: value})
