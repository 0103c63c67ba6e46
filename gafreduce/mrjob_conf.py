"""The options of a runner in mrjob.conf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gafreduce import jobs  # noqa: F401 - makes mrjob importable on every Python


def read_options(runner: str, conf: Path | None) -> dict[str, Any]:
    """Return all options of a runner; a file overrides the files that it includes."""
    from mrjob.conf import load_opts_from_mrjob_conf

    found: dict[str, Any] = {}
    for _, values in load_opts_from_mrjob_conf(runner, str(conf)) if conf else []:
        found |= {name: value for name, value in values.items() if value or name not in found}
    return found


def read_option(runner: str, conf: Path | None, name: str) -> Any:
    """Return one option; None when it is missing or empty."""
    return read_options(runner, conf).get(name) or None
