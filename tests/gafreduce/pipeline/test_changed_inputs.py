"""An input that changes in mid-run stops the run; every job reads what was listed."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from gafreduce.jobs.accounting import reconcile
from gafreduce.jobs.runners import local
from gafreduce.pipeline import plan, run_pipeline
from tests.conftest import Command

LINE = b"UniProtKB\tP%05d\tx\t\tGO:0030420\tGO_REF:1\tIEA\t\tP\tname\t\tprotein\ttaxon:1423\t20220101\tX\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two inputs: a small one, and a plain one that is cut into splits."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.gaf").write_bytes(b"".join(LINE % number for number in range(9)))
    (folder / "b.gaf").write_bytes(b"".join(LINE % number for number in range(10, 16_000)))
    return folder


def replace_by_other(path: Path) -> None:
    other = path.with_name("other")
    stored = path.read_bytes()
    if stored.startswith(b"U"):
        other.write_bytes(stored.replace(b"GO:0030420", b"GO:0003677"))
    else:
        other.write_bytes(gzip.compress(gzip.decompress(stored)[: -len(LINE % 1)]))
    other.replace(path)


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(LINE % 99_999)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - len(LINE % 1))


def remove(path: Path) -> None:
    path.unlink()


def change_after(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, change: Callable[[], None]
) -> None:
    """Make a change when a function returns for the first time."""
    original = getattr(module, name)

    def changing(*arguments: Any, **options: Any) -> Any:
        found = original(*arguments, **options)
        change()
        monkeypatch.setattr(module, name, original)
        return found

    monkeypatch.setattr(module, name, changing)


def pack(path: Path) -> Path:
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


def find_input(folder: Path, name: str) -> Path:
    """Return the path of an input; it is packed first if the name is that of a packed file."""
    path = folder / name
    return path if path.exists() else pack(path.with_suffix(""))


def check_stopped(gafreduce: Command, samples: Path, changed: Path, *options: str) -> None:
    """Check that a run of the folder of a changed file stops, names it and publishes nothing."""
    output = changed.parent.parent / "out"
    code, _, errors = gafreduce(
        *("run", changed.parent, "--ontology", samples / "go-samples.obo", "-o", output, "-q"),
        *options,
    )
    assert code == 3, errors
    assert str(changed) in errors
    assert "run again" in errors
    assert not output.exists()


@pytest.mark.parametrize("change", [replace_by_other, grow, cut, remove])
@pytest.mark.parametrize(
    ("runner", "name"), [("inline", "a.gaf"), ("local", "b.gaf"), ("local", "b.gaf.gz")]
)
def test_change_during_the_main_job_stops_the_run(
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    samples: Path,
    folder: Path,
    runner: str,
    change: Callable[[Path], None],
    name: str,
) -> None:
    path = find_input(folder, name)
    change_after(monkeypatch, local, "plan_tasks", lambda: change(path))
    check_stopped(gafreduce, samples, path, "-r", runner, "--no-report")


@pytest.mark.parametrize(
    ("runner", "change", "name"),
    [
        ("local", replace_by_other, "b.gaf"),
        ("inline", replace_by_other, "b.gaf.gz"),
        ("inline", grow, "a.gaf"),
        ("inline", remove, "a.gaf"),
    ],
)
def test_change_between_the_jobs_stops_the_run(
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    samples: Path,
    folder: Path,
    runner: str,
    change: Callable[[Path], None],
    name: str,
) -> None:
    path = find_input(folder, name)
    change_after(monkeypatch, run_pipeline, "_make_tables", lambda: change(path))
    check_stopped(gafreduce, samples, path, "-r", runner)


def test_change_of_a_file_that_an_option_names_stops_the_run(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, samples: Path, folder: Path
) -> None:
    names = folder.parent / "names"
    names.write_text("1423\tBacillus subtilis\n")
    change_after(monkeypatch, run_pipeline, "_make_tables", lambda: names.write_text("1423\tx\n"))
    code, _, errors = gafreduce(
        *("run", folder, "--ontology", samples / "go-samples.obo", "-q", "--no-report"),
        *("--organism-names", names, "-o", folder.parent / "out"),
    )
    assert code == 3
    assert f"{names}: expected the file that was read at the start of the run" in errors
    assert not (folder.parent / "out").exists()


@pytest.mark.parametrize("is_put_back", [False, True])
@pytest.mark.parametrize(
    ("option", "reader", "before", "after"),
    [
        ("--organism-names", "_read_names", "1423\tBacillus a\n", "1423\tBacillus b\n"),
        ("--id-map", "_read_id_map", "P00001\tP00002\n", "P00001\tP00003\n"),
        ("--tree", "_read_tree", "(1423,9);", "(9,1423);"),
    ],
)
def test_a_file_of_an_option_that_changes_between_its_readers_stops_the_run(
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    samples: Path,
    folder: Path,
    option: str,
    reader: str,
    before: str,
    after: str,
    is_put_back: bool,
) -> None:
    """Its checksum is of one version; what was read is of another, also if that is there again."""
    path = folder.parent / "named"
    path.write_text(before)
    times = path.stat()
    original = getattr(plan, reader)

    def write(text: str) -> None:
        path.write_text(text)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def read_other(options: Any) -> Any:
        if is_put_back:
            write(after)
        found = original(options)
        write(before if is_put_back else after)
        return found

    monkeypatch.setattr(plan, reader, read_other)
    code, _, errors = gafreduce(
        *("run", folder, "--ontology", samples / "go-samples.obo", "-q", "--no-report"),
        *(option, path, "-o", folder.parent / "out"),
    )
    assert code == 3, errors
    assert f"{path}: expected the file that was read at the start of the run" in errors
    assert not (folder.parent / "out").exists()


@pytest.mark.parametrize("place", ["_input_paths_for_step", "_split_mapper_input"])
@pytest.mark.parametrize("runner", ["inline", "local"])
def test_a_file_that_is_removed_before_tasks_are_planned_is_named(
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    samples: Path,
    folder: Path,
    runner: str,
    place: str,
) -> None:
    path = folder / "a.gaf"
    original = getattr(local.SafeInlineRunner, place)

    def remove_and_plan(*arguments: Any) -> Any:
        path.unlink(missing_ok=True)
        return original(*arguments)

    monkeypatch.setattr(local.SafeInlineRunner, place, remove_and_plan)
    check_stopped(gafreduce, samples, path, "-r", runner, "--no-report")


@pytest.mark.parametrize("runner", ["inline", "local"])
def test_a_run_goes_on_when_the_cache_is_emptied(
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    samples: Path,
    folder: Path,
    runner: str,
) -> None:
    caches = folder.parent / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    change_after(monkeypatch, plan, "compute_run_id", lambda: shutil.rmtree(caches))
    code, _, errors = gafreduce(
        *("run", folder, "--ontology", samples / "go-samples.obo", "-q", "--no-report"),
        *("-r", runner, "-o", folder.parent / "out"),
    )
    assert (code, errors) == (0, "")
    assert not caches.exists()


@pytest.mark.parametrize("runner", ["inline", "local"])
def test_file_that_is_removed_before_a_check_is_named(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, folder: Path, runner: str
) -> None:
    from gafreduce.commands.inputs import check

    path = folder / "b.gaf"
    change_after(monkeypatch, check, "list_inputs", path.unlink)
    code, output, errors = gafreduce("check", folder, "-r", runner, "-q")
    assert (code, output) == (3, "")
    assert str(path) in errors
    assert "run again" in errors


@pytest.mark.parametrize("runner", ["inline", "local"])
def test_change_during_a_check_is_an_error(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, folder: Path, runner: str
) -> None:
    path = folder / "b.gaf"
    change_after(monkeypatch, local, "plan_tasks", lambda: replace_by_other(path))
    code, output, errors = gafreduce("check", folder, "-r", runner, "-q")
    assert (code, output) == (3, "")
    assert f"{path}: expected the file that was listed" in errors


def test_change_during_a_conversion_leaves_no_file(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    from gafreduce.commands.inputs import convert

    path = folder / "b.gaf"
    change_after(monkeypatch, convert, "read_annotations", lambda: grow(path))
    target = folder.parent / "out.gpad"
    code, _, errors = gafreduce("convert", folder, "--to", "gpad2.0", "-o", target, "-q")
    assert code == 3
    assert f"{path}: expected the file that was listed, got another size" in errors
    assert not target.exists()


@pytest.mark.parametrize("runner", ["inline", "local"])
def test_change_of_a_companion_stops_the_run(
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    samples: Path,
    tmp_path: Path,
    runner: str,
) -> None:
    gpad = tmp_path / "x.gpad"
    gpad.write_text("!gpa-version: 1.1\n" + "".join(
        f"UniProtKB\tP{number}\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000501\t\t\t20200101\tX\t\t\n"
        for number in range(99)
    ))  # fmt: skip
    gpi = tmp_path / "x.gpi"
    gpi.write_text("!gpi-version: 1.2\n" + "".join(
        f"UniProtKB\tP{number}\ts\tn\t\tprotein\ttaxon:1423\t\t\t\n" for number in range(99)
    ))  # fmt: skip
    command = ("run", gpad, "--companion", gpi, "--ontology", samples / "go-samples.obo", "-q",
               "-r", runner, "--no-report", "-o")  # fmt: skip
    assert gafreduce(*command, tmp_path / "undisturbed")[0] == 0

    def change() -> None:
        other = tmp_path / "other"
        other.write_text(gpi.read_text().replace("taxon:1423", "taxon:1424"))
        other.replace(gpi)

    change_after(monkeypatch, local, "plan_tasks", change)
    code, _, errors = gafreduce(*command, tmp_path / "out")
    assert code == 3, errors
    assert f"{gpi}: expected the file that was listed, got another file" in errors


def test_a_zstd_file_that_is_replaced_after_it_was_listed_is_named(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, samples: Path, tmp_path: Path
) -> None:
    from gafreduce.pipeline import plan

    path = tmp_path / "x.gaf.zst"
    path.write_bytes(zstd.compress(LINE % 1))
    other = tmp_path / "other"
    other.write_bytes(zstd.compress(LINE % 2))
    change_after(monkeypatch, plan, "list_inputs", lambda: shutil.move(other, path))
    code, _, errors = gafreduce(
        *("run", path, "--ontology", samples / "go-samples.obo", "-o", tmp_path / "out", "-q")
    )
    assert code == 3
    assert f"{path}: expected the file that was listed, got another file" in errors


def test_passes_that_read_different_lines_are_an_error() -> None:
    """Clusters give no bytes of files, and no handle to look at: their jobs count lines and text."""
    from gafreduce.jobs.accounting.reconcile import FileTotal, check_passes
    from gafreduce.jobs.files.input_list import InputFile

    sources = [InputFile("hdfs:/x", "x", "gaf", "plain", 100)]
    total = FileTotal(10, 1, 0, 0, 9, 0, 100, "", 1, 9, [9], [9], {}, {}, [])
    check_passes(sources, {0: total}, {0: total._replace(n_kept=0, n_bytes=100, sha256="ab")})
    for other in (
        {},
        {0: total._replace(n_lines=9)},
        {0: total._replace(n_lines=0, n_text_bytes=0)},
        {0: total._replace(n_text_bytes=99)},
    ):
        with pytest.raises(reconcile.ChangedError, match="x: expected the second job to read"):
            check_passes(sources, {0: total}, other)
    known = {0: total._replace(sha256="ab")}
    with pytest.raises(reconcile.ChangedError, match="content with the sha256 ab"):
        check_passes(sources, known, {0: total._replace(sha256="cd")})
