"""Publishing to S3: exactly one attempt wins, and whoever fails leaves nothing and harms nobody."""

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

from gafreduce.publishing import lock_record, manifest, s3_lock, s3_publish
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.publishing.s3_lock import Claim
from gafreduce.storage import s3_prefix
from gafreduce.storage.s3_prefix import Prefix, PublishError


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
    """Claim a prefix and put a run there; False when it is there already."""
    place = Prefix(client, bucket, prefix)
    held = s3_publish.begin(place, run_id)
    if held is None:
        return False
    with s3_lock.kept(held, on_lost=lambda error: None):
        s3_publish.publish(RunFolder(folder), place, held)
    return True


def is_published(bucket: str, prefix: str, run_id: str, client: Any) -> bool:
    return s3_publish._is_there(Prefix(client, bucket, prefix), run_id)


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

    def arrange(at: str, what: Callable[[], object]) -> None:
        original = Prefix.upload

        def upload(self: Prefix, path: Path, name: str) -> None:
            if name == at:
                monkeypatch.setattr(Prefix, "upload", original)
                what()
            original(self, path, name)

        monkeypatch.setattr(Prefix, "upload", upload)

    return arrange


def raises(problem: BaseException) -> Callable[..., object]:
    def do(*_: object) -> object:
        raise problem

    return do


def test_the_whole_folder_is_there_with_its_types(bucket: Any, make: Callable[..., Path]) -> None:
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


def test_the_same_run_is_left_as_it_is_and_another_refused(
    bucket: Any, make: Callable[..., Path]
) -> None:
    put_whole(make("one"), "runs", "p", "one", bucket)
    before = bodies(bucket)
    assert not put_whole(make("one", "later\n"), "runs", "p", "one", bucket)
    with pytest.raises(PublishError, match=r"s3://runs/p: expected an empty prefix or run two"):
        put_whole(make("two"), "runs", "p", "two", bucket)
    assert bodies(bucket) == before


@pytest.mark.parametrize("name", ["report.html", "notes.txt", "tables/other.tsv"])
def test_what_others_keep_there_is_not_touched(
    bucket: Any, make: Callable[..., Path], name: str
) -> None:
    bucket.put_object(Bucket="runs", Key=f"p/{name}", Body=b"mine")
    with pytest.raises(PublishError, match=f"expected an empty prefix, got '{name}'"):
        put_whole(make("one"), "runs", "p", "one", bucket)
    assert bodies(bucket) == {f"p/{name}": b"mine"}


def test_neighbours_do_not_matter(bucket: Any, make: Callable[..., Path]) -> None:
    bucket.put_object(Bucket="runs", Key="p", Body=b"")
    bucket.put_object(Bucket="runs", Key="p/", Body=b"")
    bucket.put_object(Bucket="runs", Key="pp/MANIFEST.tsv", Body=b"")
    assert put_whole(make("one"), "runs", "p", "one", bucket)


@pytest.mark.parametrize("run_id", ["one", "two"])
def test_a_run_that_another_finished_meanwhile_is_not_harmed(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, run_id: str
) -> None:
    winner, loser = make("one", "winner\n"), make(run_id, "loser\n")
    original = Claim.take

    def take(self: Claim) -> None:  # the other one begins and ends between the look and the claim
        monkeypatch.setattr(Claim, "take", original)
        put_whole(winner, "runs", "p", "one", bucket)
        original(self)

    monkeypatch.setattr(Claim, "take", take)
    if run_id == "one":
        assert not put_whole(loser, "runs", "p", run_id, bucket)
    else:
        with pytest.raises(PublishError, match="got run one"):
            put_whole(loser, "runs", "p", run_id, bucket)
    assert keys(bucket) == FILES
    assert bodies(bucket)["p/tables/x.tsv"] == b"winner\n"


def test_a_claim_whose_holder_lives_is_respected(
    bucket: Any,
    make: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    during: Callable[[str, Callable[[], object]], None],
) -> None:
    winner, loser = make("one", "winner\n"), make("one", "loser\n")
    holders: list[Claim] = []
    original = Claim.take

    def take(self: Claim) -> None:
        holders.append(self)
        original(self)

    monkeypatch.setattr(Claim, "take", take)

    def other() -> None:
        monkeypatch.setattr(
            "gafreduce.publishing.s3_lock.time.sleep", lambda seconds: holders[0].beat()
        )
        with pytest.raises(PublishError, match="got another run publishing there"):
            put_whole(loser, "runs", "p", "one", bucket)

    during("run.json", other)
    assert put_whole(winner, "runs", "p", "one", bucket)
    assert keys(bucket) == FILES
    assert bodies(bucket)["p/tables/x.tsv"] == b"winner\n"


def test_the_claim_of_a_dead_attempt_is_taken_over_with_what_it_left(
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
            lambda self, path, name: (
                raises(OSError("dead"))() if name == "tables/x.tsv" else original(self, path, name)
            ),
        )
        with pytest.raises(OSError, match="dead"):
            put_whole(make("zero", more="extra.json"), "runs", "p", "zero", bucket)
    assert "p/extra.json" in keys(bucket)
    assert f"p/{s3_lock.NAME}" in keys(bucket)
    assert put_whole(make("one"), "runs", "p", "one", bucket)
    assert keys(bucket) == FILES


def test_an_old_claim_is_taken_over_without_watching_it(
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
    held = Claim(Prefix(bucket, "runs", "p"), "one")
    held.take()
    assert held.left_behind["applications"] == ("application_1_1",)
    held.name(lock_record.APPLICATIONS, ["application_1_2"])
    known = json.loads(bodies(bucket)[f"p/{s3_lock.NAME}"])
    assert known["applications"] == ["application_1_1", "application_1_2"], "should it die as well"
    assert known["files"] == ["a"]
    assert known["attempt"] == held.attempt
    assert known["run_id"] == "one"


def test_the_age_of_an_object_is_told_by_the_server(bucket: Any) -> None:
    found = s3_prefix._age(
        {
            "LastModified": datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC),
            "ResponseMetadata": {"HTTPHeaders": {"date": "Thu, 01 Jan 2026 00:01:01 GMT"}},
        }
    )
    assert found == 61
    assert s3_prefix._age({"ResponseMetadata": {}}) == 0


def test_of_two_that_find_a_dead_claim_one_takes_it_over(
    bucket: Any, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put_object(Bucket="runs", Key=f"p/{s3_lock.NAME}", Body=b"not even JSON")
    place = Prefix(bucket, "runs", "p")
    first, second = Claim(place, "one"), Claim(place, "one")
    original = Claim._watch

    def watch(self: Claim, found: Any) -> None:
        original(self, found)
        if self is second:
            monkeypatch.setattr(Claim, "_watch", original)
            first.take()
            # what second does next comes too late; then it watches a claim that is alive
            monkeypatch.setattr(
                "gafreduce.publishing.s3_lock.time.sleep", lambda seconds: first.beat()
            )

    monkeypatch.setattr(Claim, "_watch", watch)
    with pytest.raises(PublishError, match="another run publishing"):
        second.take()
    first.beat()


def test_of_many_that_claim_at_once_one_wins(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = threading.Lock()  # S3 does a conditional put in one go; the stand-in does not
    original = Prefix._put

    def put(self: Prefix, *arguments: Any) -> str | None:
        with server:
            return original(self, *arguments)

    def watch(self: Claim, found: Any) -> None:
        raise self._busy()

    monkeypatch.setattr(Prefix, "_put", put)
    monkeypatch.setattr(Claim, "_watch", watch)
    barrier = threading.Barrier(8)

    def attempt(number: int) -> bool:
        barrier.wait()
        try:
            Claim(Prefix(bucket, "runs", "p"), str(number)).take()
        except PublishError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_who_lost_the_claim_stops_and_leaves_the_new_holders_objects(
    bucket: Any, make: Callable[..., Path], during: Callable[[str, Callable[[], object]], None]
) -> None:
    winner = make("one", "winner\n")
    # the first one hangs so long that another takes its claim over and publishes
    during("run.json", lambda: put_whole(winner, "runs", "p", "one", bucket))
    with pytest.raises(PublishError, match="another run publishing"):
        # of the same size, as tables of the same run are
        put_whole(make("one", "losing\n", "extra"), "runs", "p", "one", bucket)
    assert {"p/MANIFEST.tsv", "p/report.html"} <= keys(bucket)
    assert is_published("runs", "p", "one", bucket)


@pytest.mark.parametrize("at", ["report.html", "run.json", "tables/x.tsv"])
@pytest.mark.parametrize(
    "problem", [OSError("no route"), KeyboardInterrupt(), error("AccessDenied")], ids=repr
)
def test_a_failure_leaves_nothing(
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


def test_a_manifest_whose_answer_never_comes_is_taken_back(
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


def test_a_put_that_was_sent_twice_is_its_own(
    bucket: Any, make: Callable[..., Path], put: Callable[[Callable[..., Any]], None]
) -> None:
    def twice(original: Callable[..., Any], **given: Any) -> Any:
        original(**given)
        return original(**given)  # refused: the first one is there

    put(twice)
    assert put_whole(make("one"), "runs", "p", "one", bucket)
    assert keys(bucket) == FILES


def test_a_conflict_is_tried_again(
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


def test_a_prefix_that_cannot_be_cleaned_stays_claimed_until_the_next_attempt(
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


def test_a_claim_that_cannot_be_removed_does_not_undo_a_run(
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


def test_heartbeats_keep_a_claim_and_outlive_a_lost_request(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats = threading.Event()
    n_beats = 0
    original = Claim.beat

    def beat(self: Claim) -> None:
        nonlocal n_beats
        n_beats += 1
        if n_beats == 1:
            raise EndpointConnectionError(endpoint_url="there")
        original(self)
        beats.set()

    monkeypatch.setattr(Claim, "beat", beat)
    monkeypatch.setattr(s3_lock, "_BEAT_SECONDS", 0.001)
    place = Prefix(bucket, "runs", "p")
    held = Claim(place, "one")
    held.take()
    with s3_lock.kept(held, on_lost=lambda error: None):
        assert beats.wait(60)
        held.check()
        found = place.read(s3_lock.NAME)
        assert found is not None
        assert json.loads(found.body)["run_id"] == "one"
    assert keys(bucket) == set()


@pytest.mark.parametrize(
    ("key", "body", "said"),
    [
        ("p/tables/x.tsv", None, "tables/x.tsv: expected 2 bytes, got no such file"),
        ("p/report.html", b"", "report.html: expected 3 bytes, got 0"),
        ("p/tables/y.tsv", b"", "tables/y.tsv: expected a row in MANIFEST.tsv, got none"),
        ("p/MANIFEST.tsv", 40, "MANIFEST.tsv: expected a row for each file, got a part of one"),
        ("p/MANIFEST.tsv", 0, "MANIFEST.tsv: expected a row for each file, got a part of one"),
        ("p/MANIFEST.tsv", 18, "tables/x.tsv: expected a row in MANIFEST.tsv, got none"),
    ],
)
def test_a_run_of_which_a_part_is_gone_is_not_there(
    bucket: Any, make: Callable[..., Path], key: str, body: bytes | int | None, said: str
) -> None:
    put_whole(make("one"), "runs", "p", "one", bucket)
    if body is None:
        bucket.delete_object(Bucket="runs", Key=key)
    else:
        whole = bodies(bucket).get(key, b"")
        cut = whole[:body] if isinstance(body, int) else body
        bucket.put_object(Bucket="runs", Key=key, Body=cut)
    before = bodies(bucket)
    with pytest.raises(PublishError, match=f"s3://runs/p/{said}"):
        put_whole(make("one", "again\n"), "runs", "p", "one", bucket)
    assert bodies(bucket) == before


def test_files_of_others_make_a_run_no_less_whole(bucket: Any, make: Callable[..., Path]) -> None:
    put_whole(make("one"), "runs", "p", "one", bucket)
    bucket.put_object(Bucket="runs", Key="p/notes.txt", Body=b"mine")
    assert is_published("runs", "p", "one", bucket)


def test_force_finds_a_place_beside(bucket: Any, make: Callable[..., Path]) -> None:
    assert s3_publish.unused_prefix("runs", "p/", bucket) == "p"
    put_whole(make("one"), "runs", "p", "one", bucket)
    assert s3_publish.unused_prefix("runs", "p/", bucket) == "p-2"
    bucket.put_object(Bucket="runs", Key="p-2/x", Body=b"")
    assert s3_publish.unused_prefix("runs", "p", bucket) == "p-3"


def test_a_manifest_without_a_record_is_said(bucket: Any, make: Callable[..., Path]) -> None:
    bucket.put_object(Bucket="runs", Key="p/MANIFEST.tsv", Body=b"")
    with pytest.raises(PublishError, match="got run of unknown id"):
        is_published("runs", "p", "one", bucket)
    bucket.put_object(Bucket="runs", Key="p/run.json", Body=b"[]")
    with pytest.raises(PublishError, match=r"p/run\.json: expected a run's record"):
        put_whole(make("one"), "runs", "p", "one", bucket)
