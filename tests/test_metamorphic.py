"""Real files, changed in ways that change no fact, give the same tables but for named columns."""

from __future__ import annotations

import bz2
import csv
import gzip
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]
Rows = list[dict[str, str]]
Tables = Mapping[str, Rows]

SHARED = Path(__file__).parents[2] / "shared" / "data"
NAMES = (
    *("seven-organisms/excerpt/Bacillus_subtilis_168-224308.gaf",),
    *("seven-organisms/excerpt/Escherichia_coli_K-12_ecocyc_83333.gaf",),
    *("seven-organisms/excerpt/Geobacillus_kaustophilus_HTA426-235909.gaf",),
    *("formats/biopython_goa_yeast.gaf", "formats/ontobio_truncated-pombase.gaf"),
    *("formats/owltools_rgd_multiple_taxon.gaf", "formats/ontobio_test-qualifiers-2.2.gaf"),
)
#: A broad target (catalytic activity): the files have NOT and extensions below it.
TERM = "GO:0003824"
TABLES = ("organisms", "gene_products", "annotations", "profile", "terms", "term_set")
#: Columns that depend on the file of a line, and on how the line is written.
OF_FILE = {"source_file", "n_foreign_in_files", "organism", "name_source", "file_label"}
OF_LINE = {"line"}


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """Return the files by name, with lines ended by LF."""
    paths = [SHARED / name for name in NAMES]
    if not all(path.is_file() for path in paths):
        pytest.skip("needs ../shared")
    return {path.name: path.read_bytes().replace(b"\r\n", b"\n") for path in paths}


class TableMaker:
    """Runs the command line over files and returns the tables."""

    def __init__(self, gafreduce: Command, ontology: Path, folder: Path) -> None:
        self._gafreduce = gafreduce
        self._ontology = ontology
        self._folder = folder
        self._n_runs = 0

    def make_folder(self) -> Path:
        """Return a new folder."""
        self._n_runs += 1
        folder = self._folder / str(self._n_runs)
        folder.mkdir()
        return folder

    def __call__(self, files: Mapping[str, bytes], *more: str | Path) -> Tables:
        folder = self.make_folder()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return self.read_paths([folder / name for name in files], *more)

    def read_paths(self, paths: Iterable[Path], *more: str | Path) -> Tables:
        run_dir = self.make_folder() / "run"
        code, _, errors = self._gafreduce(
            *("run", *paths, "--ontology", self._ontology, "--term", TERM, "-o", run_dir),
            *("--no-report", "-q", "--max-rejected", "100%", *more),
        )
        assert (code, errors) == (0, "")
        return {name: list(read(run_dir / "tables" / f"{name}.tsv")) for name in TABLES}

    def convert(self, files: Mapping[str, bytes], form: str, *more: str | Path) -> bytes:
        """Return all files converted into one."""
        folder = self.make_folder()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        code, _, errors = self._gafreduce(
            *("convert", *(folder / name for name in files), "--to", form, "-q"),
            *("--ontology", self._ontology, "-o", folder / "out", *more),
        )
        assert (code, errors) == (0, "")
        return (folder / "out").read_bytes()


def read(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def drop_columns(tables: Tables, columns: Iterable[str]) -> Tables:
    """Return the tables without some columns, with rows sorted by the others."""
    left_out = set(columns)
    return {
        name: sorted(
            ({k: v for k, v in row.items() if k not in left_out} for row in rows),
            key=lambda row: tuple(row.values()),
        )
        for name, rows in tables.items()
    }


@pytest.fixture
def ask(gafreduce: Command, real_ontology: Path, tmp_path: Path) -> TableMaker:
    return TableMaker(gafreduce, real_ontology, tmp_path)


_KEPT: dict[str, Tables] = {}


@pytest.fixture
def before(ask: TableMaker, contents: dict[str, bytes]) -> Tables:
    """Return the tables of the unchanged files."""
    if not _KEPT:
        _KEPT.update(unchanged=ask(contents))
    return _KEPT["unchanged"]


def test_the_files_have_negations_and_extensions(before: Tables) -> None:
    rows = before["annotations"]
    assert any(row["negated"] == "true" for row in rows)
    assert any(row["annotation_extension"] for row in rows)
    assert len({row["verdict"] for row in before["organisms"]}) > 2


def header_and_data(content: bytes) -> tuple[list[bytes], list[bytes]]:
    lines = content.splitlines(keepends=True)
    return (
        [line for line in lines if line.startswith(b"!")],
        [line for line in lines if not line.startswith(b"!")],
    )


def shuffle(files: Mapping[str, bytes]) -> dict[str, bytes]:
    changed = {}
    for name, content in files.items():
        header, data = header_and_data(content)
        random.Random(name).shuffle(data)
        changed[name] = b"".join([*header, *(line.rstrip(b"\n") + b"\n" for line in data)])
    return changed


def split(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return each file as two; the lines of a gene product may be in both."""
    changed = {}
    for name, content in files.items():
        header, data = header_and_data(content)
        for part in (0, 1):
            changed[f"{part}-{name}"] = b"".join([*header, *data[part::2]])
    return changed


def merge(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {"all.gaf": b"".join(content.rstrip(b"\n") + b"\n" for content in files.values())}


def compress(pack: Callable[[bytes], bytes], files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: pack(content) for name, content in files.items()}


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (shuffle, ()),
        (split, OF_FILE),
        (merge, OF_FILE),
        (lambda files: compress(gzip.compress, files), ()),
        (lambda files: compress(bz2.compress, files), ()),
    ],
    ids=["shuffle", "split", "merge", "gz", "bz2"],
)
def test_the_same_lines_give_the_same_tables(
    ask: TableMaker,
    contents: dict[str, bytes],
    before: Tables,
    change: Callable[[Mapping[str, bytes]], Mapping[str, bytes]],
    differs: Sequence[str],
) -> None:
    assert drop_columns(ask(change(contents)), differs) == drop_columns(before, differs)


@pytest.mark.parametrize("version", [b"1.0", b"2.2"])
def test_the_version_in_the_header_does_not_matter(
    ask: TableMaker, contents: dict[str, bytes], before: Tables, version: bytes
) -> None:
    """Qualifiers and columns are read in the same way in all versions."""
    named = {
        name: b"".join(
            [b"!gaf-version: " + version + b"\n"]
            + [line for line in content.splitlines(keepends=True) if b"version" not in line]
        )
        for name, content in contents.items()
    }
    assert drop_columns(ask(named), ()) == drop_columns(before, ())


def test_files_cut_to_fifteen_columns_lose_only_the_others(
    ask: TableMaker, contents: dict[str, bytes], before: Tables
) -> None:
    """GAF 1.0 has 15 columns. Without columns 16 and 17, a NOT with an extension or of an isoform
    becomes a NOT of the gene product; these files have none, so that no number changes."""
    cut = {
        name: b"".join(
            line
            if line.startswith(b"!")
            else b"\t".join(line.rstrip(b"\n").split(b"\t")[:15]) + b"\n"
            for line in content.splitlines(keepends=True)
        )
        for name, content in contents.items()
    }
    lost = {"annotation_extension", "gene_product_form", *OF_LINE}
    assert drop_columns(ask(cut), lost) == drop_columns(before, lost)


#: GAF 2.1 states no relation; the converter writes a default, which supports the same terms.
SUPPLIED = {"relation"}


def test_conversion_to_GAF_2_2_keeps_the_tables(  # noqa: N802 - names of formats
    ask: TableMaker, contents: dict[str, bytes], before: Tables
) -> None:
    differs = OF_FILE | OF_LINE | SUPPLIED
    converted = ask.convert(contents, "gaf2.2")
    after = ask({"all.gaf": converted})
    assert all(row["relation"] for row in after["annotations"])
    assert drop_columns(after, differs) == drop_columns(before, differs)


def test_conversion_to_GPAD_and_back_keeps_the_tables(  # noqa: N802 - names of formats
    ask: TableMaker, contents: dict[str, bytes], before: Tables
) -> None:
    folder = ask.make_folder()
    products = folder / "all.gpi"
    gpad = ask.convert(contents, "gpad2.0", "--write-gpi", products)
    direct = ask({"all.gpad": gpad}, "--companion", products)
    gaf = ask.convert({"all.gpad": gpad}, "gaf2.2", "--companion", products)
    back = ask({"all.gaf": gaf})
    differs = OF_FILE | OF_LINE | SUPPLIED
    of_gpad = differs | {"aspect"}  # GPAD has no aspect; that of the ontology is in `terms`
    assert drop_columns(direct, of_gpad) == drop_columns(before, of_gpad)
    assert drop_columns(back, differs) == drop_columns(before, differs)
