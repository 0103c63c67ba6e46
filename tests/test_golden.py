"""The sample run: golden tables, numbers worked out by hand, SQL and goatools."""

from __future__ import annotations

import os
from pathlib import Path

import oracle_duckdb
import oracle_goatools
import oracle_sources
import pytest

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows, split_list
from gafreduce.reports.tables.schema import TABLES

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("sample") / "run"
    ontology = samples / "go-samples.obo"
    arguments = [str(samples), "--ontology", str(ontology), "-q", "-o", str(folder)]
    assert main(["run", *arguments]) == 0
    return folder


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_golden(run_dir: Path, name: str) -> None:
    made = (run_dir / "tables" / f"{name}.tsv").read_bytes()
    golden = GOLDEN / f"{name}.tsv"
    if os.environ.get("GAFREDUCE_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        golden.write_bytes(made)
    assert made == golden.read_bytes(), "differs: look at it, then `make golden`"


def test_numbers_agree_with_those_worked_out_by_hand(run_dir: Path) -> None:
    """E. coli has two target lines in data/samples/Escherichia_coli_K_12-83333.gaf.

    ycaI (P37443) is annotated once to GO:0030420, by InterPro:IPR004797, IEA; sxy (P75869) once, by
    the keyword KW-0178, IEA. Neither is annotated to its regulation. There is no NOT.
    """
    (organism,) = (
        r for r in read_rows(RunFolder(run_dir), "organisms") if r["taxon_id"] == "83333"
    )
    assert organism["n_target_annotations"] == "2"
    assert organism["n_target_gene_products"] == "2"
    assert organism["n_target_electronic"] == "2"
    assert organism["n_target_experimental"] == "0"
    assert organism["n_regulator_gene_products"] == "0"
    assert organism["n_negated_gene_products"] == "0"
    assert organism["verdict"] == "electronic_only"
    assert (organism["complete"], organism["rate_per_1000"]) == ("false", "")
    products = [
        r for r in read_rows(RunFolder(run_dir), "gene_products") if r["taxon_id"] == "83333"
    ]
    assert [(r["object_id"], r["symbol"], r["flags"]) for r in products] == [
        ("UniProtKB:P37443", "ycaI", ""),
        ("UniProtKB:P75869", "sxy", "keyword_only"),
    ]


@pytest.mark.filterwarnings("ignore")
def test_every_number_equals_sql_and_goatools(run_dir: Path, samples: Path) -> None:
    files, ontology = sorted(samples.glob("*.gaf")), samples / "go-samples.obo"
    found = oracle_duckdb.read_run(run_dir)
    compared = [taxon for taxon in found.organisms if taxon != 2359090]
    assert found == oracle_duckdb.count(files, ontology, compared, complete=())
    counts = {key: (direct, above) for key, (_, direct, above, _) in found.profile.items()}
    assert counts == oracle_goatools.count(files, ontology)


def test_what_remains_without_each_source_equals_pandas(run_dir: Path, samples: Path) -> None:
    remaining = {
        (int(row["taxon_id"]), row["source"]): (
            int(row["n_target_gene_products"]),
            int(row["n_also_negative_regulators"]),
        )
        for row in read_rows(RunFolder(run_dir), "robustness")
        if row["kind"] in ("none", "source")
    }
    assert remaining == oracle_sources.count_remaining(sorted(samples.glob("*.gaf")))
    assert remaining[224308, "UniProt keywords"] == (4, 0)


def test_meca_is_flagged_in_the_six_bacillaceae(run_dir: Path) -> None:
    flagged = {
        (row["taxon_id"], row["object_id"])
        for row in read_rows(RunFolder(run_dir), "gene_products")
        if "also_negative_regulator" in split_list(row["flags"])
    }
    assert len({taxon_id for taxon_id, _ in flagged}) == 6
    assert len(flagged) == 12


def test_every_gene_product_agrees_with_its_annotations(run_dir: Path) -> None:
    rows = list(read_rows(RunFolder(run_dir), "annotations"))
    for product in read_rows(RunFolder(run_dir), "gene_products"):
        key = (product["taxon_id"], product["object_id"])
        own = [row for row in rows if (row["taxon_id"], row["object_id"]) == key]
        assert len(own) == int(product["n_annotations"]) > 0
        assert split_list(product["go_ids"]) == sorted({row["go_id"] for row in own})
        assert split_list(product["evidence_codes"]) == sorted(
            {row["evidence_code"] for row in own}
        )


def test_target_counts_equal_the_propagated_counts_of_the_target(run_dir: Path) -> None:
    propagated = {
        row["taxon_id"]: row["n_gene_products_propagated"]
        for row in read_rows(RunFolder(run_dir), "profile")
        if row["go_id"] == "GO:0030420"
    }
    for row in read_rows(RunFolder(run_dir), "organisms"):
        assert row["n_target_gene_products"] == propagated.get(row["taxon_id"], "0")


def test_parquet_and_tsv_have_the_same_cells(run_dir: Path) -> None:
    import pyarrow.parquet as parquet

    from gafreduce.reports.tables.writer import encode_cell

    for name, table in TABLES.items():
        found = parquet.read_table(RunFolder(run_dir).parquet(name))
        assert found.column_names == list(table.column_names)
        for row, stored in zip(read_rows(RunFolder(run_dir), name), found.to_pylist(), strict=True):
            assert {key: encode_cell(value) for key, value in stored.items()} == row


def test_the_manifest_names_every_file_with_its_checksum(run_dir: Path) -> None:
    import hashlib

    header, *rows = (run_dir / "MANIFEST.tsv").read_text().splitlines()
    assert header == "path\tbytes\tsha256"
    listed = {row.split("\t")[0]: row.split("\t")[1:] for row in rows}
    existing = {p.relative_to(run_dir).as_posix() for p in run_dir.rglob("*") if p.is_file()}
    assert set(listed) == existing - {"MANIFEST.tsv"}
    for name, (size, digest) in listed.items():
        content = (run_dir / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (int(size), digest)
    assert {"report.html", "run.json", "tables/organisms.tsv", "figures/evidence.svg"} <= existing
