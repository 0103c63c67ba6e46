"""`gafreduce verify`: the differences between a run and its manifest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gafreduce.publishing.run_folder import RunFolder

Command = Callable[..., tuple[int, str, str]]

FILES = {
    "report.html": "<p>",
    "tables/a.tsv": "a\n",
    "tables/b.tsv": "b\n",
    "figures/x.svg": "<svg>",
}


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = RunFolder(tmp_path / "run")
    for name, text in FILES.items():
        (folder.path / name).parent.mkdir(parents=True, exist_ok=True)
        (folder.path / name).write_text(text)
    folder.write_record({"run_id": "one"})
    folder.write_manifest()
    return folder.path


def damage(folder: Path) -> None:
    (folder / "tables" / "a.tsv").write_text("A\n")
    (folder / "tables" / "b.tsv").unlink()
    (folder / "report.html").write_text("<p>longer")
    (folder / "notes.txt").write_text("dear")


DEFECTS = [
    ("report.html", "size"),
    ("tables/a.tsv", "checksum"),
    ("tables/b.tsv", "missing"),
    ("notes.txt", "extra"),
]


def test_a_whole_run_has_no_differences(gafreduce: Command, run_dir: Path) -> None:
    assert gafreduce("verify", run_dir) == (
        0,
        f"{run_dir}: all files are as its manifest states\n",
        "",
    )
    assert gafreduce("verify", run_dir, "-q") == (0, "", "")
    assert json.loads(gafreduce("verify", run_dir, "--json")[1])["defects"] == []


def test_each_difference_is_a_line(gafreduce: Command, run_dir: Path) -> None:
    damage(run_dir)
    code, out, errors = gafreduce("verify", run_dir)
    assert code == 1
    rows = [line.split("\t") for line in out.splitlines()]
    assert [(path, kind) for kind, path, _ in rows] == DEFECTS
    assert rows[0][2] == "expected 3 bytes, got 9"
    assert (
        errors == f"gafreduce: {run_dir}: expected the files of its manifest, got 4 differences\n"
    )


def test_differences_as_json(gafreduce: Command, run_dir: Path) -> None:
    damage(run_dir)
    code, out, _ = gafreduce("verify", run_dir, "--json")
    found = json.loads(out)
    assert (code, found["run"]) == (1, str(run_dir))
    assert [(each["path"], each["kind"]) for each in found["defects"]] == DEFECTS


def test_a_link_is_no_file_of_a_run_and_is_not_read(
    gafreduce: Command, run_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "same").write_text("a\n")
    (run_dir / "tables" / "a.tsv").unlink()
    (run_dir / "tables" / "a.tsv").symlink_to(tmp_path / "same")
    (run_dir / "figures" / "x.svg").unlink()
    (run_dir / "figures").rmdir()
    (run_dir / "figures").symlink_to(tmp_path)
    code, out, _ = gafreduce("verify", run_dir)
    assert code == 1
    assert [line.split("\t")[:2] for line in out.splitlines()] == [
        ["missing", "figures/x.svg"],
        ["size", "tables/a.tsv"],
        ["extra", "figures"],
    ]


_ROW = "path\tbytes\tsha256\ntables/a.tsv\t{}\tx\n"


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "path\tbytes\tsha256\ntables/a.t", "\0" * 100),
        *(_ROW.format("9" * 5000), _ROW.format("-1"), _ROW.format("\u0663"), _ROW.format("1\r")),
        _ROW.format(1) + "tables/a.tsv\t2\tx\n",  # two statements of one file
    ],
)
def test_a_missing_or_cut_manifest_is_a_difference(
    gafreduce: Command, run_dir: Path, text: str | None
) -> None:
    if text is None:
        (run_dir / "MANIFEST.tsv").unlink()
    else:
        (run_dir / "MANIFEST.tsv").write_text(text)
    code, out, _ = gafreduce("verify", run_dir)
    assert (code, out.split("\t")[:2]) == (1, ["manifest", "MANIFEST.tsv"])


def test_a_place_without_a_run_is_an_error(gafreduce: Command, tmp_path: Path) -> None:
    assert gafreduce("verify", tmp_path / "none")[0] == 1
    (tmp_path / "file").touch()
    code, _, errors = gafreduce("verify", tmp_path / "file")
    assert (code, "expected a run folder, got no folder" in errors) == (1, True)


def test_a_published_run_is_verified(gafreduce: Command, run_dir: Path, s3_client: Any) -> None:
    s3_client.create_bucket(Bucket="runs")
    for path in run_dir.rglob("*"):
        if path.is_file():
            key = f"p/one/{path.relative_to(run_dir).as_posix()}"
            s3_client.put_object(Bucket="runs", Key=key, Body=path.read_bytes())
    s3_client.put_object(Bucket="runs", Key="p/one/.gafreduce-lock.json", Body=b"{}")
    s3_client.put_object(Bucket="runs", Key="p/one-2/other", Body=b"")
    assert gafreduce("verify", "s3://runs/p/one/")[0] == 0
    s3_client.put_object(Bucket="runs", Key="p/one/report.html", Body=b"<p>longer")
    s3_client.put_object(Bucket="runs", Key="p/one/tables/a.tsv", Body=b"A\n")
    s3_client.delete_object(Bucket="runs", Key="p/one/tables/b.tsv")
    s3_client.put_object(Bucket="runs", Key="p/one/notes.txt", Body=b"dear")
    code, out, _ = gafreduce("verify", "s3://runs/p/one", "--json")
    assert code == 1
    found = [(each["path"], each["kind"]) for each in json.loads(out)["defects"]]
    assert found == DEFECTS
    code, _, errors = gafreduce("verify", "s3://runs/nothing")
    assert (code, "expected a published run, got no objects" in errors) == (1, True)
