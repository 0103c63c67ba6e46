"""What mrjob.conf says of a runner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gafreduce import jobs  # noqa: F401 - with it mrjob can be imported on every Python


def options(runner: str, conf: Path | None) -> dict[str, Any]:
    """Return all options of a runner; a file that includes another has the last word."""
    from mrjob.conf import load_opts_from_mrjob_conf

    found: dict[str, Any] = {}
    for _, said in load_opts_from_mrjob_conf(runner, str(conf)) if conf else []:
        found |= {name: value for name, value in said.items() if value or name not in found}
    return found


def option(runner: str, conf: Path | None, name: str) -> Any:
    """Return one option; None when it says nothing."""
    return options(runner, conf).get(name) or None
