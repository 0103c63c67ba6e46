"""The manifest: every file with its size and checksum, and the differences that it shows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gafreduce.publishing import manifest
from gafreduce.publishing.manifest import Row

HEADER = b"path\tbytes\tsha256\n"
ROWS = HEADER + b"tables/a.tsv\t3\tabc\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with files, a link to a file, and a link to a folder."""
    folder = tmp_path / "run"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "a.tsv").write_text("a\tb\n")
    (folder / "run.json").write_text("{}")
    (folder / "link").symlink_to("run.json")
    (folder / "linked").symlink_to("tables", target_is_directory=True)
    return folder


def test_files_and_links_are_listed_and_links_are_not_followed(folder: Path) -> None:
    names = ["link", "linked", "run.json", "tables/a.tsv"]
    assert manifest.list_files(folder) == names
    (folder / manifest.NAME).write_bytes(HEADER)
    assert manifest.list_files(folder) == names
    assert manifest.list_sizes(folder) == {
        "link": -1, "linked": -1, "run.json": 2, "tables/a.tsv": 4
    }  # fmt: skip


def test_all_files_or_those_that_were_made_again_are_written(folder: Path) -> None:
    (folder / "linked").unlink()
    (folder / "link").unlink()
    manifest.write_manifest(folder)
    content = (folder / manifest.NAME).read_bytes()
    rows = {
        "run.json": Row(2, hashlib.sha256(b"{}").hexdigest()),
        "tables/a.tsv": Row(4, hashlib.sha256(b"a\tb\n").hexdigest()),
    }
    assert manifest.parse_rows(content) == rows
    assert content.startswith(HEADER)
    manifest.write_manifest(folder, {"kept": Row(9, "k")}, ["run.json"])
    found = manifest.parse_rows((folder / manifest.NAME).read_bytes())
    assert found == {"kept": Row(9, "k"), "run.json": rows["run.json"]}


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"path\tbytes\n", ROWS[:-1], ROWS + b"x", HEADER + b"a\tb\tc\n"),
        *(HEADER + b"a\t1\n", HEADER + b"a\t1\tb\tc\n", HEADER + b"a\t-1\tc\n", ROWS * 2),
        ROWS.replace(HEADER, b""),
    ],
)
def test_a_damaged_manifest_has_no_rows(content: bytes) -> None:
    assert manifest.parse_rows(content) is None
    (defect,) = manifest.find_defects(content, {})
    assert (defect.path, defect.kind) == (manifest.NAME, "manifest")


@pytest.mark.parametrize(
    "name",
    ["../a", "figures/../../a", "/a", "a/", "a//b", "./a", ".", "..", "", "figures/a\0b"],
)
def test_a_manifest_whose_paths_leave_the_folder_has_no_rows(name: str) -> None:
    assert manifest.parse_rows(HEADER + b"a..b/.c\t1\tc\n")
    assert manifest.parse_rows(HEADER + f"{name}\t1\tc\n".encode()) is None


def test_files_of_one_size_are_told_apart_by_name() -> None:
    assert manifest.parse_rows(ROWS + b"tables/b.tsv\t3\tabc\n") == {
        f"tables/{name}.tsv": Row(3, "abc") for name in "ab"
    }


def test_each_difference_is_named() -> None:
    def find(content: bytes | None, **sizes: int) -> list[tuple[str, str]]:
        return [each[:2] for each in manifest.find_defects(content, sizes, lambda _: "abc")]

    rows = HEADER + b"a\t0\tabc\nb\t3\tabd\n"
    assert find(HEADER) == []
    assert find(HEADER + b"a\t0\tabc\n", a=0) == []
    assert find(None, a=0) == [(manifest.NAME, "manifest")]
    assert find(rows) == [("a", "missing"), ("b", "missing")]
    assert find(rows, a=-1, b=2) == [("a", "size"), ("b", "size")]
    assert find(rows, a=0, b=3, d=1, c=1) == [("b", "checksum"), ("c", "extra"), ("d", "extra")]
    assert manifest.find_defects(rows, {"a": 0, "b": 3}) == []
    link, _ = manifest.find_defects(rows, {"a": -1, "b": -1})
    assert str(link) == "a: expected 0 bytes, got a link or device"


def test_extra_files_outside_of_some_folders_are_no_defect() -> None:
    sizes = {"notes": 1, "tables/x": 1, "tablesx": 1}
    found = manifest.select_below(manifest.find_defects(ROWS, sizes), ["tables"])
    assert [(each.path, each.kind) for each in found] == [
        ("tables/a.tsv", "missing"),
        ("tables/x", "extra"),
    ]


def test_a_study_follows_the_files_of_a_run_that_were_made_again(tmp_path: Path) -> None:
    run = tmp_path / "traits" / "GO_1"
    run.mkdir(parents=True)
    (tmp_path / "index.html").write_bytes(b"overview")
    for name in ("report.html", "removed.svg"):
        (run / name).write_bytes(b"first")
    manifest.write_manifest(run)
    manifest.write_manifest(tmp_path)

    (run / "report.html").write_bytes(b"second page")
    (run / "removed.svg").unlink()
    manifest.write_manifest(run)
    manifest.copy_rows(run, tmp_path)

    content = (tmp_path / manifest.NAME).read_bytes()
    sizes = manifest.list_sizes(tmp_path)
    assert sorted(sizes) == [
        "index.html",
        "traits/GO_1/MANIFEST.tsv",
        "traits/GO_1/report.html",
    ]
    assert (
        manifest.find_defects(content, sizes, lambda name: manifest.hash_file(tmp_path / name))
        == []
    )

    (tmp_path / manifest.NAME).write_bytes(b"damaged")
    manifest.copy_rows(run, tmp_path)
    assert (tmp_path / manifest.NAME).read_bytes() == b"damaged"
