"""Tests of the local and Hadoop options in mrjob.conf."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from mrjob.hadoop import HadoopJobRunner

from gafreduce.jobs.runners.local import RUNNERS

CONF = Path(__file__).parents[2] / "mrjob.conf"
RUNNER_CLASSES = {"local": RUNNERS["local"], "hadoop": HadoopJobRunner}


@pytest.mark.parametrize("name", RUNNER_CLASSES)
def test_mrjob_knows_every_option(name: str) -> None:
    """mrjob only warns of an unknown option, and not when its value is false."""
    runner: Any = RUNNER_CLASSES[name]
    options = yaml.safe_load(CONF.read_text())["runners"][name]
    assert set(options) <= runner.OPT_NAMES
    made = runner(conf_paths=[str(CONF)])
    assert made._opts["cleanup_on_failure"] == ["TMP"]


def test_every_option_is_explained() -> None:
    """Each option, or its group of lines, follows a comment."""
    for before, line in itertools.pairwise(CONF.read_text().splitlines()):
        if line[:4].isspace() and line[4:5].isalpha():
            explained = before[:4].isspace() and (before[4:5] == "#" or before[4:5].isalpha())
            assert explained, f"expected a comment before {line.strip()!r}"
