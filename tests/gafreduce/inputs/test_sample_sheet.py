"""Sample sheets and files of organism names."""

from __future__ import annotations

from pathlib import Path

import pytest
from gaf_lines import line

from gafreduce.errors import InputError
from gafreduce.inputs import sample_sheet
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.sample_sheet import SheetRow
from gafreduce.storage.resolve import StorageResolver


def listing(*arguments: object, scratch: Path) -> InputListing:
    return list_inputs(
        InputRequest(tuple(str(argument) for argument in arguments)), StorageResolver(), scratch
    )


def test_sheet_gives_properties_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.gaf").write_bytes(line("P1"))
    (tmp_path / "b.gaf").write_bytes(line("P1") * 2)
    (tmp_path / "inputs.tsv").write_text(
        "\ufeff# a comment\npath\torganism\tcompare\tcomplete\ttaxon_id\r\n"
        "a.gaf\tA b\tyes\tfalse\ttaxon:5\r\n"
        "\nb.gaf\n"
    )
    for argument in (tmp_path, tmp_path / "inputs.tsv"):
        one, other = listing(argument, scratch=tmp_path).inputs
        assert (one.organism, one.compare, one.complete, one.taxon_id) == ("A b", True, False, 5)
        assert (other.organism, other.compare, other.complete, other.taxon_id) == (
            "",
            None,
            None,
            0,
        )


def test_sheet_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "inputs.tsv"
    path.write_bytes("path\torganism\nx\tcaf\u00e9\n".encode("latin-1"))
    message = ":2: expected text in UTF-8, got the byte 0xe9 .save it as UTF-8.$"
    with pytest.raises(InputError, match=message):
        sample_sheet.read_sheet(path, str(tmp_path))


def test_names_of_organisms_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "names.tsv"
    path.write_text(f"1\tA\n2\t{'x' * 5000}\n")
    with pytest.raises(InputError, match=":2: expected cells of at most 4,096 characters"):
        sample_sheet.read_organism_names(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty file"),
        ("path\tcolour\nx\tred\n", r":1: expected columns .* got path, colour"),
        ("organism\nx\n", ":1: expected columns `path`"),
        ("path\tcompare\nx\tperhaps\n", ":2: expected true or false in `compare`, got 'perhaps'"),
        ("path\ttaxon_id\nx\tE. coli\n", ":2: expected a taxon id"),
        ("path\n\n\tx\n", ":3: expected 1 columns, got 2"),
        ("path\torganism\nx\tE\0coli\n", ":2: expected text, got a NUL character"),
        (f"path\torganism\nx\t{'x' * 4097}\n", ":2: expected cells of at most 4,096 characters"),
        (f"path\nx\n{'x' * (1 << 20)}\n", ":3: expected lines of at most 1,048,576 bytes"),
    ],
)
def test_malformed_sheet_is_refused_with_file_and_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "inputs.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        sample_sheet.read_sheet(path, str(tmp_path))


def test_organism_names_are_read_from_both_formats(tmp_path: Path) -> None:
    path = tmp_path / "names"
    path.write_text("taxon_id\tname\n562\tEscherichia coli\n")
    assert sample_sheet.read_organism_names(path) == {562: "Escherichia coli"}
    path.write_text(
        "562\t|\tEscherichia coli\t|\t\t|\tscientific name\t|\n"
        "562\t|\tE. coli\t|\t\t|\tcommon name\t|\n"
    )
    assert sample_sheet.read_organism_names(path) == {562: "Escherichia coli"}
    path.write_text("1\tx\nnonsense\n")
    with pytest.raises(InputError, match=":2: expected"):
        sample_sheet.read_organism_names(path)


def test_sheet_row_has_defaults() -> None:
    assert SheetRow("x").complete is None


HOSTILE = ["a b", "%41%", "#1", "é☃", "x\ny", "tab\there", "[1]*?", "-", "s3:", "'\"$(x)", "a%0Ab"]


@pytest.mark.parametrize("name", HOSTILE)
def test_sheet_in_a_folder_with_a_hostile_name_is_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "x.gaf").write_bytes(line("P1"))
    (folder / "inputs.tsv").write_text("path\n*.gaf\n")
    (found,) = listing(folder, scratch=tmp_path).inputs
    assert found.uri == str(folder / "x.gaf")


def test_sheet_that_names_its_own_folder_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.gaf").write_bytes(line("P1"))
    (tmp_path / "inputs.tsv").write_text("path\torganism\n.\tA b\n")
    found = listing(tmp_path, scratch=tmp_path)
    assert [(each.source_file, each.organism) for each in found.inputs] == [("a.gaf", "A b")]
    assert found.notes == (f"{tmp_path}: not read: inputs.tsv",)


def test_missing_file_of_a_row_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "inputs.tsv").write_text("# a comment\npath\n\nx.gaf\n")
    with pytest.raises(InputError, match=r"inputs\.tsv:4: .*x\.gaf: expected an annotation file"):
        listing(tmp_path, scratch=tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("path\n", "expected a row for each file, got none"),
        ("path\tpath\nx\ty\n", ":1: expected columns .* each once, got path, path"),
        ("path\torganism\nx\t\ttoo many\n", ":2: expected 2 columns, got 3"),
        ("path\n\\x00\udcff\n", "UTF-8"),
    ],
)
def test_malformed_sheets_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "inputs.tsv"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=message):
        sample_sheet.read_sheet(path, str(tmp_path))


@pytest.mark.parametrize("word", ["true", "YES", "1", "false", "No", "0"])
def test_each_word_for_true_and_false_is_read(tmp_path: Path, word: str) -> None:
    path = tmp_path / "inputs.tsv"
    path.write_text(f"path\tcomplete\tcompare\nx\t{word}\t\n")
    (row,) = sample_sheet.read_sheet(path, "/d")
    assert (row.path, row.complete, row.compare) == (
        "/d/x",
        word.lower() in ("true", "yes", "1"),
        None,
    )


@pytest.mark.parametrize("nothing", ["", " ", "NA", "#N/A", "NaN", "-", "None"])
def test_cells_that_programs_write_for_nothing_are_empty(tmp_path: Path, nothing: str) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "path,Taxon ID,sample,organism,complete,compare\n"
        f"x.gaf,224308.0,{nothing},{nothing},{nothing},{nothing}\n"
        f"y.gaf,{nothing},NA1,{nothing},FALSE,{nothing}\n"
    )
    one, other = sample_sheet.read_sheet(sheet, "/d")
    assert (one.taxon_id, one.sample, one.organism) == (224308, "", "")
    assert (one.complete, one.compare) == (None, None)
    assert (other.taxon_id, other.sample, other.complete) == (None, "NA1", False)


@pytest.mark.parametrize(
    ("header", "is_sheet"),
    [
        ("Path,Organism,Taxon ID", True),
        ("path,sample,notes", True),  # a sheet with a column that it cannot have: refused as one
        ("path;taxon-id", True),
        ("path", True),
        ("path,notes", False),
        ("path,size,mtime", False),
        ("sample,organism", False),
        ("path\tnotes", True),
    ],
)
def test_sheets_are_known_by_their_header(header: str, is_sheet: bool) -> None:
    assert sample_sheet.is_sheet(f"{header}\nx\n".encode()) == is_sheet


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_the_separator_line_of_excel_is_no_row(tmp_path: Path, first: str) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"{first}\npath;organism\nx.gaf;Mine, or not\n", newline="")
    assert sample_sheet.is_sheet(sheet.read_bytes())
    (row,) = sample_sheet.read_sheet(sheet, str(tmp_path))
    assert (row.path, row.organism, row.line) == (str(tmp_path / "x.gaf"), "Mine, or not", 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sheet_of_any_name_decides_for_its_folder(tmp_path: Path, encoding: str) -> None:
    for name in ("a.gaf", "b.gaf"):
        (tmp_path / name).write_bytes(line(name))
    (tmp_path / "My samples.csv").write_text("Path,Organism\r\na.gaf,\u00c9\r\n", encoding=encoding)
    for argument in (tmp_path, tmp_path / "My samples.csv"):
        (found,) = listing(argument, scratch=tmp_path).inputs
        assert (found.uri, found.organism) == (str(tmp_path / "a.gaf"), "\u00c9")


def test_a_sheet_decides_for_the_folders_below_and_a_column_of_pathways_makes_none(
    tmp_path: Path,
) -> None:
    (tmp_path / "below").mkdir()
    for name in ("a.gaf", "below/b.gaf"):
        (tmp_path / name).write_bytes(line(Path(name).stem))
    (tmp_path / "below" / "go.tsv").write_text("ENTREZID\tGO\tPATH\n11\tGO:0030420\t00010\n")
    request = InputRequest((str(tmp_path),), taxon_id=1, is_recursive=True)
    found = list_inputs(request, StorageResolver(), tmp_path).inputs
    assert [each.source_file for each in found] == ["a.gaf", "b.gaf", "go.tsv"]
    (tmp_path / "samples.tsv").write_text("path\nbelow/b.gaf\n")
    found = list_inputs(request, StorageResolver(), tmp_path).inputs
    assert [each.source_file for each in found] == ["b.gaf"]


def test_two_sheets_of_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gaf").write_bytes(line("a"))
    for name in ("x.csv", "y.tsv"):
        (tmp_path / name).write_text("path\na.gaf\n")
    with pytest.raises(InputError, match=r"expected one sample sheet, got x\.csv and y\.tsv"):
        listing(tmp_path, scratch=tmp_path)


@pytest.mark.parametrize(
    "content", [b"\xff\xfep\0a", "\ufeffpath\na.gaf\n".encode("utf-16-le")[:-1]]
)
def test_a_damaged_sheet_in_utf_16_is_refused(tmp_path: Path, content: bytes) -> None:
    sheet = tmp_path / "inputs.tsv"
    sheet.write_bytes(content)
    with pytest.raises(InputError, match=r"inputs\.tsv"):
        sample_sheet.read_sheet(sheet, str(tmp_path))
