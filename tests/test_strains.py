"""Strains of one species: samples of the sample sheet, by an independent count and on both runners."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import oracle_samples
import pytest
from oracle_samples import SheetFile

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows
from gafreduce.reports.tables.schema import CORE_TABLES, TABLES

GOLDEN = Path(__file__).parent / "golden"
SPECIES = 562


def run(samples: Path, folder: Path, *more: str) -> Path:
    from gafreduce.cli.main import main

    ontology = str(samples / "go-samples.obo")
    arguments = [str(samples if not more else more[0]), "--ontology", ontology, "-q"]
    assert main(["run", *arguments, *more[1:], "-o", str(folder)]) == 0
    return folder


def read_lines(samples: Path) -> list[list[str]]:
    """Return the cells of all annotation lines of the sample files."""
    lines = (
        line.split("\t")
        for path in sorted(samples.glob("*.gaf"))
        for line in path.read_text().splitlines()
        if line and not line.startswith("!")
    )
    return list(lines)


def write_strains(samples: Path, folder: Path, n_strains: int, n_named: int) -> list[SheetFile]:
    """Distribute the lines over files of one taxon, each line to one to three of them.

    Every eleventh line keeps its taxon: it is foreign in its file.
    """
    texts: list[list[str]] = [[] for _ in range(n_strains)]
    for number, cells in enumerate(read_lines(samples)):
        own = cells[12] if number % 11 == 0 else f"taxon:{SPECIES}"
        line = "\t".join([*cells[:12], own, *cells[13:]])
        for which in {number % n_strains, number * 7 % n_strains, number * 31 % n_strains}:
            texts[which].append(line)
    files = []
    for number, lines in enumerate(texts):
        path = folder / f"strain_{number}.gaf"
        path.write_text("!gaf-version: 2.2\n" + "\n".join(lines) + "\n")
        sample = f"isolate-{number}.x" if number < n_named else ""
        files.append(SheetFile(path, sample, SPECIES, pool_taxa=number % 5 == 4 and bool(sample)))
    return files


@pytest.mark.parametrize(
    ("n_strains", "n_named"), [(2, 2), (50, 50), (6, 3)], ids=["two", "fifty", "mixed"]
)
def test_samples_of_one_taxon_are_counted_as_sql_counts_them(
    samples: Path, tmp_path: Path, n_strains: int, n_named: int
) -> None:
    folder, copies = tmp_path / "in", tmp_path / "copies"
    folder.mkdir()
    copies.mkdir()
    files = write_strains(samples, folder, n_strains, n_named)
    oracle_samples.write_sheet(files, folder / "inputs.tsv")
    runs = [
        run(samples, tmp_path / runner, str(folder), "--no-report", "-r", runner)
        for runner in ("inline", "local")
    ]
    for name in CORE_TABLES:
        tables = [RunFolder(each).table(name).read_bytes() for each in runs]
        assert tables[0] == tables[1], name
    rows = list(read_rows(RunFolder(runs[0]), "organisms"))
    strays = {int(row["organism_id"]) for row in rows if row["compared"] == "false"}
    assert len([row for row in rows if row["taxon_id"] == str(SPECIES)]) == n_named + (
        n_named < n_strains
    )
    numbers = oracle_samples.number_samples(files)
    complete = {
        numbers.get(row["organism_id"]) or int(row["organism_id"])
        for row in rows
        if row["complete"] == "true"
    }
    found = oracle_samples.read_run(runs[0], numbers)
    expected = oracle_samples.count(files, samples / "go-samples.obo", copies, strays, complete)
    assert found == expected


@pytest.fixture(scope="module")
def own_samples(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of the sample files in which every taxon is its own sample."""
    folder = tmp_path_factory.mktemp("own") / "in"
    folder.mkdir()
    with (samples / "inputs.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    with (folder / "a sheet.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*rows[0], "sample"])
        for row in rows:
            row["path"] = str(samples / row["path"])
            writer.writerow([*row.values(), f"T{int(row['taxon_id']):07}"])
    return run(samples, folder.parent / "run", str(folder / "a sheet.csv"))


@pytest.mark.parametrize("name", TABLES)
def test_a_taxon_as_its_own_sample_has_the_same_numbers(own_samples: Path, name: str) -> None:
    """The names sort as the taxa do, and strays, which are taxa, come first."""
    golden = (GOLDEN / f"{name}.tsv").read_text().splitlines()
    taxa = {row["taxon_id"] for row in read_rows(RunFolder(own_samples), "organisms")}
    text = RunFolder(own_samples).table(name).read_text()
    for taxon in taxa:
        text = text.replace(f"T{int(taxon):07}", taxon)
    assert Counter(text.splitlines()) == Counter(golden)


def test_a_number_of_a_sample_is_traced_by_its_name(
    own_samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gafreduce.cli.main import main

    column = "n_target_gene_products"
    for key in ("T0083333", "escherichia coli k-12"):
        assert main(["explain", str(own_samples), f"organisms/{key}/{column}"]) == 0
        assert f"organisms/T0083333/{column} = 2\n" in capsys.readouterr().out


LINE = (
    "UniProtKB\tP1{n}\tx\t\tGO:0030420\tPMID:1\tIEA\t\tP\t\t\tprotein\ttaxon:562\t20200101\tX\t\t\n"
)


@pytest.fixture
def two_names(tmp_path: Path) -> Path:
    """Return a folder with two files of one taxon, which a sheet gives two names."""
    for name, numbers in (("strain_A", "1"), ("strain_B", "123")):
        text = "!gaf-version: 2.2\n" + "".join(LINE.format(n=n) for n in numbers)
        (tmp_path / f"{name}.gaf").write_text(text)
    (tmp_path / "inputs.tsv").write_text(
        "path\torganism\nstrain_A.gaf\tStrain A\nstrain_B.gaf\tStrain B\n"
    )
    return tmp_path


def run_again(samples: Path, folder: Path, *more: str) -> int:
    from gafreduce.cli.main import main

    ontology = ["--ontology", str(samples / "go-samples.obo")]
    output = ["--no-report", "--force", "-o", str(folder / "run")]
    return main(["run", str(folder), *ontology, *output, *more])


def test_two_names_of_one_taxon_are_an_error_that_says_what_to_write(
    samples: Path, two_names: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_again(samples, two_names) == 1
    error = capsys.readouterr().err
    assert "strain_A.gaf and strain_B.gaf: expected one organism of taxon 562" in error
    assert "column `sample` of the sample sheet, for example Strain_A and Strain_B" in error
    assert not (two_names / "run").exists()


@pytest.mark.parametrize("wanted", ["A", "strain a", "562"])
def test_organisms_are_named_by_sample_name_or_id(
    samples: Path, two_names: Path, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (two_names / "inputs.tsv").write_text(
        "path\torganism\tsample\tgroup\nstrain_A.gaf\tStrain A\tA\tg\nstrain_B.gaf\tStrain B\tB\t\n"
    )
    assert run_again(samples, two_names, "--organism", wanted) == 0
    rows = list(read_rows(RunFolder(two_names / "run"), "organisms"))
    compared = [row["organism_id"] for row in rows if row["compared"] == "true"]
    assert compared == (["562"] if wanted == "562" else ["A"])
    assert [row["n_gene_products"] for row in rows if row["organism_id"] in "AB"] == ["1", "3"]
    assert [row["group"] for row in rows if row["organism_id"] in "AB"] == ["g", ""]
    assert ("Escherichia coli was requested but has no annotations" in capsys.readouterr().out) == (
        wanted == "562"
    )


def test_an_unknown_organism_is_an_error_before_the_job(
    samples: Path, two_names: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_again(samples, two_names, "--organism", "strain C") == 1
    error = capsys.readouterr().err
    assert "--organism strain C: expected a taxon id, a sample or the name" in error
    assert "Strain A, Strain B" in error


def test_what_was_done_with_another_taxon_and_with_pooled_files_is_said(
    samples: Path, two_names: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = two_names / "inputs.tsv"
    sheet.write_text("path\ttaxon_id\nstrain_A.gaf\t9\nstrain_B.gaf\t\n")
    assert run_again(samples, two_names) == 0
    out = capsys.readouterr().out
    assert "strain_A.gaf: the sample sheet has taxon 9, but most of the file's lines" in out
    assert "they are counted for taxon 562" in out
    assert "2 files of taxon 562 are counted as one organism: strain_A.gaf, strain_B.gaf" in out
    sheet.write_text(
        "path\ttaxon_id\tsample\torganism\nstrain_A.gaf\t9\tA\tE. coli\nstrain_B.gaf\t\tB\tE. coli\n"
    )
    assert run_again(samples, two_names) == 0
    names = [row["organism"] for row in read_rows(RunFolder(two_names / "run"), "organisms")]
    assert {"E. coli (A)", "E. coli (B)"} <= set(names)  # one name for two is told apart
    out = capsys.readouterr().out
    assert "only the lines of taxon 9 are counted for A (write taxon_id 562, or pool_taxa" in out
    assert "E. coli (A) was requested but has no annotations in these files" in out
    assert "first lines of their files: B 562" in out
    sheet.write_text("path\ttaxon_id\tsample\tpool_taxa\nstrain_A.gaf\t9\tA\ttrue\n")
    assert run_again(samples, two_names) == 0
    (row,) = read_rows(RunFolder(two_names / "run"), "organisms")
    assert (row["organism_id"], row["taxon_id"], row["n_annotations"]) == ("A", "9", "1")


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("path\tsample\nstrain_A.gaf\t562\n", "expected a name of 1 to 64 of"),
        ("path\tpool_taxa\nstrain_A.gaf\ttrue\n", "expected a `sample` beside `pool_taxa`"),
        (
            "path,sample,taxon_id\nstrain_A.gaf,A,562\nstrain_B.gaf,A,9\n",
            "expected one taxon_id of sample A, got 562 and 9",
        ),
    ],
)
def test_a_wrong_sheet_is_an_error(
    samples: Path, two_names: Path, sheet: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (two_names / "inputs.tsv").write_text(sheet)
    assert run_again(samples, two_names) == 1
    assert message in capsys.readouterr().err


@pytest.fixture
def two_kinds_of_ids(two_names: Path) -> Path:
    """Return a folder with a sample of two files, of which one gene product is in both."""
    (two_names / "list.tsv").write_text("gene_1\tGO:0030420\ngene_2\tGO:0030420\n")
    (two_names / "inputs.tsv").write_text(
        "path\tsample\ttaxon_id\tcomplete\n"
        "strain_A.gaf\tA\t562\ttrue\nlist.tsv\tA\t562\ttrue\nstrain_B.gaf\tB\t562\ttrue\n"
    )
    return two_names


def test_a_sample_of_files_with_different_ids_is_counted_by_file(
    samples: Path, two_kinds_of_ids: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_again(samples, two_kinds_of_ids) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "sample A has files that name gene products by different ids (list.tsv, " in out
    assert "counted by file (2 in list.tsv, 1 in strain_A.gaf), without total, rate and test" in out
    assert "Partial files:" not in out
    folder = RunFolder(two_kinds_of_ids / "run")
    a, b = read_rows(folder, "organisms")
    assert (a["verdict"], a["complete"]) == ("electronic_only", "suspect")
    assert a["partial_reasons"] == "several_ids:2:list.tsv|several_ids:1:strain_A.gaf"
    assert [name for name in a if name.endswith("gene_products") and a[name]] == [
        "n_filtered_target_gene_products"
    ]
    assert (a["n_in_aspect"], a["rate_per_1000"], a["n_target_annotations"]) == ("", "", "3")
    assert (b["complete"], b["rate_per_1000"]) == ("true", "1000.0")
    (term,) = (row for row in read_rows(folder, "terms") if row["go_id"] == "GO:0030420")
    assert (term["n_organisms"], term["membership"]) == ("2", "shared")


def test_an_id_map_joins_files_with_different_ids(
    samples: Path, two_kinds_of_ids: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gafreduce.cli.main import main

    ids = two_kinds_of_ids / "ids.csv"
    ids.write_text("accession,gene\nUniProtKB:P11,gene_1\n")
    assert run_again(samples, two_kinds_of_ids, "--id-map", str(ids)) == 0
    assert "different ids" not in capsys.readouterr().out
    folder = two_kinds_of_ids / "run"
    a, _ = read_rows(RunFolder(folder), "organisms")
    assert (a["n_target_gene_products"], a["complete"], a["rate_per_1000"]) == (
        "2",
        "true",
        "1000.0",
    )
    product = "gene_products/A/UniProtKB:P11/n_annotations"
    assert main(["explain", str(folder), product]) == 0
    out = capsys.readouterr().out
    assert "recomputed: 2 (matches)" in out
    assert "  list.tsv:1 (target, unstated, supporting)\n    gene_1\tGO:0030420\n" in out
    ids.write_text("accession,gene\nUniProtKB:P11,gene_2\n")
    assert main(["explain", str(folder), product]) == 0
    assert "expected the id map of the run, got other content" in capsys.readouterr().out


@pytest.fixture(scope="module")
def renamed(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the sample files with other accessions in every second file, and a map of these."""
    folder = tmp_path_factory.mktemp("renamed")
    ids: dict[str, str] = {}
    for number, path in enumerate(sorted(samples.glob("*.gaf"))):
        lines = []
        for line in path.read_text().splitlines(keepends=True):
            cells = line.split("\t")
            if number % 2 and len(cells) == 17:
                other = ids.setdefault(f"{cells[0]}:{cells[1]}", f"gene_{len(ids)}")
                cells[16] = cells[16].replace(f"{cells[0]}:{cells[1]}", f"x:{other}")
                cells[:2] = ["x", other]
            lines.append("\t".join(cells))
        (folder / path.name).write_text("".join(lines))
    (folder / "inputs.tsv").write_bytes((samples / "inputs.tsv").read_bytes())
    ids_file = folder.parent / f"{folder.name}-ids"
    ids_file.write_text("".join(f"{one}\tx:{other}\n" for one, other in ids.items()))
    return folder, ids_file


@pytest.mark.parametrize(
    "more",
    [
        ("--no-report", "-r", "local"),
        ("--no-report", "--exclude-evidence", "IEA"),
        ("--no-report", "--assigned-by", "UniProt", "--scope", "target"),
        (),
    ],
    ids=["local", "filtered", "by_line", "statistics"],
)
def test_renamed_gene_products_have_the_same_tables_by_an_id_map(
    samples: Path, renamed: tuple[Path, Path], tmp_path: Path, more: tuple[str, ...]
) -> None:
    from gafreduce.cli.main import main

    folder, ids = renamed
    ontology = ["--ontology", str(samples / "go-samples.obo"), "-q", *more]
    runs = [tmp_path / "as_they_are", tmp_path / "renamed"]
    assert main(["run", str(samples), *ontology, "-o", str(runs[0])]) == 0
    assert main(["run", str(folder), *ontology, "--id-map", str(ids), "-o", str(runs[1])]) == 0
    for name in CORE_TABLES if more else TABLES:
        if name in ("inputs", "findings", "rejections"):  # the files differ
            continue
        one, other = (
            Counter(
                tuple(cell for column, cell in row.items() if column != "line")
                for row in read_rows(RunFolder(each), name)
            )
            for each in runs
        )
        assert one == other, name
