"""The command `gafreduce explain`: lines behind every number, and independent recounts."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.commands.runs import explain as explain_command
from gafreduce.pipeline import reopen
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.explain.explain import explain, explain_cell
from gafreduce.reports.explain.ratios import RATIOS
from gafreduce.reports.explain.run_sources import RunSources
from gafreduce.reports.explain.source_lines import KINDS
from gafreduce.reports.tables.schema import STATISTICS_TABLES, TABLES, TAXON_COLUMNS

Command = Callable[..., tuple[int, str, str]]

#: Tables counted from lines.
COUNTED = (
    *("organisms", "gene_products", "annotations", "profile", "terms", "slim"),
    *("inputs", "rejections", "findings"),
)
#: Columns that are not recomputed: they are read from the sample sheet, options, lines or rules.
COPIED = {
    "organisms": {
        "organism",
        "name_source",
        "file_label",
        "group",
        "compared",
        "complete",
        "partial_reasons",
        "rate_per_1000",
        "rate_low",
        "rate_high",
    },
    "gene_products": {each.name for each in TABLES["gene_products"].columns}
    - {"status", "best_group", "n_annotations"},
    "slim": {"name", "aspect", "share"},
    "terms": {"name", "aspect", "status", "term_class"},
    "inputs": {each.name for each in TABLES["inputs"].columns}
    - {"n_lines", *(f"n_{kind}" for kind in KINDS)},
    "rejections": {each.name for each in TABLES["rejections"].columns} - {"n_lines"},
    "findings": {each.name for each in TABLES["findings"].columns} - {"n_lines"},
}


@pytest.fixture(scope="session")
def explained(
    samples: Path, complete_samples: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Return run folders of the samples with their sheet, and with one that says complete."""
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("explained")
    (folder / "slim.obo").write_text("[Term]\nid: GO:0009294\n\n[Term]\nid: GO:0003677\n")
    made = {}
    for name, inputs in (("sheet", samples), ("whole", complete_samples)):
        command = ["run", str(inputs), "--ontology", str(samples / "go-samples.obo"), "-q"]
        command += ["-o", str(folder / name), "--slim", str(folder / "slim.obo")]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["gafreduce", *command])
            assert main(command) == 0
        made[name] = folder / name
    return made


def make_sources(run_dir: Path, scratch: Path) -> RunSources:
    sources = RunSources(RunFolder(run_dir), limit=3)
    explain_command.add_inputs(sources, scratch, None, None)
    return sources


def check_counted_cells(sources: RunSources) -> set[str]:
    """Check that every counted cell is confirmed; return the tables with such cells.

    Of a long table, every seventh row after the first fifty.
    """
    confirmed = set()
    is_target_only = sources.record["scope"] == "target"
    for table in map(sources.get_table, COUNTED):
        if not sources.folder.has_table(table.name):
            continue  # a run without statistics
        rows = list(sources.read_rows(table.name))
        for row in [*rows[:50], *rows[50::7]]:
            for column in table.columns:
                found = explain_cell(sources, table, row, column)
                assert found.definition
                assert not found.is_refuted, (found.address, found.value, found.recomputed)
                is_copied = column.name in COPIED.get(table.name, ()) or column.name in table.key
                is_copied |= column.name == "n_terms" and is_target_only
                is_copied |= column.name in TAXON_COLUMNS
                is_copied |= table.name == "findings" and row["value"] == "..."
                if is_copied:
                    assert found.reason, found.address
                else:
                    assert found.is_confirmed, (found.address, found.reason)
                    assert found.method
                    confirmed.add(table.name)
    return confirmed


def test_counted_cells_of_the_sample_run_are_confirmed(
    explained: dict[str, Path], tmp_path: Path
) -> None:
    sources = make_sources(explained["sheet"], tmp_path)
    assert sources.missing == ""
    counted = {table for table in COUNTED if sources.read_rows(table)}
    assert check_counted_cells(sources) == counted


@pytest.mark.parametrize("name", ["sheet", "whole"])
def test_every_ratio_of_the_sample_run_is_confirmed(
    explained: dict[str, Path], tmp_path: Path, name: str
) -> None:
    sources = make_sources(explained[name], tmp_path)
    confirmed: Counter[tuple[str, str]] = Counter()
    for table in map(sources.get_table, STATISTICS_TABLES):
        for row in sources.read_rows(table.name):
            for column in table.columns:
                found = explain_cell(sources, table, row, column)
                assert not found.is_refuted, (found.address, found.value, found.recomputed)
                if found.recomputed is not None:
                    confirmed[table.name, column.name] += 1
                else:
                    assert found.reason
    of_lines = {("slim", column) for table, column in confirmed if column.startswith("n_gene_pro")}
    of_lines.add(("slim", "n_root_gene_products"))
    assert name == "sheet" or set(confirmed) - of_lines == set(RATIOS)


def test_the_examples_of_the_help_are_right(explained: dict[str, Path], gafreduce: Command) -> None:
    _, text, _ = gafreduce("explain", "--help")
    examples = [
        shlex.split(line)[3:]
        for line in text.splitlines()
        if line.strip().startswith("gafreduce explain RUN_DIR")
    ]
    assert len(examples) >= 6
    for words in examples:
        code, out, errors = gafreduce("explain", explained["sheet"], *words)
        assert (code, errors) == (0, ""), words
        words = ("(matches)", "  not recomputed (", "  can be asked ")
        assert any(word in out for word in words)


def test_lines_are_shown_verbatim_with_file_and_number(
    explained: dict[str, Path], gafreduce: Command, samples: Path
) -> None:
    address = "organisms/224308/n_target_electronic"
    _, out, _ = gafreduce("explain", explained["sheet"], address, "--json", "--max-lines", "100")
    (found,) = json.loads(out)
    assert (found["value"], found["recomputed"], found["confirmed"]) == ("52", "52", True)
    assert (found["n_lines"], len(found["lines"])) == (56, 56)
    for line in found["lines"]:
        stored = (samples / line["source_file"]).read_text().splitlines()
        assert line["text"] == stored[line["number"] - 1]
        assert "\tGO:0030420\t" in line["text"]
    products = {line["text"].split("\t")[1] for line in found["lines"]}
    assert len(products) == 52
    assert found["meaning"] == (
        "Distinct gene products with a supporting target line of the evidence group electronic; "
        "groups overlap."
    )


def test_gene_product_is_explained_with_its_lines_once(
    explained: dict[str, Path], gafreduce: Command
) -> None:
    code, out, _ = gafreduce("explain", explained["sheet"], "--gene-product", "UniProtKB:P39694")
    assert code == 0
    assert out.count("\tGO:0030420\t") == out.count("lines: ") == 1
    assert "gene_products/224308/UniProtKB:P39694/status = positive" in out


def test_edited_number_is_refuted(
    explained: dict[str, Path], gafreduce: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(explained["sheet"], folder)
    path = folder / "tables" / "organisms.tsv"
    head, *rows = path.read_text().splitlines()
    names = head.split("\t")
    cells = [row.split("\t") for row in rows]
    for row in cells:
        row[names.index("n_in_aspect")] = "999"
    path.write_text("\n".join([head, *map("\t".join, cells)]) + "\n")
    code, out, errors = gafreduce("explain", folder, "organisms/224308/n_in_aspect")
    assert code == 1
    assert " (DIFFERS)" in out
    assert "organisms/224308/n_in_aspect" in errors


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tables/robustness.tsv", "\telectronic_only", "\tcurated"),  # a value of no recount
        ("tables/term_set.tsv", "GO:0030420", "GO:0030421"),  # another table than the explained one
        ("tables/organisms.tsv", "\t52\t", "\t5x\t"),  # not a number
        ("run.json", '"n_kept": ', '"n_kept": 1'),
    ],
)
def test_edited_run_is_explained_with_an_error(
    explained: dict[str, Path], gafreduce: Command, tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(explained["sheet"], folder)
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    code, _, errors = gafreduce("explain", folder, "robustness/224308/electronic//verdict")
    assert code == 1
    assert f"{file}: expected " in errors


def test_table_that_is_no_text_is_named(
    explained: dict[str, Path], gafreduce: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(explained["sheet"], folder)
    path = folder / "tables" / "robustness.tsv"
    path.write_bytes(path.read_bytes().replace(b"electronic", b"electr\xf9nic"))
    code, _, errors = gafreduce("explain", folder, "robustness/224308/electronic//verdict")
    assert code == 1
    assert "robustness.tsv: expected a table in UTF-8" in errors


def test_run_folder_is_explained_without_the_inputs(
    samples: Path, gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    shutil.copytree(samples, there)
    command = ["run", there, "--ontology", there / "go-samples.obo", "-q", "--no-report"]
    command += ["-o", tmp_path / "run"]
    monkeypatch.setattr(sys, "argv", ["gafreduce", *map(str, command)])
    assert gafreduce(*command)[0] == 0
    changed = there / "Bacillus_subtilis_168-224308.gaf"
    changed.write_text(changed.read_text() + "\n")

    for address, words in (
        ("organisms/224308/n_target_electronic", "recomputed: 52 (matches)"),
        ("organisms/224308/verdict", "recomputed: electronic_only (matches)"),
        ("profile/GO:0030420/224308/n_gene_products", "expected the file that the run read"),
        ("organisms/224308/n_annotations", "not recomputed (the inputs are needed: "),
    ):
        code, out, _ = gafreduce("explain", tmp_path / "run", address)
        assert code == 0
        assert words in out
        assert f"{address} = " in out
    assert (
        "lines are those of the run folder"
        in gafreduce("explain", tmp_path / "run", "organisms/224308/n_target_electronic")[1]
    )
    changed.write_text(changed.read_text()[:-1])
    elsewhere = tmp_path / "elsewhere"
    there.rename(elsewhere)
    where = ("--inputs", elsewhere, "--ontology", elsewhere / "go-samples.obo")
    _, out, _ = gafreduce(
        "explain", tmp_path / "run", "profile/GO:0030420/224308/n_gene_products", *where
    )
    assert "recomputed: 52 (matches)" in out


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("organism/1/verdict", "organism: expected a table, one of organisms"),
        (
            "organisms/224308/n_targets",
            "with a column of organisms at the end, got 'n_targets' (similar: ",
        ),
        ("organisms/9606/verdict", "expected a key organism_id of organisms, got '9606'"),
        ("gene_products/P39694/status", "for example 224308/UniProtKB:P39694"),
        ("organisms/9606", "organisms` lists what can be asked)"),
    ],
)
def test_unknown_addresses_are_refused(
    explained: dict[str, Path], gafreduce: Command, address: str, words: str
) -> None:
    code, out, errors = gafreduce("explain", explained["sheet"], address)
    assert (code, out) == (1, "")
    assert words in errors


def test_missing_arguments_are_refused(
    explained: dict[str, Path], gafreduce: Command, tmp_path: Path
) -> None:
    code, _, errors = gafreduce("explain", explained["sheet"], "--organism", "224308")
    assert (code, "expected --gene-product with --organism" in errors) == (2, True)
    assert "expected a run folder" in gafreduce("explain", tmp_path, "organisms/1/verdict")[2]
    _, _, errors = gafreduce("explain", explained["sheet"], "--gene-product", "comXYZ")
    assert "comXYZ: expected an id, symbol or synonym of gene_products (for example com" in errors
    words = ("--gene-product", "comK", "--organism", "Bacillus")
    _, _, errors = gafreduce("explain", explained["sheet"], *words)
    assert "Bacillus: expected an organism of the run, got none of Escherichia coli K-12" in errors


def test_an_organism_is_named_as_ncbi_names_it(
    explained: dict[str, Path], gafreduce: Command
) -> None:
    words = ("--gene-product", "comK", "--organism", "Bacillus subtilis subsp. subtilis str. 168")
    code, out, _ = gafreduce("explain", explained["sheet"], *words)
    assert (code, "gene_products/224308/UniProtKB:P40396/status" in out) == (0, True)


@pytest.mark.parametrize("name", ["UniProtKB:P40396", "P40396", "comK", "COMK", "BSU10420"])
def test_a_gene_product_is_named_by_id_symbol_or_synonym(
    explained: dict[str, Path], gafreduce: Command, name: str
) -> None:
    words = ("--gene-product", name, "--organism", "bacillus subtilis 168")
    code, out, _ = gafreduce("explain", explained["sheet"], *words)
    assert code == 0
    assert "gene_products/224308/UniProtKB:P40396/status = positive" in out
    assert "gene_products/235909" not in out


def test_a_symbol_names_the_gene_products_of_all_organisms(
    explained: dict[str, Path], gafreduce: Command
) -> None:
    _, out, _ = gafreduce("explain", explained["sheet"], "--gene-product", "comK", "--json")
    addresses = {each["address"] for each in json.loads(out)}
    expected = {
        f"gene_products/{row['organism_id']}/{row['object_id']}/status"
        for row in RunSources(RunFolder(explained["sheet"])).read_rows("gene_products")
        if row["symbol"] == "comK"
    }
    assert len(expected) > 1
    assert {each for each in addresses if each.endswith("/status")} == expected


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("organisms/bacillus subtilis 168/verdict", "organisms/224308/verdict"),
        (
            "organisms/Bacillus subtilis subsp. subtilis str. 168/verdict",  # NCBI's name
            "organisms/224308/verdict",
        ),
        ("profile/go:30420/224308/n_annotations", "profile/GO:0030420/224308/n_annotations"),
        (
            "gene_products/Bacillus subtilis 168/comK/status",
            "gene_products/224308/UniProtKB:P40396/status",
        ),
    ],
)
def test_an_address_takes_names_symbols_and_ids_in_any_writing(
    explained: dict[str, Path], gafreduce: Command, written: str, address: str
) -> None:
    _, out, _ = gafreduce("explain", explained["sheet"], written)
    assert out.startswith(f"{address} = ")


def test_what_can_be_asked_is_listed_from_the_tables_to_the_cells(
    explained: dict[str, Path], gafreduce: Command
) -> None:
    run_dir = explained["sheet"]

    def list_addresses(*words: str) -> list[str]:
        code, out, errors = gafreduce("explain", run_dir, *words, "--json")
        assert (code, errors) == (0, "")
        return [each["address"] for each in json.loads(out)]

    examples = list_addresses()
    assert len(examples) >= 15
    for address in examples:
        assert gafreduce("explain", run_dir, address)[1].startswith(f"{address} = "), address
    assert "organisms/224308" in list_addresses("organisms")
    cells = list_addresses("organisms/224308")
    assert len(cells) == len(TABLES["organisms"].columns) - 1
    assert cells[0] == "organisms/224308/organism", "more telling than the taxon"
    assert list_addresses("profile/GO:30420") == list_addresses("profile/GO:0030420/")
    assert len(list_addresses("profile/GO:30420")) == 7


def test_the_list_of_what_can_be_asked_ends_with_an_example(
    explained: dict[str, Path], gafreduce: Command
) -> None:
    _, out, _ = gafreduce("explain", explained["sheet"], "gene_products")
    *_, more, example = out.splitlines()
    assert more.endswith(" more (--json lists all)")
    words = shlex.split(example.partition(": gafreduce ")[2])
    code, out, _ = gafreduce(*words)
    assert (code, "UniProtKB" in out) == (0, True)


def gaf(taxon: int, product: str, relation: str, go_id: str, code: str, more: str = "\t") -> str:
    cells = ["DB", product, "sym", relation, go_id, "PMID:1", code, "", "P", "", "", "protein"]
    return "\t".join([*cells, f"taxon:{taxon}", "20200101", "X", more])


UNUSUAL = [
    gaf(1, "a/b", "", "GO:0030420", "IDA"),
    gaf(1, "a/b", "NOT", "GO:0050896", "IDA"),
    gaf(1, "P2", "acts_upstream_of", "GO:0030420", "IDA"),
    gaf(1, "P3", "NOT", "GO:0030420", "IDA", "part_of(CL:1)\t"),
    gaf(1, "P4", "taught_by", "GO:0045809", "XYZ"),
    gaf(1, "P5", "", "GO:7777777", "IEA"),
    gaf(1, "P5", "", "GO:7777777", "IEA"),
    gaf(1, "P6", "", "GO:0030420", "IKR"),
    gaf(1, "P6", "", "GO:030420", "IDA"),
    "too\tfew",
    "",
    gaf(2, "P1", "", "GO:0008150", "ND"),
    gaf(3, "P1", "NOT", "GO:0030420", "IDA"),
    gaf(3, "P2", "", "GO:0045809", "IEA"),
    gaf(4, "P1", "", "GO:0045809", "HDA"),
    gaf(5, "P1", "", "GO:0050896", "TAS"),
]


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--exclude-evidence", "IEA"],
        ["--scope", "target"],
        ["--organism", "1", "--organism", "9"],
        ["--strict", "unknown_evidence,unknown_relation"],
        ["--obsolete", "drop"],
    ],
    ids=" ".join,
)
def test_every_counted_cell_of_unusual_lines_is_confirmed(
    samples: Path,
    gafreduce: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
) -> None:
    path = tmp_path / "in" / "unusual.gaf"
    path.parent.mkdir()
    path.write_text("!gaf-version: 2.2\n" + "\n".join(UNUSUAL) + "\n")
    (tmp_path / "list.tsv").write_text("DB:P1\tGO:0030420;GO:0008150\nDB:P2\nDB:P3\tGO:1\n")
    sheet = tmp_path / "inputs.tsv"
    sheet.write_text("path\ttaxon_id\torganism\nin/unusual.gaf\t\tOne\nlist.tsv\t7\tSeven\n")
    command = ["run", sheet, "--ontology", samples / "go-samples.obo", "-q", "--no-report"]
    command += ["-o", tmp_path / "run", *options]
    monkeypatch.setattr(sys, "argv", ["gafreduce", *map(str, command)])
    code, _, errors = gafreduce(*command)
    assert (code, errors) == (0, "")

    sources = make_sources(tmp_path / "run", tmp_path)
    assert sources.missing == ""
    assert check_counted_cells(sources) >= {"organisms", "gene_products", "annotations"}
    found = explain(sources, "organisms/1/n_annotations")[0]
    assert any("filters of the run" in note for note in found.notes) == (
        "--exclude-evidence" in options
    )
    if not options:  # every kind of finding that the lines were made for is there
        words = {row["finding"] for row in sources.read_rows("findings")}
        assert words >= {"bad_go_id", "ikr_without_not", "too_few_columns", "unknown_relation"}
    if "--exclude-evidence" in options:
        (explanation,) = explain(sources, "organisms/3/n_annotations")
        assert [note for note in explanation.notes if "excluded by exclude_evidence" in note] == [
            f"excluded by exclude_evidence, unusual.gaf:15: {UNUSUAL[13]}"
        ]
    (status,) = explain(sources, "gene_products/1/DB:a/b/status")
    assert (status.value, status.recomputed) == ("conflicting", "conflicting")


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_organism_name_and_comparison_come_from_any_of_its_files(
    samples: Path,
    gafreduce: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    order: list[int],
) -> None:
    rows = ["a.tsv\t7\tSeven\tfalse\n", "b.tsv\t7\t\t\n", "c.tsv\t8\tEight\ttrue\n"]
    for name, product in (("a", "P1"), ("b", "P2"), ("c", "P3")):
        (tmp_path / f"{name}.tsv").write_text(f"DB:{product}\tGO:0030420;GO:0008150\n")
    sheet = tmp_path / "inputs.tsv"
    said = "".join(rows[number] for number in order)
    sheet.write_text(f"path\ttaxon_id\torganism\tcompare\n{said}")
    command = ["run", sheet, "--ontology", samples / "go-samples.obo", "-q", "--no-report"]
    command += ["-o", tmp_path / "run"]
    monkeypatch.setattr(sys, "argv", ["gafreduce", *map(str, command)])
    assert gafreduce(*command)[0] == 0
    sources = make_sources(tmp_path / "run", tmp_path)
    organisms = [(row["organism"], row["compared"]) for row in sources.read_rows("organisms")]
    assert organisms == [("Seven", "false"), ("Eight", "true")]
    for taxon_id in (7, 8):
        (found,) = explain(sources, f"organisms/{taxon_id}/n_gene_products")
        assert found.is_confirmed


@pytest.mark.parametrize(
    "address",
    [
        "organisms/224308/n_target_electronic",
        "organisms/224308/n_annotations",
        "organisms/420246/n_foreign_in_files",
        "profile/GO:0008150/224308/n_gene_products_propagated",
        "terms/GO:0030420/organism_ids",
        "inputs/Bacillus_subtilis_168-224308.gaf/n_kept",
        "annotations/224308/UniProtKB:P39694/GO:0030420/with_from",
    ],
)
def test_large_inputs_are_read_as_a_stream(
    explained: dict[str, Path],
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    _, held, _ = gafreduce("explain", explained["sheet"], address, "--json")
    monkeypatch.setattr(reopen, "HELD_BYTES", 0)
    code, streamed, _ = gafreduce("explain", explained["sheet"], address, "--json")
    assert code == 0

    def known(text: str) -> list[object]:
        (found,) = json.loads(text)
        found["lines"] = len(found["lines"])  # the first ones of another order
        return [found, found["confirmed"]]

    assert known(held) == known(streamed)
    assert known(streamed)[1] is True
