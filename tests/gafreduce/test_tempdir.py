from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from gafreduce import tempdir


def test_no_file_is_written_to_try_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`tempfile` does: a process that is killed then leaves a file that nobody can attribute."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "_get_default_tempdir", lambda: pytest.fail("tried"))
    with tempdir.temporary_folder() as folder:
        assert folder.parent == tmp_path
        assert Path(tempfile.gettempdir()) == folder
    assert tempfile.tempdir is None


def test_a_missing_folder_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setenv("TEMP", str(tmp_path))
    assert tempdir.find_parent() == tmp_path
