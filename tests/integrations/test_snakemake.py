from __future__ import annotations

from pathlib import Path
from typing import Any


def test_snakemake_runs_the_wrapper_for_two_terms(
    integrations: Path,
    engines: Path,
    call: Any,
    samples: Path,
    golden: dict[str, bytes],
    tmp_path: Path,
) -> None:
    snakemake = [engines / "snakemake" / "bin" / "snakemake", "--cores", "2"]
    snakemake += ["--snakefile", integrations / "snakemake" / "Snakefile", "--config"]
    snakemake += [f"annotations={samples}", f"ontology={samples / 'go-samples.obo'}"]
    call(*snakemake, "terms=GO:0030420,GO:0009294")
    runs = tmp_path / "results"
    tables = runs / "GO:0030420" / "tables"
    assert {name: (tables / f"{name}.tsv").read_bytes() for name in golden} == golden
    assert (runs / "GO:0009294" / "report.html").is_file()
    call(*snakemake, "terms=GO:0000000", code=1)
    assert "GO:0000000" in (tmp_path / "logs" / "GO:0000000.log").read_text()


def test_snakemake_and_snakefmt_find_nothing_to_improve(
    integrations: Path, engines: Path, call: Any, samples: Path
) -> None:
    snakefile = integrations / "snakemake" / "Snakefile"
    call(engines / "snakemake" / "bin" / "snakefmt", "--check", snakefile)
    config = ["--config", f"annotations={samples}", f"ontology={samples / 'go-samples.obo'}"]
    call(engines / "snakemake" / "bin" / "snakemake", "--lint", "--snakefile", snakefile, *config)
