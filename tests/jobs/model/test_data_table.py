from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from gafreduce.jobs.model.data_table import read_data_table
from gafreduce.jobs.rules.catalogue import RULES, Rule


def write_package(path: Path, content: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("zipped_facts/__init__.py", "")
        archive.writestr("zipped_facts/facts.tsv", content)


@pytest.fixture
def zipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path / "package.zip")
    monkeypatch.delitem(sys.modules, "zipped_facts", raising=False)
    return tmp_path / "package.zip"


def test_a_table_is_read_from_a_zip(zipped: Path) -> None:
    write_package(zipped, "code\tmeaning\nIDA\tdirect assay\nND\t\n")
    rows = read_data_table("zipped_facts", "facts.tsv", ("code", "meaning"))
    assert list(rows) == [("IDA", "direct assay"), ("ND", "")]


@pytest.mark.parametrize("content", ["", "code\nIDA\n", "meaning\tcode\n", "code\tmeaning\nIDA\n"])
def test_a_table_with_other_columns_is_refused(zipped: Path, content: str) -> None:
    write_package(zipped, content)
    with pytest.raises(ValueError, match=r"zipped_facts/facts\.tsv: expected the columns code, m"):
        list(read_data_table("zipped_facts", "facts.tsv", ("code", "meaning")))


def test_the_columns_of_the_rules_are_the_fields_of_a_rule() -> None:
    rows = list(read_data_table("gafreduce.jobs.rules", "rules.tsv", Rule._fields))
    assert [Rule(*row) for row in rows] == list(RULES.values())
