from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from mrjob.step import StepFailedException

from gafreduce.execution import job
from gafreduce.jobs.annotation_profile import MRAnnotationProfile
from gafreduce.storage.hadoop import HadoopError


def test_a_full_disk_names_the_temporary_folder() -> None:
    full = StepFailedException("OSError: [Errno 28] No space left on device")
    assert job._describe(full) == (
        "the job failed: OSError: [Errno 28] No space left on device (temporary files are in "
        f"{tempfile.gettempdir()}: set TMPDIR to a folder with space)"
    )


def test_a_long_command_is_left_out_of_the_message() -> None:
    assert job._describe(StepFailedException("Command '['hadoop', ...", 1, 2)) == (
        "step 2 of the job failed"
    )


def test_a_hadoop_without_a_streaming_jar_is_named_before_anything_is_uploaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "bin" / "hadoop"
    binary.parent.mkdir()
    binary.write_text("#!/bin/sh\nexit 9\n")
    binary.chmod(0o755)
    for name in ("HADOOP_PREFIX", "HADOOP_INSTALL", "HADOOP_MAPRED_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    side_files = job.SideFiles(*(tmp_path / name for name in ("terms", "inputs", "filters")))
    options = job.JobOptions("hadoop")
    with pytest.raises(HadoopError, match=r"expected Hadoop's streaming jar, .* doctor hadoop"):
        job.run_job(MRAnnotationProfile, [], [], side_files, "hdfs:///there", options)
