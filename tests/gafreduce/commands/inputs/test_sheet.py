"""The command `gafreduce sheet`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.inputs.sample_sheet import SheetRow, read_sheet

Command = Callable[..., tuple[int, str, str]]
#: Taxa of the sample files, with the names that NCBI gives them.
NAMES = {
    326423: "Bacillus velezensis FZB42",
    279010: "Bacillus licheniformis DSM 13 = ATCC 14580",
    592022: "Priestia megaterium DSM 319",
    224308: "Bacillus subtilis subsp. subtilis str. 168",
    83333: "Escherichia coli K-12",
    235909: "Geobacillus kaustophilus HTA426",
    420246: "Geobacillus thermodenitrificans NG80-2",
}


@pytest.fixture(scope="module")
def files(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sample files in two folders, without their sheet."""
    top = tmp_path_factory.mktemp("sheet")
    for number, path in enumerate(sorted(samples.glob("*.gaf"))):
        folder = top / "ab"[number % 2]
        folder.mkdir(exist_ok=True)
        (folder / path.name).write_bytes(path.read_bytes())
    return top


def read_cells(text: str) -> list[dict[str, str]]:
    names, *rows = (line.split("\t") for line in text.splitlines())
    return [dict(zip(names, cells, strict=True)) for cells in rows]


def count_products(path: str, taxon_id: str) -> int:
    """Return the gene products of a taxon in a GAF file."""
    lines = [line.split("\t") for line in Path(path).read_text().splitlines() if line[0] != "!"]
    return len({tuple(cells[:2]) for cells in lines if cells[12] == f"taxon:{taxon_id}"})


def test_a_row_has_what_the_file_shows(gafreduce: Command, files: Path) -> None:
    code, text, errors = gafreduce("sheet", "--recursive", files)
    assert (code, errors) == (0, "")
    rows = read_cells(text)
    assert {int(row["taxon_id"]): row["organism"] for row in rows} == NAMES
    assert {row["format"] for row in rows} == {"gaf"}
    for row in rows:
        assert int(row["n_gene_products"]) == count_products(row["path"], row["taxon_id"]) > 0
        assert (row["sample"], row["complete"]) == ("", ""), "not known"


def test_a_run_with_the_sheet_is_that_of_the_files(
    gafreduce: Command, files: Path, samples: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "inputs.tsv"
    sheet.write_text(gafreduce("sheet", "--recursive", files)[1])
    options = ("--ontology", samples / "go-samples.obo", "--no-report", "-q")
    assert gafreduce("run", sheet, *options, "-o", tmp_path / "one")[0] == 0
    assert gafreduce("run", "--recursive", files, *options, "-o", tmp_path / "two")[0] == 0
    for name in ("organisms", "terms", "gene_products", "profile"):
        one, two = (tmp_path / run / f"tables/{name}.tsv" for run in ("one", "two"))
        assert one.read_text().replace("\tsheet\t", "\tncbi\t") == two.read_text()
    record = json.loads((tmp_path / "two/run.json").read_text())
    assert record["options"]["recursive"] is True


def test_the_sheet_of_a_folder_is_not_read_and_may_be_empty(
    gafreduce: Command, files: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = next((files / "a").glob("*.gaf"))
    (tmp_path / "x.gaf").write_bytes(path.read_bytes())
    (tmp_path / "inputs.tsv").write_text("")  # the shell makes it before the command begins
    code, text, _ = gafreduce("sheet", tmp_path)
    assert code == 0
    assert [row["path"] for row in read_cells(text)] == [str(tmp_path / "x.gaf")]
    assert caplog.messages == [f"{tmp_path}: not read: inputs.tsv"]


def test_a_sheet_that_is_named_keeps_its_cells(
    gafreduce: Command, files: Path, tmp_path: Path
) -> None:
    path = next((files / "a").glob("*.gaf"))
    sheet = tmp_path / "mine.csv"
    sheet.write_text(f"path,sample,organism,complete,pool_taxa,compare\n{path},S1,Mine,yes,1,no\n")
    text = gafreduce("sheet", sheet)[1]
    (tmp_path / "new.tsv").write_text(text)
    (row,) = read_sheet(tmp_path / "new.tsv", "")
    assert (row.sample, row.organism, row.complete, row.pool_taxa, row.compare) == (
        *("S1", "Mine", True, True, False),
    )
    assert row.taxon_id in NAMES


def test_files_without_taxa_are_listed_and_the_gap_is_named(
    gafreduce: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "list.tsv"
    path.write_text("g1\tGO:0030420\ng2\tGO:0030420,GO:0005886\n")
    code, text, _ = gafreduce("sheet", path)
    (row,) = read_cells(text)
    assert (code, row["taxon_id"], row["organism"], row["n_gene_products"]) == (0, "", "", "2")
    assert caplog.messages == [f"{path}: the format has no taxa (write the taxon_id into the row)"]
    (row,) = read_cells(gafreduce("sheet", path, "--taxon", "224308")[1])
    assert (row["taxon_id"], row["organism"]) == ("224308", NAMES[224308])


def test_annotations_of_bacteria_have_their_taxon(
    gafreduce: Command, files: Path, tmp_path: Path
) -> None:
    text = next((files / "a").glob("*.gaf")).read_text()
    path = tmp_path / "bacteria.gaf"
    path.write_text(re.sub(r"taxon:\d+", "taxon:2", text))
    (row,) = read_cells(gafreduce("sheet", path)[1])
    assert (row["taxon_id"], row["organism"]) == ("2", "Bacteria")


def test_a_download_by_term_is_not_complete(
    gafreduce: Command, files: Path, tmp_path: Path
) -> None:
    path = next((files / "a").glob("*.gaf"))
    header = "!Filtering parameters selected to generate file: x?goId=GO:0030420\n"
    (tmp_path / "quickgo.gaf").write_text(f"!gaf-version: 2.2\n{header}" + path.read_text())
    (row,) = json.loads(gafreduce("sheet", tmp_path / "quickgo.gaf", "--json")[1])
    assert row["complete"] is False
    assert isinstance(row["taxon_id"], int)


def test_other_files_stop_it_unless_they_are_skipped(
    gafreduce: Command, files: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = next((files / "a").glob("*.gaf"))
    (tmp_path / "x.gaf").write_bytes(path.read_bytes())
    for name in ("notes.txt", "more.txt"):
        (tmp_path / name).write_text("Dear diary\n")
    code, text, errors = gafreduce("sheet", tmp_path)
    assert (code, text) == (1, "")
    assert "got 2 others (remove them, or go on without them: --skip-unknown)" in errors
    code, text, _ = gafreduce("sheet", tmp_path, "--skip-unknown")
    assert (code, len(read_cells(text)), caplog.text.count("not read (--skip-")) == (0, 1, 2)


def test_standard_input_and_names_that_no_sheet_can_have_are_refused(
    gafreduce: Command, files: Path, tmp_path: Path
) -> None:
    code, _, errors = gafreduce("sheet", "-")
    assert (code, "expected files, which a sample sheet can name" in errors) == (1, True)
    path = tmp_path / "a\tb.gaf"
    path.write_bytes(next((files / "a").glob("*.gaf")).read_bytes())
    code, text, errors = gafreduce("sheet", path)
    assert (code, text, "rename the file" in errors) == (1, "", True)


def test_the_number_of_gene_products_is_no_input(tmp_path: Path) -> None:
    sheet = tmp_path / "s.tsv"
    sheet.write_text("path\tn_gene_products\nx.gaf\t17\n")
    assert read_sheet(sheet, "") == (SheetRow("/x.gaf", line=2),)
