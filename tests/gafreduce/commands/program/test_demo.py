"""`gafreduce demo` gives the numbers of the samples, from any folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.commands.program import demo
from gafreduce.errors import TransientError
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows


def test_demo_runs_anywhere(
    gafreduce: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = gafreduce("demo", "--no-report")
    assert code == 0
    assert out.rstrip().endswith("gafreduce-demo")
    rows = read_rows(RunFolder(tmp_path / "gafreduce-demo"), "organisms")
    counts = {row["taxon_id"]: row["n_target_gene_products"] for row in rows}
    assert (counts["224308"], counts["83333"], len(counts)) == ("52", "2", 8)
    assert "exists already" in gafreduce("demo", "--no-report")[1]


def test_an_installation_without_samples_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo.package_files, "__file__", str(tmp_path / "package" / "x.py"))
    with pytest.raises(TransientError, match="expected the samples of gafreduce"):
        demo.find_samples()
