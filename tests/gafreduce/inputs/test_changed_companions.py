"""A cluster gets local companions with each job: they are verified at the end as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.inputs import verify
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.jobs.files.file_version import ChangedError
from gafreduce.storage import s3
from gafreduce.storage.base import Identity
from gafreduce.storage.local import LocalStorage


@pytest.mark.parametrize("change", ["replaced", "grown", "removed"])
def test_local_companion_that_changed_is_named(tmp_path: Path, change: str) -> None:
    path = tmp_path / "x.gpi"
    path.write_text("one")
    listed = ListedInput(
        *("/x.gpad", "x.gpad", "gpad", "plain", Identity(1)),
        companion=str(path),
        companion_identity=LocalStorage().stat([str(path)])[str(path)].identity,
    )
    verify.check_unchanged([listed], s3.Access())
    if change == "grown":
        path.write_text("one more")
    else:
        path.rename(tmp_path / "old")
    if change == "replaced":
        path.write_text("two")
    words = "is gone" if change == "removed" else "was replaced"
    with pytest.raises(ChangedError, match=words):
        verify.check_unchanged([listed], s3.Access())
