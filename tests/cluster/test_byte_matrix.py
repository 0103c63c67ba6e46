"""The main job gives the same bytes wherever it runs, started by hand as mrjob users do.

Golden is the inline runner's output over the same files. Records are compared sorted, all of them
and byte for byte, but for two facts about an input file that only this machine can see as it reads:
its stored bytes and their sha256 (a task on a cluster sees text).
"""

from collections.abc import Callable
from typing import Any

import pytest
from job_runs import Job, objects, records

from jobs.input_list import InputFile


def test_local_equals_inline(job: Job, excerpts: list[InputFile]) -> None:
    golden = job("inline", excerpts)
    assert len(golden) > 1000
    assert job("local", excerpts) == golden


def test_hadoop_in_uber_mode_equals_inline(
    job: Job, excerpts: list[InputFile], put: Callable[..., list[InputFile]]
) -> None:
    assert job("hadoop", put(excerpts, "excerpts")) == job("inline", excerpts)


@pytest.mark.parametrize("reducers", [3, 8])
def test_reducers_and_small_splits_change_nothing(
    job: Job, two_plain: list[InputFile], put: Callable[..., list[InputFile]], reducers: int
) -> None:
    one = two_plain[:1]
    made = job("hadoop", put(one, "plain"), "-D", f"mapreduce.job.reduces={reducers}", uber=False)
    assert made == job("inline", one)


def test_whole_files_in_containers_equal_inline(
    job: Job, whole: list[InputFile], put: Callable[..., list[InputFile]]
) -> None:
    made = job("hadoop", put(whole, "whole"), uber=False)
    assert made == job("inline", whole)


def test_hadoop_from_s3_to_s3_equals_inline(
    job: Job, excerpts: list[InputFile], in_bucket: list[InputFile], s3: Any
) -> None:
    job("hadoop", in_bucket, output="s3://results/results/by-hadoop")
    assert records(objects(s3, "results", "results/by-hadoop/")) == job("inline", excerpts)


def test_emr_path_equals_inline(
    job: Job, excerpts: list[InputFile], in_bucket: list[InputFile], s3: Any
) -> None:
    job("emr", in_bucket, output="s3://results/results/by-emr")
    assert records(objects(s3, "results", "results/by-emr/")) == job("inline", excerpts)
    left = s3.list_objects_v2(Bucket="results", Prefix="tmp/")
    assert left["KeyCount"] == 0
