from __future__ import annotations

import bz2
import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from backports import zstd
from gaf_lines import line
from moto import mock_aws

from gafreduce.errors import InputError
from gafreduce.inputs import listing as listing_module
from gafreduce.inputs.download import local_inputs
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.jobs.files.input_list import shortest_names
from gafreduce.jobs.formats.column_choice import ColumnChoice
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows
from gafreduce.storage import s3
from gafreduce.storage.local import LocalStorage
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3_errors import S3Error

LINE = line("P1")


def listing(*arguments: object, scratch: Path) -> InputListing:
    return list_inputs(
        InputRequest(tuple(str(argument) for argument in arguments)), StorageResolver(), scratch
    )


def test_folder_and_glob_name_the_same_files(tmp_path: Path) -> None:
    for name in ("b.gaf", "a.gaf", ".hidden.gaf", "README.md", "go.obo"):
        (tmp_path / name).write_bytes(LINE + name.encode())
    found = listing(tmp_path, scratch=tmp_path)
    assert [each.source_file for each in found.inputs] == ["a.gaf", "b.gaf"]
    assert found.notes == (f"{tmp_path}: not read: README.md, go.obo",)
    found = listing(tmp_path / "*.gaf", scratch=tmp_path)
    assert [each.source_file for each in found.inputs] == ["a.gaf", "b.gaf"]


@pytest.mark.parametrize(
    ("content", "compression"),
    [
        (LINE, "plain"),
        (gzip.compress(LINE), "gzip"),
        (bz2.compress(LINE), "bzip2"),
        (zstd.compress(LINE), "zstd"),
    ],
    ids=["plain", "gzip", "bzip2", "zstd"],  # gzip holds the time: not the same in each process
)
def test_compression_is_recognised_by_content(
    tmp_path: Path, content: bytes, compression: str
) -> None:
    path = tmp_path / "odd name %41 [1].txt"
    path.write_bytes(content)
    (found,) = listing(path, scratch=tmp_path).inputs
    assert (found.compression, found.format, found.bytes) == (compression, "gaf", len(content))
    with local_inputs([found], StorageResolver(), tmp_path, lambda done, total: None) as downloaded:
        stored = Path(downloaded[0].uri).read_bytes()
        assert stored == (LINE if compression == "zstd" else content)


def list_with_columns(path: Path, scratch: Path, form: str | None, *words: str) -> InputListing:
    request = InputRequest((str(path),), form, taxon_id=7, columns=ColumnChoice(*words))
    return list_inputs(request, StorageResolver(), scratch)


def test_the_user_names_separator_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b,c\nx,g1,GO:0030420\n")
    (found,) = list_with_columns(path, tmp_path, None, "comma", "b", "3").inputs
    assert (found.format, found.layout) == ("table", "comma -|object_id|go_ids c")
    with pytest.raises(InputError, match=r"expected a column 'B2', got 3 columns 'a', 'b', 'c'"):
        list_with_columns(path, tmp_path, None, "", "B2", "")
    with pytest.raises(InputError, match="--go-column for gaf, which has columns of its own"):
        list_with_columns(path, tmp_path, "gaf", "", "", "3")


@pytest.mark.parametrize("option", ["delimiter", "id_column", "go_column"])
def test_each_option_of_columns_reaches_its_place(option: str) -> None:
    words = dict.fromkeys(("delimiter", "id_column", "go_column", "taxon", "companion"))
    others = {"inputs": ["x"], "format": "table", "recursive": False, "skip_unknown": False}
    options = SimpleNamespace(**others, **{**words, option: "word"})
    expected = [
        "word" if each == option else "" for each in ("delimiter", "id_column", "go_column")
    ]
    assert InputRequest.from_options(options).columns == ColumnChoice(*expected)


def test_equal_file_names_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.gaf").write_bytes(LINE + folder.encode() + b"\n")
    found = listing(tmp_path / "a", tmp_path / "b", scratch=tmp_path).inputs
    assert [each.source_file for each in found] == ["a/x.gaf", "b/x.gaf"]
    assert shortest_names(["s3://c/a/x", "s3://c/b/a/x"]) == ["a/x", "b/a/x"]


# many files


@pytest.mark.parametrize("way", ["processes", "threads"])
def test_many_files_are_listed_like_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    folder, scratch = tmp_path / "in", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    for number in range(30):
        (folder / f"{number}.gaf").write_bytes(LINE.replace(b"P1", b"P%d" % number))

    def listed() -> InputListing:
        request = InputRequest((str(folder),), taxon_id=7)
        return list_inputs(request, StorageResolver(), scratch)

    few = listed()
    if way == "processes":
        monkeypatch.setattr(listing_module, "_MANY_FILES", 2)
    else:
        monkeypatch.setattr(LocalStorage, "n_readers", 3)
    assert listed() == few
    assert [each.taxon_id for each in few.inputs] == [7] * 30
    assert not list(scratch.iterdir())
    for name in ("11", "29"):
        (folder / f"{name}.gaf").write_text("no annotation\n")
    with pytest.raises(InputError, match=r"got 2 others"):
        listed()


# S3


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = s3.Access().client()
        client.create_bucket(Bucket="gaf")
        yield client


def keys(client: Any) -> set[str]:
    return {item["Key"] for item in client.list_objects_v2(Bucket="gaf").get("Contents", [])}


@pytest.mark.parametrize("argument", ["s3://gaf/in/", "s3://gaf/in", "s3://gaf/in/*.gaf*"])
def test_prefix_and_glob_name_the_same_objects(bucket: Any, tmp_path: Path, argument: str) -> None:
    bucket.put_object(Bucket="gaf", Key="in/a.gaf", Body=LINE)
    bucket.put_object(Bucket="gaf", Key="in/b.gaf.gz", Body=gzip.compress(LINE * 2))
    bucket.put_object(Bucket="gaf", Key="inside/c.gaf", Body=LINE)
    found = listing(argument, scratch=tmp_path).inputs
    assert [each.uri for each in found] == ["s3://gaf/in/a.gaf", "s3://gaf/in/b.gaf.gz"]
    with local_inputs(found, StorageResolver(), tmp_path, lambda done, total: None) as downloaded:
        assert Path(downloaded[0].uri).read_bytes() == LINE
        folder = Path(downloaded[0].uri).parent
    assert not folder.exists()


def test_paths_of_a_sheet_in_s3_are_relative_to_it(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Bucket="gaf", Key="in/a.gaf", Body=LINE)
    bucket.put_object(Bucket="gaf", Key="in/other.txt", Body=b"not named, not read")
    bucket.put_object(Bucket="gaf", Key="in/inputs.tsv", Body=b"path\torganism\na.gaf\tA b\n")
    for argument in ("s3://gaf/in/", "s3://gaf/in/inputs.tsv"):
        (found,) = listing(argument, scratch=tmp_path).inputs
        assert (found.uri, found.organism) == ("s3://gaf/in/a.gaf", "A b")


def test_refusals_of_s3_are_explained(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(S3Error, match="listing s3://nowhere/x: there is no such bucket"):
        listing("s3://nowhere/x", scratch=tmp_path)
    with pytest.raises(InputError, match="s3://gaf/nothing: expected annotation files"):
        listing("s3://gaf/nothing", scratch=tmp_path)
    with pytest.raises(InputError, match="expected s3://bucket/key"):
        listing("s3:///x", scratch=tmp_path)


def test_run_reads_from_s3_and_publishes_to_s3(
    bucket: Any, samples: Path, tmp_path: Path, gafreduce: Callable[..., tuple[int, str, str]]
) -> None:
    for path in samples.glob("*.gaf"):
        bucket.put_object(Bucket="gaf", Key=f"in/{path.name}", Body=path.read_bytes())
    bucket.put_object(Bucket="gaf", Key="go.obo", Body=(samples / "go-samples.obo").read_bytes())
    command = (
        *("run", "s3://gaf/in/", "--ontology", "s3://gaf/go.obo"),
        *("-o", "s3://gaf/out/1", "--no-report"),
    )
    code, output, errors = gafreduce(*command)
    assert (code, errors) == (0, "")
    assert output.splitlines()[-1] == "s3://gaf/out/1"
    there = {key for key in keys(bucket) if key.startswith("out/")}
    assert {
        "out/1/MANIFEST.tsv",
        "out/1/run.json",
        "out/1/parquet/organisms/organisms.parquet",
    } <= there
    assert not any("lock" in key for key in there)
    head = bucket.head_object(Bucket="gaf", Key="out/1/tables/terms.tsv")
    assert head["ContentType"] == "text/tab-separated-values; charset=utf-8"
    assert gafreduce(*command)[0] == 0, "the same run again is no error"
    code, _, errors = gafreduce(*command, "--scope", "target")
    assert code == 1
    assert "s3://gaf/out/1: expected an empty prefix or run" in errors


def test_organism_names_are_in_the_tables(
    samples: Path, tmp_path: Path, gafreduce: Callable[..., tuple[int, str, str]]
) -> None:
    (tmp_path / "names").write_text("224308\tB. subtilis by a file\n2359090\ta leak\n")
    code, _, errors = gafreduce(
        *("run", samples, "--ontology", samples / "go-samples.obo", "--no-report"),
        *("--organism-names", tmp_path / "names", "-o", tmp_path / "run"),
    )
    assert (code, errors) == (0, "")
    names = {
        row["taxon_id"]: row["organism"]
        for row in read_rows(RunFolder(tmp_path / "run"), "organisms")
    }
    assert names["224308"] == "Bacillus subtilis 168", "the sheet's name comes first"
    assert names["2359090"] == "a leak"


def test_an_organism_without_a_name_has_that_of_the_ncbi_taxonomy(
    samples: Path, tmp_path: Path, gafreduce: Callable[..., tuple[int, str, str]]
) -> None:
    (tmp_path / "in").mkdir()
    stem = "Bacillus_megaterium_DSM_319-592022"
    shutil.copy(samples / f"{stem}.gaf", tmp_path / "in")
    code, _, _ = gafreduce(
        *("run", tmp_path / "in", "--ontology", samples / "go-samples.obo", "--no-report"),
        *("--scope", "target", "-o", tmp_path / "run"),
    )
    assert code == 0
    (row,) = read_rows(RunFolder(tmp_path / "run"), "organisms")
    assert (row["organism"], row["name_source"], row["file_label"]) == (
        "Priestia megaterium DSM 319", "ncbi", stem
    )  # fmt: skip


def test_equal_lines_are_found_in_any_compression(tmp_path: Path) -> None:
    lines = b"".join(LINE.replace(b"P1", b"P%d" % n) for n in range(2000))
    for name, content in (
        ("b.gaf.gz", gzip.compress(lines)),
        ("b.gaf.bz2", bz2.compress(lines)),
        ("b.gaf.zst", zstd.compress(lines)),
        ("b-headed.gaf", b"!gaf-version: 2.1\n!more\n" + lines),
        ("b-crlf.gaf", lines.replace(b"\n", b"\r\n")),
    ):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        (folder / "a.gaf").write_bytes(lines)
        (folder / name).write_bytes(content)
        with pytest.raises(InputError, match="expected each file once"):
            listing(folder, scratch=tmp_path)
        # the same beginning, and other lines at the end
        (folder / "a.gaf").write_bytes(lines + LINE)
        assert len(listing(folder, scratch=tmp_path).inputs) == 2


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Return a folder with an annotation file and three that are none."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.gaf").write_bytes(LINE)
    (folder / "empty.gaf").write_bytes(b"")
    (folder / "notes.txt").write_text("Dear diary\n")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\0\0")
    return folder


def test_all_strangers_in_a_folder_are_named_at_once(mixed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        listing(mixed, scratch=tmp_path)
    assert str(caught.value) == (
        f"{mixed}: expected annotation files, got 3 others (remove them, or go on without them: "
        "--skip-unknown)"
    )
    empty, first, second = caught.value.details
    assert empty == "empty.gaf: 0 bytes (remove it)"
    assert first == "notes.txt: text without columns and without a GO id that no known format has"
    assert second == "photo.png: binary data, not text (is it an annotation file?)"


@pytest.mark.parametrize("n_strangers", [1, 3])
def test_strangers_alone_name_the_folders_that_were_not_searched(
    mixed: Path, tmp_path: Path, n_strangers: int
) -> None:
    (mixed / "a.gaf").unlink()
    for name in ("empty.gaf", "photo.png")[n_strangers - 1 :]:
        (mixed / name).unlink()
    (mixed / "more.txt").write_text("Dear diary,\n")
    (mixed / "strains" / "1").mkdir(parents=True)
    (mixed / "strains" / "1" / "a.gaf").write_bytes(LINE)
    if n_strangers == 1:
        (mixed / "more.txt").unlink()
    with pytest.raises(InputError) as caught:
        listing(mixed, scratch=tmp_path)
    assert caught.value.details[-1] == (
        "files in its folders strains (search them too: --recursive)"
    )


def test_strangers_are_left_out_on_request_with_a_note(mixed: Path, tmp_path: Path) -> None:
    request = InputRequest((str(mixed),), skips_unknown=True)
    found = list_inputs(request, StorageResolver(), tmp_path)
    assert [each.source_file for each in found.inputs] == ["a.gaf"]
    assert [note.partition(": text")[0] for note in found.notes] == [
        "not read (--skip-unknown): empty.gaf: 0 bytes (remove it)",
        "not read (--skip-unknown): notes.txt",
        "not read (--skip-unknown): photo.png: binary data, not text (is it an annotation file?)",
    ]
    (mixed / "a.gaf").unlink()
    with pytest.raises(InputError, match=r"got 3 others \(remove them\)"):
        list_inputs(request, StorageResolver(), tmp_path)


def test_files_that_are_named_are_never_left_out(mixed: Path, tmp_path: Path) -> None:
    names = (str(mixed / "a.gaf"), str(mixed / "photo.png"))
    with pytest.raises(InputError, match=r"photo\.png: expected annotation lines, got binary data"):
        list_inputs(InputRequest(names, skips_unknown=True), StorageResolver(), tmp_path)


def test_one_stranger_is_described_in_full(mixed: Path, tmp_path: Path) -> None:
    (mixed / "photo.png").unlink()
    (mixed / "empty.gaf").unlink()
    with pytest.raises(
        InputError, match=r"notes\.txt: expected annotation lines, got text"
    ) as found:
        listing(mixed, scratch=tmp_path)
    assert found.value.details[0] == "first row: Dear | diary"
    assert found.value.details[-1] == "or go on without it: --skip-unknown"


def test_a_sample_sheet_of_a_prefix_names_its_objects(
    bucket: Any, tmp_path: Path, gafreduce: Callable[..., tuple[int, str, str]]
) -> None:
    bucket.put_object(Bucket="gaf", Key="in/deep/a.gaf", Body=LINE)
    bucket.put_object(Bucket="gaf", Key="in/b.gaf.gz", Body=gzip.compress(line("P2")))
    bucket.put_object(Bucket="gaf", Key="in/run/tables/x.tsv", Body=b"x")
    bucket.put_object(Bucket="gaf", Key="in/run/MANIFEST.tsv", Body=b"x")
    (tmp_path / "c.gaf").write_bytes(line("P3"))
    code, text, errors = gafreduce("sheet", "s3://gaf/in", tmp_path / "c.gaf")
    assert (code, errors) == (0, "")
    paths = [row.partition("\t")[0] for row in text.splitlines()[1:]]
    assert paths == ["s3://gaf/in/b.gaf.gz", "s3://gaf/in/deep/a.gaf", str(tmp_path / "c.gaf")]
    (tmp_path / "sheet.tsv").write_text(text)
    assert [each.uri for each in listing(tmp_path / "sheet.tsv", scratch=tmp_path).inputs] == paths


def test_a_sample_without_a_taxon_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.tsv").write_bytes(b"g1\tGO:0030420\ng2\tGO:0008150\n")
    (tmp_path / "inputs.tsv").write_text("path\tsample\none.tsv\tA\n")
    with pytest.raises(InputError, match=r"expected a taxon"):
        listing(tmp_path / "inputs.tsv", scratch=tmp_path)
    (tmp_path / "inputs.tsv").write_text("path\tsample\ttaxon_id\none.tsv\tA\t1351\n")
    (found,) = listing(tmp_path / "inputs.tsv", scratch=tmp_path).inputs
    assert (found.sample, found.sample_taxon) == ("A", 1351)
