"""The meter of bytes that processes read."""

from __future__ import annotations

import pytest

from gafreduce.jobs.files import read_meter


@pytest.fixture(autouse=True)
def unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without a meter, and leave the one of the tests' process as it was."""
    for name, value in (("counts", None), ("own", 0), ("report", None)):
        monkeypatch.setattr(read_meter._Meter, name, value)


def test_bytes_are_reported_while_a_meter_is_open() -> None:
    seen: list[int] = []
    read_meter.count(1)  # of a task of a cluster
    with read_meter.open_meter(seen.append):
        assert read_meter.is_open()
        read_meter.count(3)
        read_meter.count(4)
    assert seen == [3, 7, 7]
    assert not read_meter.is_open()
    with read_meter.open_meter(seen.append):  # goes on with the counts of the first one
        read_meter.count(1)
    assert seen[3:] == [8, 8]


def test_each_process_has_a_count_of_its_own_beside_that_of_the_parent() -> None:
    with read_meter.open_meter(lambda n_bytes: None):
        counts = read_meter._Meter.counts
        assert counts is not None
        for number in (0, 1, 254, 255, 1000):
            read_meter.join_meter(number)
            assert not read_meter.is_open(), "the parent reports"
            read_meter.count(1)
        assert (sum(counts), counts[0], counts[1], counts[255]) == (5, 0, 2, 1)


def test_the_count_of_another_process_is_set_and_reported() -> None:
    seen: list[int] = []
    read_meter.set_count(0, 7)  # without a meter
    with read_meter.open_meter(seen.append):
        read_meter.count(1)
        read_meter.set_count(0, 10)
        read_meter.set_count(1, 20)
        read_meter.set_count(0, 12)
    assert seen[:4] == [1, 11, 31, 33]
