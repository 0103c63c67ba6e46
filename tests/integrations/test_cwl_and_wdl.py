from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any


def test_cwltool_runs_the_tool_on_files_and_on_a_folder(
    integrations: Path,
    engines: Path,
    call: Any,
    samples: Path,
    golden: dict[str, bytes],
    tmp_path: Path,
) -> None:
    cwltool = engines / "cwltool" / "bin" / "cwltool"
    tool = integrations / "cwl" / "gafreduce-run.cwl"
    call(cwltool, "--validate", tool)
    done = call(cwltool, "--outdir", "files", tool, integrations / "cwl" / "samples.yml")
    outputs = json.loads(done.stdout)
    assert outputs["run"]["class"] == "Directory"
    assert len(Path(outputs["organisms"]["path"]).read_text().splitlines()) == 9  # one is a stray
    products = tmp_path / "files" / "run" / "tables" / "gene_products.tsv"
    assert products.read_bytes() == golden["gene_products"]
    fetched = tmp_path / "my-files"
    fetched.mkdir()
    for path in (samples / "inputs.tsv", *samples.glob("*.gaf")):
        shutil.copy(path, fetched)
    shutil.copy(samples / "go-samples.obo", fetched / "go-basic.obo")
    job = {"annotations": {"class": "Directory", "path": str(fetched)}}
    (tmp_path / "job.json").write_text(json.dumps(job))
    call(cwltool, "--outdir", "fetched", tool, "job.json")
    tables = tmp_path / "fetched" / "run" / "tables"
    assert {name: (tables / f"{name}.tsv").read_bytes() for name in golden} == golden


def test_cwltool_tells_a_wrong_input_from_a_failure_that_may_pass(
    integrations: Path, engines: Path, call: Any, samples: Path
) -> None:
    done = call(
        engines / "cwltool" / "bin" / "cwltool",
        integrations / "cwl" / "gafreduce-run.cwl",
        *("--term", "GO:0000000", integrations / "cwl" / "samples.yml"),
        code=1,
    )
    assert "permanentFail" in done.stderr


def test_miniwdl_accepts_the_task(integrations: Path, engines: Path, call: Any) -> None:
    miniwdl = engines / "miniwdl" / "bin" / "miniwdl"
    call(miniwdl, "check", "--strict", integrations / "wdl" / "gafreduce_run.wdl")
