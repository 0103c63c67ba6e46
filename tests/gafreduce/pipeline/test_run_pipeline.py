"""The phases of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.terminal.progress import Progress

REPOSITORY = Path(__file__).parents[3]
Command = Callable[..., tuple[int, str, str]]


def test_progress_knows_the_phases_that_a_run_has(
    gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[tuple[str, ...]] = []
    plan = Progress.plan

    def note(self: Progress, phases: tuple[str, ...], *sizes: int) -> None:
        planned.append(phases)
        plan(self, phases, *sizes)

    monkeypatch.setattr(Progress, "plan", note)
    samples = REPOSITORY / "data/samples"
    command = ("run", samples, "--ontology", samples / "go-samples.obo")
    assert gafreduce(*command, "-o", tmp_path / "tables", "--no-report")[0] == 0
    assert gafreduce(*command, "-o", tmp_path / "page")[0] == 0
    assert planned == [
        ("inputs", "job", "counting", "tables"),
        ("inputs", "job", "counting", "tables", "context", "rereading", "report"),
    ]
