"""Outputs that a user names."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from gafreduce.storage.output_file import open_output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_an_output_that_cannot_be_written_is_named() -> None:
    with (
        pytest.raises(OSError, match="No space left on device") as caught,
        open_output("/dev/full") as stream,
    ):
        stream.write("x" * 100_000)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "/dev/full")


def test_an_error_without_a_number_is_not_changed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="odd") as caught, open_output(str(tmp_path / "x")):
        raise OSError("odd")
    assert caught.value.filename is None
    assert list(tmp_path.iterdir()) == []
