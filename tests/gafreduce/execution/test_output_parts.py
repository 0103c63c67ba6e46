"""Tests of the number of part files, which is that of the reducers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mrjob.runner import MRJobRunner

from gafreduce.execution import job
from gafreduce.execution.job import JobError, JobOptions, SideFiles
from gafreduce.execution.staging_area import StagingArea
from gafreduce.jobs.annotation_profile import MRAnnotationProfile
from gafreduce.storage import s3, s3_storage
from gafreduce.storage.s3_errors import S3Error


class _Area(StagingArea):
    def __init__(self, n_parts: int) -> None:
        super().__init__((), "hdfs:///tmp/x")
        self._n_parts = n_parts

    def download_parts(self, output: str, folder: Path) -> list[Path]:
        return [folder / f"part-{number:05d}" for number in range(self._n_parts)]


@pytest.mark.parametrize("n_parts", [0, 2, 4])
def test_missing_or_extra_parts_fail_the_run(tmp_path: Path, n_parts: int) -> None:
    area = _Area(n_parts)
    words = f"hdfs:///tmp/x/job: expected 3 parts, one for each reducer, got {n_parts}"
    with pytest.raises(JobError, match=words):
        area.collect_parts("job", tmp_path, 3)
    assert len(area.collect_parts("job", tmp_path)) == n_parts, "the number is not known"


def test_one_part_for_each_reducer_is_expected(tmp_path: Path) -> None:
    assert len(_Area(3).collect_parts("job", tmp_path, 3)) == 3


def test_parts_in_s3_are_downloaded_as_listed(
    s3_client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_client.create_bucket(Bucket="gaf")
    for name in ("_SUCCESS", "part-00000", "part-00001"):
        s3_client.put_object(Bucket="gaf", Key=f"tmp/job/{name}", Body=name.encode())
    access, uri = s3.Access(), "s3://gaf/tmp/job"
    parts = s3_storage.download_parts(access, uri, tmp_path / "new" / "parts")
    assert [path.read_text() for path in parts] == ["part-00000", "part-00001"]
    assert sorted(path.name for path in (tmp_path / "new" / "parts").iterdir()) == [
        "part-00000",
        "part-00001",
    ]
    list_objects = s3.list_objects

    def replaced(client: Any, location: s3.Location) -> list[Any]:
        found = list(list_objects(client, location))
        s3_client.put_object(Bucket="gaf", Key="tmp/job/part-00001", Body=b"another's")
        return found

    monkeypatch.setattr(s3, "list_objects", replaced)
    with pytest.raises(S3Error, match="the object changed since it was listed"):
        s3_storage.download_parts(access, uri, tmp_path / "again")


@pytest.mark.parametrize(
    ("runner", "settings", "expected"),
    [
        ("hadoop", ("mapreduce.job.reduces=1",), 1),
        ("hadoop", ("mapreduce.job.reduces=1", "mapreduce.job.reduces=5"), 5),
        ("hadoop", ("mapreduce.job.reduces=5", "mapreduce.job.reduces=0"), 0),  # of maps alone
        ("hadoop", ("mapreduce.job.reduces=1", "mapred.reduce.tasks=5"), 0),
        ("hadoop", (), 7),
        ("inline", ("mapreduce.job.reduces=5",), 0),
    ],
)
def test_the_number_of_reducers_is_the_last_setting(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    runner: str,
    settings: tuple[str, ...],
    expected: int,
) -> None:
    binary = tmp_path / "hadoop"
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    conf = tmp_path / "mrjob.conf"
    conf.write_text(
        f"runners: {{hadoop: {{hadoop_bin: {binary}, hadoop_streaming_jar: {tmp_path / 'x.jar'}, "
        "jobconf: {mapreduce.job.reduces: 7}}}\n"
    )
    monkeypatch.setattr(MRJobRunner, "run", lambda self: None)
    files = SideFiles(*(tmp_path / name for name in ("terms", "inputs", "filters")))
    for path in (files.term_file, files.input_list, files.filters):
        path.touch()
    more = tuple(part for setting in settings for part in ("-D", setting))
    options = JobOptions(runner, conf, more=more)
    found = job.run_job(MRAnnotationProfile, (), ["/a.gaf"], files, "hdfs:///out", options)
    assert found == expected
