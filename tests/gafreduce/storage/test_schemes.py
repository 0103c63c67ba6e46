"""Only gafreduce/storage knows which kinds of URI there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.storage.base import NotReachableError
from gafreduce.storage.hdfs import HdfsStorage
from gafreduce.storage.local import LocalStorage
from gafreduce.storage.resolve import StorageResolver, local_path, open_storage
from gafreduce.storage.s3 import Access
from gafreduce.storage.s3_storage import S3Storage

REPOSITORY = Path(__file__).parents[3]
#: jobs/ runs on nodes too, where it compares normalised URIs.
FOLDERS = ("gafreduce", "reports", "ontology")
#: A test of a scheme: a function, a property or a comparison of a prefix.
TESTS = re.compile(
    r"\bis_uri\(|\bis_in_(?:s3|hdfs)\b|\bSCHEME\b"
    r"|(?:startswith|endswith|removeprefix|fullmatch|match)\(\(?\s*r?f?[\"'](?:s3[an]?|hdfs|https?|file):"
    r"|\bisinstance\(\w+, (?:S3|Hdfs|Local)Storage"
)


def modules() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            parts = path.relative_to(REPOSITORY).parts
            if parts[:2] not in (("gafreduce", "storage"), ("gafreduce", "jobs")):
                yield path


def test_no_module_outside_storage_tests_a_scheme() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if TESTS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "if s3.is_uri(place):",
        "local = [each for each in inputs if not each.is_in_hdfs]",
        'if uri.startswith("s3://"):',
        'if uri.startswith(("s3a://", "s3n://")):',
        "if place.startswith(s3.SCHEME):",
        "if isinstance(storage, S3Storage):",
    ],
)
def test_the_search_finds_tests_of_a_scheme(line: str) -> None:
    assert TESTS.search(line)


def test_each_scheme_has_its_storage() -> None:
    resolver = StorageResolver(has_hadoop=True)
    for uri in ("s3://bucket/x", "s3a://bucket/x", "s3n://bucket/x"):
        assert isinstance(resolver.open(uri), S3Storage)
        assert local_path(uri) is None
    assert isinstance(resolver.open("hdfs:///x"), HdfsStorage)
    assert local_path("hdfs:///x") is None
    for path in ("x", "/a/b", "s3:", "-", "a b%41"):
        assert isinstance(open_storage(path, Access()), LocalStorage)
        assert local_path(path) == Path(path)


def test_uris_are_grouped_by_storage_in_their_order() -> None:
    groups = StorageResolver().group(["b", "s3://bucket/y", "a", "s3a://bucket/x"])
    assert [uris for _, uris in groups] == [["b", "a"], ["s3://bucket/y", "s3a://bucket/x"]]


def test_hdfs_is_refused_without_a_hadoop() -> None:
    with pytest.raises(NotReachableError, match="hadoop fs -get"):
        StorageResolver().open("hdfs:///x")


def test_local_folders_are_not_removed_by_their_uri(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder in S3 or HDFS"):
        LocalStorage().remove_folder(str(tmp_path))
    assert tmp_path.is_dir()
