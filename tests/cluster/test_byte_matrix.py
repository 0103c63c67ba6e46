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

Golden = Callable[..., list[bytes]]
Put = Callable[..., list[InputFile]]


def test_local_equals_inline(job: Job, excerpts: list[InputFile], golden: Golden) -> None:
    assert len(golden(excerpts)) > 1000
    assert job("local", excerpts) == golden(excerpts)


def test_hadoop_in_uber_mode_equals_inline(
    job: Job, excerpts: list[InputFile], put: Put, golden: Golden
) -> None:
    assert job("hadoop", put(excerpts, "excerpts")) == golden(excerpts)


def test_reducers_and_small_splits_change_nothing(
    job: Job, two_plain: list[InputFile], put: Put, golden: Golden
) -> None:
    one = two_plain[:1]
    reducers = ("-D", "mapreduce.job.reduces=3")
    assert job("hadoop", put(one, "plain"), *reducers, uber=False) == golden(one)


def test_hadoop_from_s3_to_s3_equals_inline(
    job: Job, excerpts: list[InputFile], in_bucket: list[InputFile], s3: Any, golden: Golden
) -> None:
    job("hadoop", in_bucket, output="s3://results/results/by-hadoop")
    assert records(objects(s3, "results", "results/by-hadoop/")) == golden(excerpts)


@pytest.mark.xdist_group("control-plane")
def test_emr_path_equals_inline(
    job: Job,
    excerpts: list[InputFile],
    in_bucket: list[InputFile],
    s3: Any,
    golden: Golden,
    worker: str,
) -> None:
    job("emr", in_bucket, output="s3://results/results/by-emr")
    assert records(objects(s3, "results", "results/by-emr/")) == golden(excerpts)
    left = s3.list_objects_v2(Bucket="results", Prefix=f"tmp/{worker}/")
    assert left["KeyCount"] == 0
