"""The main job gives the same bytes wherever it runs, started by hand as mrjob users do.

Golden is the inline runner's output over the same files. Records are compared sorted, all of them
and byte for byte, but for two facts about an input file that only this machine can see as it reads:
its stored bytes and their sha256 (a task on a cluster sees text). From S3 to S3 the script runs in
test_faults_s3.py, on EMR in test_faults_control_plane.py: golden although something fails.
"""

from collections.abc import Callable

from job_runs import Job

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
