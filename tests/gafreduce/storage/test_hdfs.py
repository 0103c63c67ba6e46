"""Inputs in HDFS are found with few calls, and verified before publishing."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gafreduce.errors import InputError
from gafreduce.inputs.download import download_companions
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.pipeline.run_id import compute_run_id
from gafreduce.storage import hdfs, s3
from gafreduce.storage.base import Entry, Identity
from gafreduce.storage.hadoop import HadoopError
from gafreduce.storage.hdfs import HdfsStorage
from gafreduce.storage.resolve import StorageResolver

Command = Callable[..., tuple[int, str, str]]
ECOLI = "Escherichia_coli_K_12-83333.gaf"
SUBTILIS = "Bacillus_subtilis_168-224308.gaf"


@pytest.fixture
def listing(tmp_path: Path) -> Callable[..., InputListing]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def listing(*arguments: str, on_hadoop: bool = True) -> InputListing:
        return list_inputs(
            InputRequest(arguments), StorageResolver(s3.Access(), on_hadoop), scratch
        )

    return listing


def entries(sizes: dict[str, int]) -> list[Entry]:
    return [Entry(uri, Identity(size), "", uri) for uri, size in sizes.items()]


def uris(found: InputListing) -> list[str]:
    return [each.uri for each in found.inputs]


def test_file_folder_and_pattern_are_listed(
    hdfs_files: Any, listing: Callable[..., InputListing]
) -> None:
    path = hdfs_files.put("in/a.gaf")
    hdfs_files.put("in/b.gaf.gz", gzip.compress((hdfs_files.root / "in/a.gaf").read_bytes()[:9000]))
    hdfs_files.put("in/README.md", b"# no annotations")
    hdfs_files.put("in/deeper/c.gaf", of=SUBTILIS)
    (found,) = listing("hdfs:///in/a.gaf").inputs
    assert (found.uri, found.bytes) == ("hdfs:///in/a.gaf", path.stat().st_size)
    assert found.identity.mtime_ns == path.stat().st_mtime_ns // 1_000_000 * 1_000_000
    assert (found.format, found.compression, found.source_file) == ("gaf", "plain", "a.gaf")
    in_folder = listing("hdfs:///in/")
    assert uris(in_folder) == ["hdfs:///in/a.gaf", "hdfs:///in/b.gaf.gz"]
    assert [each.compression for each in in_folder.inputs] == ["plain", "gzip"]
    assert in_folder.notes == ("hdfs:///in/: not read: README.md",)
    assert uris(listing("hdfs:///in/*.gaf*")) == uris(in_folder)
    assert uris(listing("hdfs:///i?/deep*/*.gaf")) == ["hdfs:///in/deeper/c.gaf"]


def test_folders_in_a_folder_are_searched_on_request(hdfs_files: Any, tmp_path: Path) -> None:
    hdfs_files.put("in/a.gaf")
    hdfs_files.put("in/deeper/c.gaf", of=SUBTILIS)
    request = InputRequest(("hdfs:///in",), is_recursive=True)
    found = list_inputs(request, StorageResolver(s3.Access(), has_hadoop=True), tmp_path)
    assert uris(found) == ["hdfs:///in/a.gaf", "hdfs:///in/deeper/c.gaf"]


def test_folder_of_small_files_takes_two_calls(
    hdfs_files: Any, listing: Callable[..., InputListing]
) -> None:
    hdfs_files.put("in/a.gaf")
    hdfs_files.put("in/b.gaf", of=SUBTILIS)
    listing("hdfs:///in")
    assert [call.split()[0] for call in hdfs_files.calls()] == ["-stat", "-cat"]


def test_beginnings_of_small_files_are_read_in_few_calls(
    hdfs_files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {f"hdfs:///in/{number}": bytes([65 + number]) * (number + 1) for number in range(5)}
    for uri, content in contents.items():
        hdfs_files.put(uri.removeprefix("hdfs:///"), content)
    sizes = {uri: len(content) for uri, content in contents.items()}
    expected = {uri: content[:2] for uri, content in contents.items()}
    assert HdfsStorage().read_beginnings(entries(sizes), 2) == expected
    assert len(hdfs_files.calls()) == 1
    monkeypatch.setattr(hdfs, "_TOGETHER_BYTES", 6)
    assert HdfsStorage().read_beginnings(entries(sizes), 2) == expected
    assert [len(call.split()) - 1 for call in hdfs_files.calls()[1:]] == [3, 1, 1]
    monkeypatch.setattr(hdfs, "_SMALL_BYTES", 4)
    assert HdfsStorage().read_beginnings(entries(sizes), 2).keys() == expected.keys() - {
        "hdfs:///in/4"
    }


@pytest.mark.parametrize("change", [b"", b"longer than it was"])
def test_beginnings_of_changed_files_are_not_assigned_to_others(
    hdfs_files: Any, change: bytes
) -> None:
    hdfs_files.put("in/a", b"aa")
    hdfs_files.put("in/b", b"bb")
    sizes = {"hdfs:///in/a": 2, "hdfs:///in/b": 2}
    hdfs_files.put("in/a", change)
    assert HdfsStorage().read_beginnings(entries(sizes), 2) == {}
    assert (
        HdfsStorage().read_beginnings(entries({"hdfs:///in/none": 2, "hdfs:///in/b": 2}), 2) == {}
    )


def test_files_of_a_sheet_are_looked_up_in_one_call(
    hdfs_files: Any, listing: Callable[..., InputListing], tmp_path: Path
) -> None:
    hdfs_files.put("in/a.gaf")
    hdfs_files.put("other/b.gaf", of=SUBTILIS)
    hdfs_files.put("in/inputs.tsv", b"path\torganism\na.gaf\tE. coli\nhdfs:///other/b.gaf\tB. s.\n")
    found = listing("hdfs:///in")
    assert uris(found) == ["hdfs:///in/a.gaf", "hdfs:///other/b.gaf"]
    assert [each.organism for each in found.inputs] == ["E. coli", "B. s."]
    assert sum(call.startswith("-stat") for call in hdfs_files.calls()) == 2
    (tmp_path / "inputs.tsv").write_text("path\nhdfs:///other/none.gaf\n")
    with pytest.raises(InputError, match=r"inputs.tsv:2: hdfs:///other/none.gaf: .* nothing of"):
        listing(str(tmp_path / "inputs.tsv"))


def test_two_names_or_copies_of_a_file_are_refused(
    hdfs_files: Any, listing: Callable[..., InputListing]
) -> None:
    hdfs_files.put("in/a.gaf")
    with pytest.raises(InputError, match="expected each file once, got it also as"):
        listing("hdfs:///in/a.gaf", "hdfs:///in/*.gaf")
    shutil.copy(hdfs_files.root / "in/a.gaf", hdfs_files.root / "in/b.gaf")
    with pytest.raises(InputError, match=r"got the same content as hdfs:///in/a\.gaf"):
        listing("hdfs:///in")


def test_missing_and_forbidden_files_are_reported(
    hdfs_files: Any, listing: Callable[..., InputListing]
) -> None:
    for name in ("hdfs:///none", "hdfs:///none*", "hdfs:///no*/ne*"):
        with pytest.raises(InputError, match="got nothing of that name in HDFS"):
            listing(name)
    hdfs_files.put("empty/deeper/x")
    with pytest.raises(InputError, match="expected annotation files in this folder, got none"):
        listing("hdfs:///empty")
    with pytest.raises(HadoopError, match=r"hdfs:///forbidden.*Permission denied: user=me"):
        listing("hdfs:///forbidden")
    with pytest.raises(HadoopError, match="expected to read it, got: cat: `hdfs:///none'"):
        HdfsStorage().read("hdfs:///none", Identity(10), 10)


def test_hdfs_is_read_by_the_hadoop_runner_only(
    hdfs_files: Any, gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    hdfs_files.put("in/a.gaf")
    advice = "-r hadoop reads it there; or copy it: hadoop fs -get"
    ontology = ("--ontology", samples / "go-samples.obo")
    for runner in ((), ("-r", "inline"), ("-r", "local"), ("-r", "emr")):
        code, _, errors = gafreduce("run", "hdfs:///in", *ontology, *runner, "-o", tmp_path / "x")
        assert (code, advice in errors) == (1, True), errors
    code, _, errors = gafreduce("convert", "hdfs:///in", "--to", "gaf2.2")
    assert (code, advice in errors) == (1, True)
    (tmp_path / "inputs.tsv").write_text("path\nhdfs:///in/a.gaf\n")
    code, _, errors = gafreduce("run", tmp_path / "inputs.tsv", *ontology, "-o", tmp_path / "x")
    assert (code, advice in errors) == (1, True)
    assert hdfs_files.calls() == []
    code, out, errors = gafreduce("run", "hdfs:///in", *ontology, "-r", "hadoop", "--dry-run")
    assert (code, errors) == (0, "")
    assert "input\ta.gaf\tgaf\tplain\t" in out


def test_size_and_time_change_the_run_id(
    hdfs_files: Any, listing: Callable[..., InputListing]
) -> None:
    path = hdfs_files.put("in/a.gaf")
    first = compute_run_id(listing("hdfs:///in").inputs, "", {}, "")
    assert compute_run_id(listing("hdfs:///in/a.gaf").inputs, "", {}, "") == first
    os.utime(path, (1, 1))
    assert compute_run_id(listing("hdfs:///in").inputs, "", {}, "") != first


# checked again before publishing


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, (1, 1))


def test_files_are_downloaded_with_progress(hdfs_files: Any, tmp_path: Path) -> None:
    contents = {"hdfs:///in/a": b"aa", "hdfs:///other/a": b"bbb"}
    for uri, content in contents.items():
        hdfs_files.put(uri.removeprefix("hdfs:///"), content)
    wanted = {uri: Identity(len(content)) for uri, content in contents.items()}
    seen: list[tuple[int, int]] = []
    paths = HdfsStorage().download(wanted, tmp_path, lambda *counts: seen.append(counts))
    assert {uri: path.read_bytes() for uri, path in paths.items()} == contents
    assert seen == [(2, 5), (5, 5)]
    with pytest.raises(HadoopError, match=r"hdfs:///none: expected to read it, got: .*No such"):
        HdfsStorage().download({"hdfs:///none": Identity(1)}, tmp_path, lambda *counts: None)


def test_companion_may_be_in_hdfs(
    hdfs_files: Any, listing: Callable[..., InputListing], tmp_path: Path
) -> None:
    gpad = b"!gpa-version: 1.1\nUniProtKB\tP1\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000314\t\t\t20200102\tX\t\t\n"
    hdfs_files.put("in/x.gpa", gpad)
    hdfs_files.put("in/x.gpi", b"!gpi-version: 1.2\n")
    hdfs_files.put("in/inputs.tsv", b"path\tcompanion\nx.gpa\tx.gpi\n")
    inputs = listing("hdfs:///in").inputs
    resolver = StorageResolver(s3.Access(), has_hadoop=True)
    paths = download_companions(inputs, resolver, tmp_path / "companions")
    assert {uri: path.read_bytes() for uri, path in paths.items()} == {
        "hdfs:///in/x.gpi": b"!gpi-version: 1.2\n"
    }


def test_progress_of_a_download_is_in_bytes(hdfs_files: Any, tmp_path: Path) -> None:
    wanted = {}
    for name, size in (("a", 3), ("b", 4)):
        hdfs_files.put(name, b"x" * size)
        wanted[f"hdfs:///{name}"] = Identity(size)
    seen: list[tuple[int, int]] = []
    HdfsStorage().download(wanted, tmp_path, lambda done, total: seen.append((done, total)))
    assert seen == [(3, 7), (7, 7)]
