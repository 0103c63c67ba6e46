"""The client of a Hadoop is started as seldom as possible, and removes the files of a run."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gafreduce.execution import hadoop_staging, post_job
from gafreduce.execution.post_job import PostJobWork
from gafreduce.execution.staging_area import StagingArea, StagingRequest
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.inputs.verify import ChangedError
from gafreduce.jobs.annotation_profile import MRAnnotationProfile
from gafreduce.storage import s3
from gafreduce.storage.base import Identity
from gafreduce.storage.hadoop import (
    PRIVATE,
    Hadoop,
    HadoopError,
    find_application,
    has_tasks,
)
from gafreduce.storage.s3_storage import WRITE_OPTIONS

#: Keeps files in a local folder and says what Hadoop 3.4 says.
HADOOP = r"""#!/bin/sh
echo "$*" >> {folder}/calls
[ "$2" = -D ] && {{ shift 3; set -- fs "$@"; }}
[ "$3" = -t ] && {{ shift 4; set -- fs -put "$@"; }}
case "$1 $2" in
  "version ") echo Hadoop 9.9.9 ;;
  "fs -put")
    parent=$(dirname "{folder}/${{4#hdfs:///}}")
    [ -d "$parent" ] || {{ echo "put: \`$4': No such file or directory: \`$4'" >&2; exit 1; }}
    cp -rL "$3" "{folder}/${{4#hdfs:///}}" ;;
  "fs -mkdir") mkdir -p "{folder}/${{4#hdfs:///}}" ;;
  "fs -rm") [ ! -e {folder}/refuse ] || exit 1 ;;
esac
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "hadoop-streaming-3.4.2.jar").touch()
    binary = home / "bin" / "hadoop"
    binary.write_text(HADOOP.format(folder=home))
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(home))
    return home


def calls(home: Path) -> list[str]:
    log = home / "calls"
    return log.read_text().splitlines() if log.exists() else []


def uploading(home: Path, tmp_path: Path) -> Any:
    """Return mrjob's runner of a job, before it uploads."""
    files = [tmp_path / name for name in ("terms", "inputs", "filters")]
    for path in files:
        path.write_text(path.name)
    options = ("--term-file", "--input-list", "--filters")
    job = MRAnnotationProfile(
        [
            *("-r", "hadoop", "--no-conf", "--no-check-input-paths"),
            *(part for pair in zip(options, map(str, files), strict=True) for part in pair),
            *("--hadoop-tmp-dir", "hdfs:///tmp/some", "hdfs:///in/a.gaf"),
        ]
    )
    return job.make_runner()


@pytest.mark.parametrize("is_there", [True, False])
def test_files_of_a_job_are_uploaded_in_one_call(
    home: Path, tmp_path: Path, is_there: bool
) -> None:
    if is_there:
        (home / "tmp" / "some").mkdir(parents=True)
    with uploading(home, tmp_path) as runner:
        runner._add_job_files_for_upload()
        runner._upload_local_files()
        root = runner._hadoop_tmp_dir
    asked = [call.split()[1] for call in calls(home) if not call.startswith("fs -rm")]
    assert asked == (["-put"] if is_there else ["-put", "-mkdir", "-put"])
    folder = home / root.removeprefix("hdfs:///")
    put = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {"files/wd/terms", "files/wd/inputs", "files/wd/filters"} <= put
    assert (folder / "files/wd/terms").read_text() == "terms"


@pytest.mark.parametrize("version", ["3.4.0", "3.3.6", "2.10.2"])
def test_older_hadoop_uploads_files_one_by_one(home: Path, tmp_path: Path, version: str) -> None:
    (home / "hadoop-streaming-3.4.2.jar").rename(home / f"hadoop-streaming-{version}.jar")
    (home / "tmp" / "some").mkdir(parents=True)
    with uploading(home, tmp_path) as runner:
        runner._add_job_files_for_upload()
        runner._upload_local_files()
    put = next(call for call in calls(home) if call.startswith("fs -put"))
    assert ("-t 8" in put) == (version == "3.4.0")


def test_other_upload_failure_is_not_taken_for_a_missing_folder(home: Path, tmp_path: Path) -> None:
    (home / "bin" / "hadoop").write_text("#!/bin/sh\necho 'put: no room' >&2\nexit 1\n")
    with uploading(home, tmp_path) as runner, pytest.raises(subprocess.CalledProcessError):
        runner._upload_local_files()


@pytest.mark.parametrize(
    ("jar", "version", "n_calls"),
    [("hadoop-streaming-3.4.2.jar", "3.4.2", 0), ("hadoop-streaming.jar", "9.9.9", 1)],
)
def test_version_is_read_from_the_name_of_the_jar(
    home: Path, tmp_path: Path, jar: str, version: str, n_calls: int
) -> None:
    (home / "hadoop-streaming-3.4.2.jar").rename(home / jar)
    with uploading(home, tmp_path) as runner:
        assert runner.get_hadoop_version() == version
    assert calls(home).count("version") == n_calls


@pytest.mark.parametrize("n_files", [1, 300])
def test_local_files_are_uploaded_into_one_folder(home: Path, tmp_path: Path, n_files: int) -> None:
    names = [f"{number}.gaf{'.gz' if number % 2 else ''}" for number in range(n_files)]
    inputs = []
    for name in names:
        (tmp_path / name).write_text(name)
        kind = "gzip" if name.endswith(".gz") else "plain"
        path = str(tmp_path / name)
        inputs.append(ListedInput(path, name, "gaf", kind, Identity(len(name))))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    in_s3 = ListedInput("s3://gaf/a.gaf", "a.gaf", "gaf", "plain", Identity(1))
    request = StagingRequest("0123456789ab", None, s3.Access(), scratch)
    with hadoop_staging.stage_on_hadoop(inputs, request, ()) as area:
        (folder,) = area.input_paths
        uris = [each.uri for each in area.inputs]
        assert {uri.rpartition("/")[0] for uri in uris} == {folder}
        put = home / folder.removeprefix("hdfs:///")
        assert [(put / uri.rpartition("/")[2]).read_text() for uri in uris] == names
        assert [uri.endswith(".gz") for uri in uris] == [name.endswith(".gz") for name in names]
    asked = [call.replace(f"-D {PRIVATE} ", "").split()[1] for call in calls(home)]
    assert asked == ["-mkdir", "-put", "-rm", "-rmdir"]
    (scratch / "put").rename(tmp_path / "put")
    with hadoop_staging.stage_on_hadoop([*inputs[:1], in_s3], request, ()) as area:
        assert area.options[area.options.index("--hadoop-bin") + 1] == str(home / "bin" / "hadoop")
        assert area.input_paths == (area.inputs[0].uri, "s3://gaf/a.gaf")


def test_only_output_in_s3_excludes_speculative_tasks(home: Path, tmp_path: Path) -> None:
    conf = tmp_path / "mrjob.conf"
    for folder, is_safe in (("s3a://gaf/tmp", True), ("hdfs:///tmp/me", False)):
        conf.write_text(f"runners: {{hadoop: {{hadoop_tmp_dir: '{folder}'}}}}\n")
        request = StagingRequest("0123456789ab", conf, s3.Access(), tmp_path)
        with hadoop_staging.stage_on_hadoop((), request, ()) as area:
            assert area.output_path("job").startswith(folder)
            assert (set(WRITE_OPTIONS) <= set(area.options)) is is_safe


# after the jobs


def test_folder_of_an_attempt_is_removed_once_with_the_empty_folder_of_its_run(home: Path) -> None:
    client = Hadoop(str(home / "bin" / "hadoop"), "hdfs:///tmp/me/0123456789ab/01234567")
    client.remove()
    client.remove()
    assert calls(home) == [
        "fs -rm -r -f -skipTrash hdfs:///tmp/me/0123456789ab/01234567",
        "fs -rmdir --ignore-fail-on-non-empty hdfs:///tmp/me/0123456789ab",
    ]


def test_folder_of_no_run_is_kept_and_removal_is_repeated_after_a_failure(home: Path) -> None:
    (home / "refuse").touch()
    client = Hadoop(str(home / "bin" / "hadoop"), "hdfs:///tmp/me/01234567")
    with pytest.raises(HadoopError):
        client.remove()
    (home / "refuse").unlink()
    client.remove()
    assert [call.split()[1] for call in calls(home)] == ["-rm", "-rm"]


@pytest.mark.parametrize("has_success", [True, False])
def test_only_the_parts_of_a_finished_job_are_downloaded(
    home: Path, tmp_path: Path, has_success: bool
) -> None:
    written = ["part-00001", "part-00000", *["_SUCCESS"][:has_success]]
    touched = " ".join(f'"$4/{name}"' for name in written)
    (home / "bin" / "hadoop").write_text(f"#!/bin/sh\n[ $2 = -get ] && touch {touched}\n")
    client, folder = Hadoop(str(home / "bin" / "hadoop"), "hdfs:///tmp/x"), tmp_path / "a" / "parts"
    if has_success:
        parts = client.download_parts("hdfs:///tmp/x/job", folder)
        assert parts == [folder / "part-00000", folder / "part-00001"]
    else:
        with pytest.raises(HadoopError, match="job: expected _SUCCESS with the parts, got none"):
            client.download_parts("hdfs:///tmp/x/job", folder)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [("6", True), ("0", False), ("WARN 3\n1", True), ("3 none", False), ("", False)],
)
def test_a_job_has_tasks_once_one_was_launched(home: Path, printed: str, expected: bool) -> None:
    mapred = home / "bin" / "mapred"
    mapred.write_text(f"#!/bin/sh\n[ $3 = job_1_0001 ] && printf '{printed}'\n")
    mapred.chmod(0o755)
    assert has_tasks(str(mapred), "application_1_0001") is expected


@pytest.mark.parametrize(
    ("printed", "code"),
    [("\tApplication-Name : x\n\tUser : me\n", 1), ("\tUser : me\n", 0), ("", 0)],
)
def test_an_application_without_a_state_is_an_error(home: Path, printed: str, code: int) -> None:
    yarn = home / "bin" / "yarn"
    yarn.write_text(f"#!/bin/sh\nprintf '{printed}'\necho refused >&2\nexit {code}\n")
    yarn.chmod(0o755)
    with pytest.raises(HadoopError, match="application_1_0001: expected its state, got: refused"):
        find_application(str(yarn), "application_1_0001")


def make_area(remove: Callable[[], None]) -> StagingArea:
    class Area(StagingArea):
        def remove(self) -> None:
            remove()

    return Area((), "")


def test_work_after_the_jobs_runs_in_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setattr(post_job.verify, "check_unchanged", lambda *_: done.append("check"))
    with PostJobWork([], s3.Access(), make_area(lambda: done.append("release"))) as work:
        work.wait()
        assert done == []  # nothing was begun
        work.start()
        work.wait()
    assert sorted(done) == ["check", "release"]


def test_a_changed_input_fails_the_run_and_a_failed_removal_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise HadoopError("no")

    def changed(*_: object) -> None:
        raise ChangedError("replaced")

    with PostJobWork([], s3.Access(), make_area(refuse)) as work:
        work.start()
        work.wait()
    monkeypatch.setattr(post_job.verify, "check_unchanged", changed)
    with PostJobWork([], s3.Access(), make_area(refuse)) as work:
        work.start()
        with pytest.raises(ChangedError, match="replaced"):
            work.wait()


def test_a_failed_run_waits_for_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    def slowly() -> None:
        time.sleep(0.05)
        ended.append(True)

    monkeypatch.setattr(post_job.verify, "check_unchanged", lambda *_: None)
    work = PostJobWork([], s3.Access(), make_area(slowly))
    work.start()
    work.__exit__(KeyboardInterrupt())
    assert ended
