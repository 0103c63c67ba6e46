from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

MODULE = Path("modules/nf-core/gafreduce/run/main.nf")


def copy_for_old_nextflow(integrations: Path, folder: Path) -> Path:
    """Copy the workflow without the output of versions: it needs Nextflow 24.04, this is 23.10."""
    copy = folder / "workflow"
    shutil.copytree(integrations / "nextflow", copy)
    text = (copy / MODULE).read_text()
    lines = [line for line in text.splitlines() if "topic: versions" not in line]
    assert len(lines) == len(text.splitlines()) - 1
    (copy / MODULE).write_text("\n".join(lines))
    return copy


def test_nextflow_runs_the_module(
    integrations: Path,
    engines: Path,
    call: Any,
    samples: Path,
    golden: dict[str, bytes],
    tmp_path: Path,
) -> None:
    workflow = copy_for_old_nextflow(integrations, tmp_path)
    nextflow = ["java", "-cp", f"{engines / 'nextflow'}/*", "nextflow.cli.Launcher", "run"]
    options = ["--annotations", samples, "--ontology", samples / "go-samples.obo"]
    call(*nextflow, workflow, *options)
    results = tmp_path / "results" / "GO_0030420"
    assert {name: (results / "tables" / f"{name}.tsv").read_bytes() for name in golden} == golden
    assert (results / "report.html").stat().st_size > 100_000
    shutil.rmtree(tmp_path / "results")
    call(*nextflow, workflow, *options, "-stub-run")
    assert (results / "tables" / "organisms.tsv").read_bytes() == b""
