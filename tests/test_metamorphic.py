"""Real files changed in ways that change no fact: the same tables, or a difference that is named."""

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
#: What says in which file a line stood, and how the line was written.
OF_FILE = {"source_file", "n_foreign_in_files"}
OF_LINE = {"line"}


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """The files, each with its lines ended by LF."""
    paths = [SHARED / name for name in NAMES]
    if not all(path.is_file() for path in paths):
        pytest.skip("needs ../shared")
    return {path.name: path.read_bytes().replace(b"\r\n", b"\n") for path in paths}


class Asking:
    """Runs the command line over files, and gives back the tables."""

    def __init__(self, gafreduce: Command, ontology: Path, folder: Path) -> None:
        self._gafreduce = gafreduce
        self._ontology = ontology
        self._folder = folder
        self._n_runs = 0

    def place(self) -> Path:
        """Return a new folder."""
        self._n_runs += 1
        folder = self._folder / str(self._n_runs)
        folder.mkdir()
        return folder

    def __call__(self, files: Mapping[str, bytes], *more: str | Path) -> Tables:
        folder = self.place()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return self.of_paths([folder / name for name in files], *more)

    def of_paths(self, paths: Iterable[Path], *more: str | Path) -> Tables:
        run_dir = self.place() / "run"
        code, _, errors = self._gafreduce(
            *("run", *paths, "--ontology", self._ontology, "--term", TERM, "-o", run_dir),
            *("--no-report", "-q", "--max-rejected", "100%", *more),
        )
        assert (code, errors) == (0, "")
        return {name: list(read(run_dir / "tables" / f"{name}.tsv")) for name in TABLES}

    def convert(self, files: Mapping[str, bytes], form: str, *more: str | Path) -> bytes:
        """Return the files converted, as one."""
        folder = self.place()
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


def but(tables: Tables, columns: Iterable[str]) -> Tables:
    """Return the tables without some columns; rows in an order of their own."""
    left_out = set(columns)
    return {
        name: sorted(
            ({k: v for k, v in row.items() if k not in left_out} for row in rows),
            key=lambda row: tuple(row.values()),
        )
        for name, rows in tables.items()
    }


@pytest.fixture
def ask(gafreduce: Command, real_ontology: Path, tmp_path: Path) -> Asking:
    return Asking(gafreduce, real_ontology, tmp_path)


_KEPT: dict[str, Tables] = {}


@pytest.fixture
def before(ask: Asking, contents: dict[str, bytes]) -> Tables:
    """The tables of the files as they are."""
    if not _KEPT:
        _KEPT.update(unchanged=ask(contents))
    return _KEPT["unchanged"]


def test_the_files_have_what_can_be_lost(before: Tables) -> None:
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


def shuffled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    changed = {}
    for name, content in files.items():
        header, data = header_and_data(content)
        random.Random(name).shuffle(data)
        changed[name] = b"".join([*header, *(line.rstrip(b"\n") + b"\n" for line in data)])
    return changed


def split(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return each file as two; a gene product's lines may lie in both."""
    changed = {}
    for name, content in files.items():
        header, data = header_and_data(content)
        for part in (0, 1):
            changed[f"{part}-{name}"] = b"".join([*header, *data[part::2]])
    return changed


def merged(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {"all.gaf": b"".join(content.rstrip(b"\n") + b"\n" for content in files.values())}


def packed(pack: Callable[[bytes], bytes], files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: pack(content) for name, content in files.items()}


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (shuffled, ()),
        (split, OF_FILE),
        (merged, OF_FILE),
        (lambda files: packed(gzip.compress, files), ()),
        (lambda files: packed(bz2.compress, files), ()),
    ],
    ids=["shuffle", "split", "merge", "gz", "bz2"],
)
def test_the_same_lines_give_the_same_tables(
    ask: Asking,
    contents: dict[str, bytes],
    before: Tables,
    change: Callable[[Mapping[str, bytes]], Mapping[str, bytes]],
    differs: Sequence[str],
) -> None:
    assert but(ask(change(contents)), differs) == but(before, differs)


@pytest.mark.parametrize("version", [b"1.0", b"2.2"])
def test_a_version_in_the_header_changes_nothing(
    ask: Asking, contents: dict[str, bytes], before: Tables, version: bytes
) -> None:
    """Qualifiers and columns are read alike in all versions: the header is not asked."""
    named = {
        name: b"".join(
            [b"!gaf-version: " + version + b"\n"]
            + [line for line in content.splitlines(keepends=True) if b"version" not in line]
        )
        for name, content in contents.items()
    }
    assert but(ask(named), ()) == but(before, ())


def test_cut_to_fifteen_columns_only_what_stood_behind_them_is_lost(
    ask: Asking, contents: dict[str, bytes], before: Tables
) -> None:
    """As GAF 1.0: without columns 16 and 17, a NOT with an extension or of an isoform is one of the
    gene product; in these files there is none, so that no number changes."""
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
    assert but(ask(cut), lost) == but(before, lost)


#: A 2.1 file says no relation; what is written instead says no more, and supports as none does.
SUPPLIED = {"relation"}


def test_written_as_GAF_2_2_it_says_the_same(  # noqa: N802 - names of formats
    ask: Asking, contents: dict[str, bytes], before: Tables
) -> None:
    differs = OF_FILE | OF_LINE | SUPPLIED
    converted = ask.convert(contents, "gaf2.2")
    after = ask({"all.gaf": converted})
    assert all(row["relation"] for row in after["annotations"])
    assert but(after, differs) == but(before, differs)


def test_through_GPAD_and_back_it_says_the_same(  # noqa: N802 - names of formats
    ask: Asking, contents: dict[str, bytes], before: Tables
) -> None:
    folder = ask.place()
    products = folder / "all.gpi"
    gpad = ask.convert(contents, "gpad2.0", "--write-gpi", products)
    direct = ask({"all.gpad": gpad}, "--companion", products)
    gaf = ask.convert({"all.gpad": gpad}, "gaf2.2", "--companion", products)
    back = ask({"all.gaf": gaf})
    differs = OF_FILE | OF_LINE | SUPPLIED
    of_gpad = differs | {"aspect"}  # the ontology's stands in `terms`; GPAD has none
    assert but(direct, of_gpad) == but(before, of_gpad)
    assert but(back, differs) == but(before, differs)
