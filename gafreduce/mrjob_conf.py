"""The options of a runner in mrjob.conf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gafreduce import jobs  # noqa: F401 - makes mrjob importable on every Python
from gafreduce.errors import InputError
from gafreduce.regular_file import check_regular_file


def read_options(runner: str, conf: Path | None) -> dict[str, Any]:
    """Return all options of a runner; a file overrides the files that it includes.

    Raises:
        InputError: The file is damaged, or a pipe or device.
        OSError: The file cannot be read.
    """
    from mrjob.conf import load_opts_from_mrjob_conf
    from yaml import YAMLError  # type: ignore[import-untyped]  # mrjob brings it, without stubs

    if conf is not None:
        check_regular_file(conf)
    found: dict[str, Any] = {}
    try:
        for _, values in load_opts_from_mrjob_conf(runner, str(conf)) if conf else []:
            found |= {name: value for name, value in values.items() if value or name not in found}
    except (YAMLError, TypeError, KeyError, AttributeError) as error:
        words = " ".join(str(error).split())
        raise InputError(f"{conf}: expected the configuration of mrjob, got {words}") from error
    return found


def read_option(runner: str, conf: Path | None, name: str) -> Any:
    """Return one option; None when it is missing or empty."""
    return read_options(runner, conf).get(name) or None
