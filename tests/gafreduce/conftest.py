"""Fixtures of the tests of gafreduce: a fake S3, and a fake HDFS."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.s3.models import FakeKey

from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.storage import s3
from gafreduce.storage.resolve import StorageResolver


@pytest.fixture(scope="session", autouse=True)
def replaced_objects_stay_open() -> Iterator[None]:
    """Let a thread read an object of the fake S3 while another replaces it, as S3 does.

    The fake closes a replaced object at once, also under a thread that is about to read it.
    """
    close = FakeKey.dispose

    def close_garbage(key: FakeKey, garbage: bool = False) -> None:
        if garbage:
            close(key)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(FakeKey, "dispose", close_garbage)
        yield


@pytest.fixture
def s3_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a fake S3 without buckets."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client("s3")


@pytest.fixture(scope="session")
def complete_samples(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the samples, and a sheet that says that they are complete."""
    folder = tmp_path_factory.mktemp("complete")
    for path in samples.glob("*.gaf"):
        shutil.copy(path, folder)
    header, *rows = (samples / "inputs.tsv").read_text().splitlines()
    assert header.endswith("\tcomplete")
    labelled = [row.removesuffix("\tfalse") + "\ttrue" for row in rows]
    (folder / "inputs.tsv").write_text("\n".join([header, *labelled, ""]))
    return folder


@pytest.fixture
def access() -> s3.Access:
    """Return how S3 is reached: as the environment says."""
    return s3.Access()


@pytest.fixture
def put(s3_client: Any) -> Callable[..., None]:
    """Return a function that puts objects into the bucket `gaf`, each by its key."""
    s3_client.create_bucket(Bucket="gaf")

    def put(**bodies: bytes) -> None:
        for key, body in bodies.items():
            s3_client.put_object(Bucket="gaf", Key=key, Body=body)

    return put


@pytest.fixture
def listing(access: s3.Access, tmp_path: Path) -> Callable[..., InputListing]:
    """Return a function that lists the inputs of a command line."""
    return lambda *arguments: list_inputs(
        InputRequest(arguments), StorageResolver(access), tmp_path
    )


class HdfsFiles:
    """The files of a fake HDFS, and the calls of its client."""

    def __init__(self, root: Path, log: Path, samples: Path) -> None:
        self.root = root
        self._log = log
        self._samples = samples

    def put(
        self, name: str, content: bytes | None = None, of: str = "Escherichia_coli_K_12-83333.gaf"
    ) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((self._samples / of).read_bytes() if content is None else content)
        return path

    def calls(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


@pytest.fixture
def hdfs_files(tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch) -> HdfsFiles:
    """Return the files of a fake HDFS; its client is the program `hadoop` of the test."""
    root, log = tmp_path / "hdfs", tmp_path / "calls"
    root.mkdir()
    binary = tmp_path / "home" / "bin" / "hadoop"
    binary.parent.mkdir(parents=True)
    fake = Path(__file__).with_name("storage") / "fake_hadoop.py"
    binary.write_text(f'#!/bin/sh\nexec {sys.executable} {fake} {root} {log} "$@"\n')
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path / "home"))
    return HdfsFiles(root, log, samples)
