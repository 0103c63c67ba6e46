"""Tests of publishing to S3: one attempt wins, and a failed attempt leaves nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from gafreduce.errors import InputError, LockedError
from gafreduce.publishing import lock_record, manifest, s3_lock, s3_publish
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.publishing.s3_lock import S3Lock
from gafreduce.storage import s3_prefix
from gafreduce.storage.s3_prefix import Prefix


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setattr(s3_lock, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(s3_prefix, "_CONFLICT_SECONDS", 0)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="runs")
        yield client


def put_whole(folder: Path, bucket: str, prefix: str, run_id: str, client: Any) -> bool:
    """Lock a prefix and put a run there; False when it is there already."""
    place = Prefix(client, bucket, prefix)
    lock = s3_publish.lock_prefix(place, run_id)
    if lock is None:
        return False
    with s3_lock.hold_lock(lock, on_lost=lambda error: None):
        s3_publish.publish(RunFolder(folder), place, lock)
    return True


def is_published(bucket: str, prefix: str, run_id: str, client: Any) -> bool:
    return s3_publish._is_published(Prefix(client, bucket, prefix), run_id)


def keys(client: Any) -> set[str]:
    return {item["Key"] for item in client.list_objects_v2(Bucket="runs").get("Contents", [])}


def bodies(client: Any) -> dict[str, bytes]:
    return {
        key: client.get_object(Bucket="runs", Key=key)["Body"].read()
        for key in sorted(keys(client))
    }


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Make a run folder; gives its path."""

    def make(run_id: str, content: str = "a\n", more: str = "") -> Path:
        folder = tmp_path / f"{run_id}-{content.strip()}{more}"
        (folder / "tables").mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"run_id": run_id}))
        (folder / "report.html").write_text("<p>")
        (folder / "tables" / "x.tsv").write_text(content)
        if more:
            (folder / more).write_text("more")
        manifest.write_manifest(folder)
        return folder

    return make


FILES = {"p/MANIFEST.tsv", "p/report.html", "p/run.json", "p/tables/x.tsv"}


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Do something once, just before a file is uploaded."""

    def arrange(at: str, action: Callable[[], object]) -> None:
        original = Prefix.upload

        def upload(self: Prefix, path: Path, name: str, attempt: str) -> None:
            if name == at:
                monkeypatch.setattr(Prefix, "upload", original)
                action()
            original(self, path, name, attempt)

        monkeypatch.setattr(Prefix, "upload", upload)

    return arrange


def raises(problem: BaseException) -> Callable[..., object]:
    def do(*_: object) -> object:
        raise problem

    return do


def test_every_file_is_published_with_its_content_type(
    bucket: Any, make: Callable[..., Path]
) -> None:
    folder = make("one")
    assert not is_published("runs", "p", "one", bucket)
    assert put_whole(folder, "runs", "/p/", "one", bucket)
    assert keys(bucket) == FILES
    for name in FILES:
        assert bodies(bucket)[name] == (folder / name.removeprefix("p/")).read_bytes()
    types = {key: bucket.head_object(Bucket="runs", Key=key)["ContentType"] for key in FILES}
    assert types == {
        "p/MANIFEST.tsv": "text/tab-separated-values; charset=utf-8",
        "p/report.html": "text/html; charset=utf-8",
        "p/run.json": "application/json",
        "p/tables/x.tsv": "text/tab-separated-values; charset=utf-8",
    }
    assert is_published("runs", "p", "one", bucket)


def test_the_manifest_is_put_last(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    original = Prefix.put_if

    def put_if(self: Prefix, name: str, *rest: Any) -> str | None:
        seen.append((name, keys(bucket)))
        return original(self, name, *rest)

    monkeypatch.setattr(Prefix, "put_if", put_if)
    assert put_whole(make("one"), "runs", "p", "one", bucket)
    assert [name for name, _ in seen] == [s3_lock.NAME, s3_lock.NAME, s3_lock.NAME, manifest.NAME]
    assert seen[0][1] == set()
    assert seen[-1][1] == FILES - {"p/MANIFEST.tsv"} | {f"p/{s3_lock.NAME}"}


def test_the_same_run_is_left_alone_and_another_run_is_refused(
    bucket: Any, make: Callable[..., Path]
) -> None:
    put_whole(make("one"), "runs", "p", "one", bucket)
    before = bodies(bucket)
    assert not put_whole(make("one", "later\n"), "runs", "p", "one", bucket)
    with pytest.raises(InputError, match=r"s3://runs/p: expected an empty prefix or run two"):
        put_whole(make("two"), "runs", "p", "two", bucket)
    assert bodies(bucket) == before


@pytest.mark.parametrize("name", ["report.html", "notes.txt", "tables/other.tsv"])
def test_objects_of_others_are_not_touched(
    bucket: Any, make: Callable[..., Path], name: str
) -> None:
    bucket.put_object(Bucket="runs", Key=f"p/{name}", Body=b"mine")
    with pytest.raises(InputError, match=f"expected an empty prefix, got '{name}'"):
        put_whole(make("one"), "runs", "p", "one", bucket)
    assert bodies(bucket) == {f"p/{name}": b"mine"}


def test_objects_of_neighbouring_prefixes_are_ignored(
    bucket: Any, make: Callable[..., Path]
) -> None:
    bucket.put_object(Bucket="runs", Key="p", Body=b"")
    bucket.put_object(Bucket="runs", Key="p/", Body=b"")
    bucket.put_object(Bucket="runs", Key="pp/MANIFEST.tsv", Body=b"")
    assert put_whole(make("one"), "runs", "p", "one", bucket)


@pytest.mark.parametrize("run_id", ["one", "two"])
def test_a_run_that_was_finished_in_the_meantime_is_not_harmed(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, run_id: str
) -> None:
    winner, loser = make("one", "winner\n"), make(run_id, "loser\n")
    original = S3Lock.acquire

    def acquire(
        self: S3Lock,
    ) -> None:  # the other one begins and ends between the first look and the lock
        monkeypatch.setattr(S3Lock, "acquire", original)
        put_whole(winner, "runs", "p", "one", bucket)
        original(self)

    monkeypatch.setattr(S3Lock, "acquire", acquire)
    if run_id == "one":
        assert not put_whole(loser, "runs", "p", run_id, bucket)
    else:
        with pytest.raises(InputError, match="got run one"):
            put_whole(loser, "runs", "p", run_id, bucket)
    assert keys(bucket) == FILES
    assert bodies(bucket)["p/tables/x.tsv"] == b"winner\n"


def test_the_lock_of_a_live_holder_is_respected(
    bucket: Any,
    make: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    during: Callable[[str, Callable[[], object]], None],
) -> None:
    winner, loser = make("one", "winner\n"), make("one", "loser\n")
    holders: list[S3Lock] = []
    original = S3Lock.acquire

    def acquire(self: S3Lock) -> None:
        holders.append(self)
        original(self)

    monkeypatch.setattr(S3Lock, "acquire", acquire)

    def other() -> None:
        monkeypatch.setattr(
            "gafreduce.publishing.s3_lock.time.sleep", lambda seconds: holders[0].send_heartbeat()
        )
        with pytest.raises(LockedError, match="got another run publishing there"):
            put_whole(loser, "runs", "p", "one", bucket)

    during("run.json", other)
    assert put_whole(winner, "runs", "p", "one", bucket)
    assert keys(bucket) == FILES
    assert bodies(bucket)["p/tables/x.tsv"] == b"winner\n"


def test_the_lock_of_a_dead_attempt_is_taken_over_with_its_record(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:  # dies without a word, as by SIGKILL
        patched.setattr(s3_publish, "_withdraw", lambda *_: None)
        patched.setattr(s3_lock, "_release", lambda *_: None)
        patched.setattr(Prefix, "remove", lambda self, names: None)
        original = Prefix.upload
        patched.setattr(
            Prefix,
            "upload",
            lambda self, path, name, attempt: (
                raises(OSError("dead"))()
                if name == "tables/x.tsv"
                else original(self, path, name, attempt)
            ),
        )
        with pytest.raises(OSError, match="dead"):
            put_whole(make("zero", more="extra.json"), "runs", "p", "zero", bucket)
    assert "p/extra.json" in keys(bucket)
    assert f"p/{s3_lock.NAME}" in keys(bucket)
    assert put_whole(make("one"), "runs", "p", "one", bucket)
    assert keys(bucket) == FILES


def test_an_old_lock_is_taken_over_without_waiting(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'{"applications": ["application_1_1"], "files": ["a"], "more": 1}'
    bucket.put_object(Bucket="runs", Key=f"p/{s3_lock.NAME}", Body=body)
    read = Prefix.read

    def aged(self: Prefix, name: str) -> Any:
        found = read(self, name)
        return found and found._replace(age=s3_lock.STALE_SECONDS)

    monkeypatch.setattr(Prefix, "read", aged)
    monkeypatch.setattr(
        "gafreduce.publishing.s3_lock.time.sleep", raises(AssertionError("it watched"))
    )
    lock = S3Lock(Prefix(bucket, "runs", "p"), "one")
    lock.acquire()
    assert lock.left_behind["applications"] == ("application_1_1",)
    lock.record(lock_record.APPLICATIONS, ["application_1_2"])
    known = json.loads(bodies(bucket)[f"p/{s3_lock.NAME}"])
    assert known["applications"] == ["application_1_1", "application_1_2"], "should it die as well"
    assert known["files"] == ["a"]
    assert known["attempt"] == lock.attempt
    assert known["run_id"] == "one"


def test_the_age_of_an_object_is_measured_by_the_servers_clock(bucket: Any) -> None:
    found = s3_prefix._age(
        {
            "LastModified": datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC),
            "ResponseMetadata": {"HTTPHeaders": {"date": "Thu, 01 Jan 2026 00:01:01 GMT"}},
        }
    )
    assert found == 61
    assert s3_prefix._age({"ResponseMetadata": {}}) == 0


def test_one_of_two_attempts_takes_over_a_dead_lock(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put_object(Bucket="runs", Key=f"p/{s3_lock.NAME}", Body=b"not even JSON")
    place = Prefix(bucket, "runs", "p")
    first, second = S3Lock(place, "one"), S3Lock(place, "one")
    original = S3Lock._wait_until_stale

    def wait_until_stale(self: S3Lock, found: Any) -> None:
        original(self, found)
        if self is second:
            monkeypatch.setattr(S3Lock, "_wait_until_stale", original)
            first.acquire()
            # the next request of the second comes too late; then it waits for a live lock
            monkeypatch.setattr(
                "gafreduce.publishing.s3_lock.time.sleep", lambda seconds: first.send_heartbeat()
            )

    monkeypatch.setattr(S3Lock, "_wait_until_stale", wait_until_stale)
    with pytest.raises(LockedError, match="another run publishing"):
        second.acquire()
    first.send_heartbeat()


def test_one_of_many_attempts_acquires_the_lock(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = threading.Lock()  # a conditional put is atomic in S3, but not in the stand-in
    original = Prefix._put

    def put(self: Prefix, *arguments: Any) -> str | None:
        with server:
            return original(self, *arguments)

    def wait_until_stale(self: S3Lock, found: Any) -> None:
        raise self._make_error()

    monkeypatch.setattr(Prefix, "_put", put)
    monkeypatch.setattr(S3Lock, "_wait_until_stale", wait_until_stale)
    barrier = threading.Barrier(8)

    def attempt(number: int) -> bool:
        barrier.wait()
        try:
            S3Lock(Prefix(bucket, "runs", "p"), str(number)).acquire()
        except LockedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_an_attempt_that_lost_its_lock_stops_and_leaves_the_new_holders_objects(
    bucket: Any, make: Callable[..., Path], during: Callable[[str, Callable[[], object]], None]
) -> None:
    winner = make("one", "winner\n")
    # the first one hangs so long that another takes its lock over and publishes
    during("run.json", lambda: put_whole(winner, "runs", "p", "one", bucket))
    with pytest.raises(LockedError, match="another run publishing"):
        # of the same size, as tables of the same run are
        put_whole(make("one", "losing\n", "extra"), "runs", "p", "one", bucket)
    assert {"p/MANIFEST.tsv", "p/report.html"} <= keys(bucket)
    assert is_published("runs", "p", "one", bucket)


@pytest.mark.parametrize("at", ["report.html", "run.json", "tables/x.tsv"])
@pytest.mark.parametrize(
    "problem", [OSError("no route"), KeyboardInterrupt(), error("AccessDenied")], ids=repr
)
def test_a_failed_upload_leaves_no_objects(
    bucket: Any,
    make: Callable[..., Path],
    during: Callable[[str, Callable[[], object]], None],
    at: str,
    problem: BaseException,
) -> None:
    during(at, raises(problem))
    with pytest.raises(type(problem)):
        put_whole(make("one"), "runs", "p", "one", bucket)
    assert keys(bucket) == set()


@pytest.fixture
def put(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    """Replace the client's put_object; the function gets the original one first."""

    def replace(function: Callable[..., Any]) -> None:
        original = bucket.put_object
        monkeypatch.setattr(bucket, "put_object", lambda **given: function(original, **given))

    return replace


def test_a_manifest_without_a_response_is_removed_again(
    bucket: Any, make: Callable[..., Path], put: Callable[[Callable[..., Any]], None]
) -> None:
    def lose(original: Callable[..., Any], **given: Any) -> Any:
        answer = original(**given)
        if given["Key"].endswith("MANIFEST.tsv"):
            raise EndpointConnectionError(endpoint_url="there")
        return answer

    put(lose)
    with pytest.raises(EndpointConnectionError):
        put_whole(make("one"), "runs", "p", "one", bucket)
    assert keys(bucket) == set()


def test_a_repeated_put_recognises_its_own_object(
    bucket: Any, make: Callable[..., Path], put: Callable[[Callable[..., Any]], None]
) -> None:
    def twice(original: Callable[..., Any], **given: Any) -> Any:
        original(**given)
        return original(**given)  # refused: the first one is there

    put(twice)
    assert put_whole(make("one"), "runs", "p", "one", bucket)
    assert keys(bucket) == FILES


def test_a_conflict_is_retried(
    bucket: Any, make: Callable[..., Path], put: Callable[[Callable[..., Any]], None]
) -> None:
    conflicts = {f"p/{s3_lock.NAME}": 2, "p/MANIFEST.tsv": 3}

    def conflict(original: Callable[..., Any], **given: Any) -> Any:
        if conflicts.get(given["Key"], 0):
            conflicts[given["Key"]] -= 1
            raise error("ConditionalRequestConflict")
        return original(**given)

    put(conflict)
    assert put_whole(make("one"), "runs", "p", "one", bucket)
    assert set(conflicts.values()) == {0}
    assert keys(bucket) == FILES


def test_a_prefix_that_cannot_be_cleaned_stays_locked_until_the_next_attempt(
    bucket: Any,
    make: Callable[..., Path],
    during: Callable[[str, Callable[[], object]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    during("tables/x.tsv", raises(OSError("no route")))
    with monkeypatch.context() as patched:
        patched.setattr(bucket, "delete_object", lambda **_: raises(error("SlowDown"))())
        with pytest.raises(OSError, match="no route"):
            put_whole(make("one"), "runs", "p", "one", bucket)
    assert f"p/{s3_lock.NAME}" in keys(bucket)
    assert not is_published("runs", "p", "one", bucket)
    assert put_whole(make("two"), "runs", "p", "two", bucket)
    assert keys(bucket) == FILES


def test_a_lock_that_cannot_be_removed_does_not_undo_the_run(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make("one")
    with monkeypatch.context() as patched:
        patched.setattr(bucket, "delete_object", lambda **_: raises(error("SlowDown"))())
        assert put_whole(folder, "runs", "p", "one", bucket)
    assert keys(bucket) >= FILES
    assert not put_whole(folder, "runs", "p", "one", bucket)


def test_parts_of_a_large_file_are_aborted(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client(
        "s3", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1})
    )

    def refuse(request: Any, **_: Any) -> None:
        if b"partNumber=2" in request.url.encode():
            raise error("AccessDenied")

    client.meta.events.register("before-send.s3.UploadPart", refuse)
    folder = make("one")
    (folder / "tables" / "x.tsv").write_bytes(b"x" * (11 << 20))
    manifest.write_manifest(folder)
    parts = TransferConfig(multipart_threshold=1 << 20, multipart_chunksize=5 << 20)
    original = client.upload_file

    def upload(*given: Any, **named: Any) -> None:
        original(*given, **{**named, "Config": parts})

    monkeypatch.setattr(client, "upload_file", upload)
    with pytest.raises(boto3.exceptions.S3UploadFailedError, match="AccessDenied"):
        put_whole(folder, "runs", "p", "one", client)
    assert keys(bucket) == set()
    assert bucket.list_multipart_uploads(Bucket="runs").get("Uploads", []) == []


def test_heartbeats_keep_a_lock_though_a_request_is_lost(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats = threading.Event()
    n_beats = 0
    original = S3Lock.send_heartbeat

    def send_heartbeat(self: S3Lock) -> None:
        nonlocal n_beats
        n_beats += 1
        if n_beats == 1:
            raise EndpointConnectionError(endpoint_url="there")
        original(self)
        beats.set()

    monkeypatch.setattr(S3Lock, "send_heartbeat", send_heartbeat)
    monkeypatch.setattr(s3_lock, "_BEAT_SECONDS", 0.001)
    place = Prefix(bucket, "runs", "p")
    lock = S3Lock(place, "one")
    lock.acquire()
    with s3_lock.hold_lock(lock, on_lost=lambda error: None):
        assert beats.wait(60)
        lock.check()
        found = place.read(s3_lock.NAME)
        assert found is not None
        assert json.loads(found.body)["run_id"] == "one"
    assert keys(bucket) == set()


@pytest.mark.parametrize(
    ("key", "body", "message"),
    [
        ("p/tables/x.tsv", None, "tables/x.tsv: expected 2 bytes, got no such file"),
        ("p/report.html", b"", "report.html: expected 3 bytes, got 0"),
        ("p/tables/y.tsv", b"", "tables/y.tsv: expected a row in MANIFEST.tsv, got none"),
        ("p/MANIFEST.tsv", 40, "MANIFEST.tsv: expected one whole row for each file, got others"),
        ("p/MANIFEST.tsv", 0, "MANIFEST.tsv: expected one whole row for each file, got others"),
        ("p/MANIFEST.tsv", 18, "tables/x.tsv: expected a row in MANIFEST.tsv, got none"),
    ],
)
def test_an_incomplete_run_is_an_error(
    bucket: Any, make: Callable[..., Path], key: str, body: bytes | int | None, message: str
) -> None:
    put_whole(make("one"), "runs", "p", "one", bucket)
    if body is None:
        bucket.delete_object(Bucket="runs", Key=key)
    else:
        whole = bodies(bucket).get(key, b"")
        cut = whole[:body] if isinstance(body, int) else body
        bucket.put_object(Bucket="runs", Key=key, Body=cut)
    before = bodies(bucket)
    with pytest.raises(InputError, match=f"s3://runs/p/{message}"):
        put_whole(make("one", "again\n"), "runs", "p", "one", bucket)
    assert bodies(bucket) == before


def test_other_files_next_to_a_run_do_not_make_it_incomplete(
    bucket: Any, make: Callable[..., Path]
) -> None:
    put_whole(make("one"), "runs", "p", "one", bucket)
    bucket.put_object(Bucket="runs", Key="p/notes.txt", Body=b"mine")
    assert is_published("runs", "p", "one", bucket)


def test_force_finds_an_unused_prefix(bucket: Any, make: Callable[..., Path]) -> None:
    assert s3_publish.find_unused_prefix("runs", "p/", bucket) == "p"
    put_whole(make("one"), "runs", "p", "one", bucket)
    assert s3_publish.find_unused_prefix("runs", "p/", bucket) == "p-2"
    bucket.put_object(Bucket="runs", Key="p-2/x", Body=b"")
    assert s3_publish.find_unused_prefix("runs", "p", bucket) == "p-3"


def test_a_manifest_without_a_run_record_is_an_error(
    bucket: Any, make: Callable[..., Path]
) -> None:
    bucket.put_object(Bucket="runs", Key="p/MANIFEST.tsv", Body=b"")
    with pytest.raises(InputError, match="got run of unknown id"):
        is_published("runs", "p", "one", bucket)
    bucket.put_object(Bucket="runs", Key="p/run.json", Body=b"[]")
    with pytest.raises(InputError, match=r"p/run\.json: expected the record of a run"):
        put_whole(make("one"), "runs", "p", "one", bucket)
