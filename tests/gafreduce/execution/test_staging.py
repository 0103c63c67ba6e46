"""Tests of Hadoop's settings for splits and reducers, by the size of the inputs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gafreduce.execution import hadoop_staging, staging
from gafreduce.execution.staging_area import StagingRequest
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.storage import s3
from gafreduce.storage.base import Identity

MIB, GIB = 1 << 20, 1 << 30
SPLIT = "mapreduce.input.fileinputformat.split.minsize"


def plain(*sizes: int) -> list[ListedInput]:
    return [listed(f"hdfs:///{number}.gaf", "plain", size) for number, size in enumerate(sizes)]


def listed(uri: str, compression: str, size: int) -> ListedInput:
    return ListedInput(uri, uri, "gaf", compression, Identity(size))


def settings_for(
    inputs: Sequence[ListedInput], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Return the settings of a run over such inputs."""
    seen: list[str] = []

    @contextlib.contextmanager
    def stage(_: Any, __: StagingRequest, options: Sequence[str]) -> Iterator[None]:
        seen.extend(options)
        yield

    monkeypatch.setattr(hadoop_staging, "stage_on_hadoop", stage)
    request = StagingRequest("0123456789ab", None, s3.Access(), folder)
    with staging.stage_inputs(inputs, "hadoop", request, lambda done, total: None):
        pass
    return dict(value.split("=", 1) for option, value in pairwise(seen) if option == "-D")


@pytest.mark.parametrize(
    ("sizes", "split"),
    [
        ((48 * MIB,) * 7, None),  # a block each, whatever a block is
        ((GIB, 4 * GIB), 128 * MIB),
        ((64 * GIB, 64 * GIB), 512 * MIB),
        ((2640 * GIB,), GIB),
    ],
)
def test_splits_grow_with_the_input(
    sizes: Sequence[int], split: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings_for(plain(*sizes), tmp_path, monkeypatch).get(SPLIT) == (split and str(split))


def test_compressed_files_are_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = [listed("hdfs:///a.gaf.gz", "gzip", 64 * GIB)]
    settings = settings_for(packed, tmp_path, monkeypatch)
    assert SPLIT not in settings
    assert settings["mapreduce.job.reduces"] == "64"


@pytest.mark.parametrize(
    ("sizes", "is_one"), [((MIB, MIB), True), ((65 * MIB,), False), ((MIB,) * 10, False)]
)
def test_small_runs_use_one_jvm(
    sizes: Sequence[int], is_one: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(plain(*sizes), tmp_path, monkeypatch)
    assert ("mapreduce.job.ubertask.enable" in settings) is is_one
    assert settings["mapreduce.job.reduces"] == "1"
