"""A process can be killed before any of its changes of the file system: nothing is lost by that, and
`gafreduce clean` shows and removes all that is left.

This file is a program, too: it forks a process for each moment, runs a scenario in it and kills it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gafreduce import owned_paths, tempdir
from gafreduce.ontology import cache
from gafreduce.publishing import folder_lock, lock_record, orphans
from gafreduce.publishing.local_publish import build_run_folder
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.storage import s3
from gafreduce.storage.replace_file import replace_file

MANY = 1000


def publish(folder: Path) -> None:
    """Publish a run, as `gafreduce run` does."""
    run = folder / "out" / "run"
    with folder_lock.lock_folder(run) as lock, build_run_folder(run) as new:
        lock.record(lock_record.ATTEMPTS, [])
        new.table("terms").parent.mkdir()
        new.table("terms").write_text("new\n")
        new.write_record({"run_id": "new"})
        new.write_manifest()


def replace(folder: Path) -> None:
    """Remake a file of a run, as `gafreduce report` does."""
    run = RunFolder(folder / "out" / "run")
    with run.replace("figures/x.svg") as stream:
        stream.write(b"new")
    run.update_manifest(["figures/x.svg"], [])


def write(folder: Path) -> None:
    """Write a file over another one, as `gafreduce convert` does."""
    with replace_file(folder / "out" / "file") as stream:
        stream.write(b"new\n")


def use_temporary_folder(folder: Path) -> None:
    with tempdir.temporary_folder() as scratch:
        (scratch / "x").write_text("x")
        (scratch / "below").mkdir()


def cache_terms(folder: Path) -> None:
    """Write a file of the cache."""
    path = folder / "cache" / "gafreduce" / "x.terms"
    path.parent.mkdir(parents=True, exist_ok=True)
    cache._store(path, b"new\n")


def clean(folder: Path) -> None:
    for each in find(folder):
        each.remove()


def prepare_run(folder: Path) -> None:
    publish(folder)
    (folder / "out" / "run" / "tables" / "terms.tsv").write_text("old\n")
    RunFolder(folder / "out" / "run").write_manifest()


def prepare_file(folder: Path) -> None:
    (folder / "out" / "file").write_text("old\n")


def prepare_orphans(folder: Path) -> None:
    """Make what killed processes leave."""
    lock = folder / "out" / ".run.lock"
    lock.write_text('{"product": "gafreduce"}')
    for parent, kind in ((folder / "out", owned_paths.BUILD), (folder / "tmp", "temporary")):
        prefix = ".run." if kind == owned_paths.BUILD else tempdir.PREFIX
        with owned_paths.make_folder(parent, prefix, kind) as made:
            made.must_stay = True
            (made.path / "new").mkdir()
            (made.path / "new" / "x").write_text("x")


SCENARIOS: dict[str, tuple[Callable[[Path], None], Callable[[Path], None]]] = {
    "publish": (lambda folder: None, publish),
    "publish-again": (prepare_run, publish),
    "report": (prepare_run, replace),
    "convert": (prepare_file, write),
    "temporary": (lambda folder: None, use_temporary_folder),
    "cache": (lambda folder: None, cache_terms),
    "clean": (prepare_orphans, clean),
}


def find(folder: Path) -> Iterator[orphans.Orphan]:
    """Yield what `gafreduce clean` shows."""
    yield from orphans.find_in_parent(folder / "out", 0, s3.Access())
    yield from orphans.find_temporary(0)
    yield from orphans.find_in_cache(0)


def list_left(folder: Path) -> set[str]:
    """Return the paths of what is no result: in the folders of runs and in TMPDIR."""
    paths = [*(folder / "out").iterdir(), *(folder / "tmp").iterdir()]
    for pattern in ("out/run/**", "cache/gafreduce"):
        paths += folder.glob(f"{pattern}/{owned_paths.WORKING_PREFIX}*")
    return {str(each) for each in paths if each.name not in ("run", "file")}


def check(folder: Path, has_result: bool) -> None:
    """Check what a killed process left, clean it up, and check what is there then."""
    left = list_left(folder)
    shown = {each.place for each in find(folder)}
    assert left == shown, f"not shown: {left - shown}"
    clean(folder)
    assert not list_left(folder)
    run, file = folder / "out" / "run", folder / "out" / "file"
    assert not has_result or run.exists() or file.exists(), "a result is lost"
    if run.exists():
        assert (run / "tables" / "terms.tsv").read_text() in ("old\n", "new\n")
        missing = [each for each in RunFolder(run).find_defects() if "figures" not in each.path]
        assert not missing, missing
    if file.exists():
        assert file.read_text() in ("old\n", "new\n")


def fork(action: Callable[[], object]) -> int:
    """Do something in a process of its own; return its exit code."""
    process = os.fork()
    if not process:
        code = 1
        with contextlib.suppress(SystemExit):
            action()
            code = 0
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def main(name: str, root: Path) -> None:
    """Kill a scenario at each of its moments; write how many there are."""
    import moments

    prepare, scenario = SCENARIOS[name]
    for moment in range(1, MANY):
        folder = root / str(moment)
        for each in (folder / "out", folder / "tmp"):
            each.mkdir(parents=True)
        tempfile.tempdir = str(folder / "tmp")
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        prepare(folder)
        has_result = any((folder / "out" / each).exists() for each in ("run", "file"))

        def act(moment: int = moment, folder: Path = folder) -> None:
            moments.kill_at(moment)
            scenario(folder)

        code = fork(act)
        assert code in (0, -signal.SIGKILL), f"exit code {code} at moment {moment}"
        try:
            check(folder, has_result)
        except AssertionError as error:
            raise AssertionError(f"moment {moment}: {error}") from error
        shutil.rmtree(folder)
        if code == 0:
            sys.stdout.write(f"{moment - 1}\n")
            return


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_or_hidden_whenever_a_process_is_killed(name: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, __file__, name, tmp_path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) >= 6


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
