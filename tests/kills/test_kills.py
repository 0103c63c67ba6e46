"""A short sample of `make test-kills`: each command, and each signal, a few times."""

from __future__ import annotations

from pathlib import Path

import killing


def test_killed_commands_keep_their_promises(tmp_path: Path) -> None:
    counts, failures = killing.kill_many(tmp_path, 20, seed="sample", n_workers=2)
    assert not failures, "\n".join(failures)
    assert counts.total() == 20
