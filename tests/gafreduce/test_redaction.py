"""Planted secrets are found nowhere: arguments, logs, messages, records, files; and encryption."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.server import ThreadedMotoServer

from gafreduce import redaction
from gafreduce.publishing import s3_lock
from gafreduce.storage import s3
from gafreduce.storage.s3_prefix import Prefix

Command = Callable[..., tuple[int, str, str]]
REPOSITORY = Path(__file__).parents[2]

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "planted+environment/0123456789abcdefghij",
    "AWS_SESSION_TOKEN": "planted+token/0123456789abcdefghijklmnopq",
    "profile": "planted+profile/0123456789abcdefghijklmnop",
    "endpoint": "planted-endpoint-0123456789",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give the address of a played AWS."""
    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"{host}:{port}"
    started.stop()


@pytest.fixture
def planted(tmp_path: Path, server: str) -> dict[str, str]:
    """Return an environment with secrets in it, in which every process that is started is noted."""
    (tmp_path / "home").mkdir()
    (tmp_path / "temporary").mkdir()
    (tmp_path / "processes").touch()
    hook = tmp_path / "hook"
    hook.mkdir()
    shutil.copy(Path(__file__).with_name("record_processes.py"), hook / "sitecustomize.py")
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = {SECRETS['profile']}\n"
    )
    kept = ("PATH", "XDG_CACHE_HOME", "LANG")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temporary"),
        "PYTHONPATH": f"{hook}{os.pathsep}{REPOSITORY}",
        "RECORDED_PROCESSES": str(tmp_path / "processes"),
        "AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT",
        "AWS_SECRET_ACCESS_KEY": SECRETS["AWS_SECRET_ACCESS_KEY"],
        "AWS_SESSION_TOKEN": SECRETS["AWS_SESSION_TOKEN"],
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def run(
    planted: dict[str, str], tmp_path: Path, server: str, samples: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command line in a process of its own and notes its output."""
    endpoint = f"http://me:{SECRETS['endpoint']}@{server}"

    def run(*arguments: object, **changed: str) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in arguments]
        done = subprocess.run(
            [
                *(sys.executable, "-W", "ignore", "-m", "gafreduce", *words),
                *("--ontology", str(samples / "go-samples.obo")),
                *("--endpoint-url", changed.pop("endpoint", endpoint), "--verbose"),
            ],
            env={**planted, **changed},
            cwd=tmp_path / "home",
            capture_output=True,
            text=True,
            check=False,
        )
        with (tmp_path / "said").open("a") as said:
            said.write(done.stdout + done.stderr)
        return done

    return run


def files_with_secrets(folder: Path) -> list[str]:
    return [
        f"{path}: {name}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "credentials"
        for name, secret in SECRETS.items()
        if secret.encode() in path.read_bytes()
    ]


def test_secrets_appear_nowhere(
    run: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    server: str,
    samples: Path,
) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{server}",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    client.create_bucket(Bucket="secrets")
    for path in sorted(samples.glob("*.gaf"))[:2]:
        client.put_object(Bucket="secrets", Key=f"in/{path.name}", Body=path.read_bytes())

    done = run("run", "s3://secrets/in/", "-o", "s3://secrets/out", "-r", "local")
    assert done.returncode == 0, done.stderr[-3000:]
    done = run("run", "s3://secrets/in/", "-o", tmp_path / "run", "--profile", "other")
    assert done.returncode == 0, done.stderr[-3000:]
    secret_setting = f"fs.s3a.secret.key={SECRETS['profile']}"
    for words, code in (
        (("run", "s3://secrets/none/", "-o", "s3://secrets/other"), 1),
        (("run", "s3://none/in/", "--profile", "other"), 1),
        (("run", samples, "-r", "hadoop", "-D", secret_setting), 1),
    ):
        assert run(*words).returncode == code
    nowhere = f"http://me:{SECRETS['endpoint']}@127.0.0.1:9"
    assert run("run", "s3://secrets/in/", endpoint=nowhere).returncode == 3
    assert run("doctor", "s3", "s3://secrets/in/", "-o", "s3://secrets/x").returncode == 0

    said = (tmp_path / "said").read_text()
    assert "Could not connect to the endpoint URL" in said
    assert "http://***@127.0.0.1" in said
    for item in client.list_objects_v2(Bucket="secrets")["Contents"]:
        target = tmp_path / "published" / item["Key"]
        target.parent.mkdir(parents=True, exist_ok=True)
        client.download_file("secrets", item["Key"], str(target))
    processes = (tmp_path / "processes").read_text().splitlines()
    assert any("report_process" in line or "reports" in line for line in processes), processes
    assert json.loads((tmp_path / "run" / "run.json").read_text())["command"][-2].startswith("http")
    assert (tmp_path / "published" / "out" / "run.json").is_file()
    assert [path.name for path in (tmp_path / "temporary").iterdir()], "it was kept, to be searched"
    assert files_with_secrets(tmp_path) == []

    for path in (tmp_path / "temporary").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, f"{path} is open to others"


def test_the_search_would_find_a_secret(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"x{SECRETS['profile']}x")
    assert files_with_secrets(tmp_path) == [f"{tmp_path / 'log'}: profile"]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("http://me:pass@host/x and s3://b/k", "http://***@host/x and s3://b/k"),
        ("http://me:p:a@ss@host:80/x@y", "http://***@host:80/x@y"),
        ("https://host:443/a:b@c", "https://host:443/a:b@c"),
        ("-Dfs.s3a.secret.key=abc -Dfs.s3a.access.key=id", "-Dfs.s3a.secret.key=*** -Dfs.s3a.access.key=id"),
        ("aws_secret_access_key: abc", "aws_secret_access_key: ***"),
        ("GO:0009306 protein secretion: 12", "GO:0009306 protein secretion: 12"),
        ("the value of-the-token here", "the value *** here"),
    ],
)  # fmt: skip
def test_redacted_texts(text: str, hidden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "of-the-token")
    monkeypatch.setenv("SHORT_TOKEN", "x")
    assert redaction.redact(text) == hidden


@pytest.mark.parametrize("runner", ["hadoop", "emr"])
@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("option", "name"),
    [("jobconf", "fs.s3a.secret.key"), ("cmdenv", "AWS_SECRET_ACCESS_KEY")],
)
def test_a_secret_setting_in_mrjob_conf_is_refused(
    gafreduce: Command,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    runner: str,
    option: str,
    name: str,
) -> None:
    monkeypatch.setattr("gafreduce.storage.hadoop.run_program", None)
    conf = tmp_path / "mrjob.conf"
    conf.write_text(json.dumps({"runners": {runner: {option: {name: SECRETS["profile"]}}}}))
    where = ("--no-report", "-o", tmp_path / "run") if command == "run" else ()
    code, out, errors = gafreduce(
        *(command, samples, "-r", runner, "-c", conf),
        *("--ontology", samples / "go-samples.obo", *where),
    )
    assert (code, out) == (1, "")
    assert f"{conf}, {option}: {name!r}: expected no secret on a command line" in errors
    assert SECRETS["profile"] not in errors


# encryption

KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="runs")
        yield client


def key_of(client: Any, key: str) -> tuple[str | None, str | None]:
    head = client.head_object(Bucket="runs", Key=key)
    return head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")


def test_every_upload_names_the_key(
    bucket: Any, gafreduce: Command, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = []
    put = Prefix._put

    def look(self: Prefix, name: str, *rest: Any) -> Any:
        answer = put(self, name, *rest)
        locked.append((name, key_of(bucket, f"p/{name}")))
        return answer

    monkeypatch.setattr(Prefix, "_put", look)
    code, _, errors = gafreduce(
        *("run", samples / "Escherichia_coli_K_12-83333.gaf"),
        *("--ontology", samples / "go-samples.obo", "--no-report"),
        *("-o", "s3://runs/p", "--sse-kms-key-id", KEY),
    )
    assert (code, errors) == (0, "")
    assert (s3_lock.NAME, ("aws:kms", KEY)) in locked
    assert {found for _, found in locked} == {("aws:kms", KEY)}
    keys = [item["Key"] for item in bucket.list_objects_v2(Bucket="runs")["Contents"]]
    assert "p/MANIFEST.tsv" in keys
    assert {key_of(bucket, key) for key in keys} == {("aws:kms", KEY)}


def test_large_files_and_mrjobs_uploads_name_the_key_too(bucket: Any, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * (9 << 20))  # boto3 puts more than 8 MB in parts
    access = s3.Access(kms_key_id=KEY)
    Prefix(access.client(), "runs", "p").upload(large, "large")
    assert key_of(bucket, "p/large") == ("aws:kms", KEY)
    assert bucket.head_object(Bucket="runs", Key="p/large")["ETag"].endswith('-2"')
    before = boto3.DEFAULT_SESSION
    with access.as_default():
        boto3.resource("s3").Object("runs", "tmp/job").upload_file(str(large))
        boto3.client("s3").put_object(Bucket="runs", Key="tmp/x", Body=b"")
    assert boto3.DEFAULT_SESSION is before
    assert {key_of(bucket, key) for key in ("tmp/job", "tmp/x")} == {("aws:kms", KEY)}
    boto3.client("s3").put_object(Bucket="runs", Key="x", Body=b"")
    assert key_of(bucket, "x") == (None, None)


def test_mrjob_uses_the_named_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3.Access(profile="other").as_default():
        used: Any = boto3.client("emr")
        assert used._request_signer._credentials.access_key == "AKIAOTHER"
