"""Messages name standard input, not the file that it is copied to."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"", ["-"], "standard input: expected annotation lines, got 0 bytes (did the command"),
        (b"x", ["-", "-"], "-: expected standard input once, got it twice"),
        (b"no annotations\n", ["-"], "standard input: expected annotation lines, got text"),
        (gzip.compress(b"x" * 100)[:8], ["-"], "standard input: expected a gzip file, got a"),
    ],
    ids=["empty", "twice", "other", "damaged"],
)
def test_wrong_standard_input_is_reported_under_that_name(
    gafreduce: Command,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    command = ("run", *arguments, "--ontology", samples / "go-samples.obo", "-o", tmp_path / "x")
    code, _, errors = gafreduce(*command)
    assert code == 1
    assert errors.startswith(f"gafreduce: {message}"), errors
    assert "standard-input" not in errors
