"""Every number of a run explained: the lines that make it, and the number again."""

from __future__ import annotations

import json
import shutil
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.commands import explain as explain_command
from gafreduce.pipeline import reopen
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.explain.evidence import Sources
from gafreduce.reports.explain.explain import explain, explain_cell
from gafreduce.reports.tables.schema import STATISTICS_TABLES

Command = Callable[..., tuple[int, str, str]]

#: Tables of the contract that lines make; those of statistics have a test of their own.
CONTRACT = (
    *("organisms", "gene_products", "annotations", "profile", "terms"),
    *("inputs", "rejections", "findings", "term_set"),
)
NOWHERE = Namespace(inputs=None, ontology=None)


@pytest.fixture(scope="session")
def explained(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run folders: of the samples with their sheet, and of the files alone, taken for whole."""
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("explained")
    files = sorted(map(str, samples.glob("*.gaf")))
    made = {}
    for name, inputs in (("sheet", [str(samples)]), ("whole", files)):
        command = ["run", *inputs, "--ontology", str(samples / "go-samples.obo"), "-q"]
        command += ["-o", str(folder / name)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["gafreduce", *command])
            assert main(command) == 0
        made[name] = folder / name
    return made


def sources_of(run_dir: Path, scratch: Path, arguments: Namespace = NOWHERE) -> Sources:
    sources = Sources(RunFolder(run_dir), limit=3)
    explain_command.add_inputs(sources, arguments, scratch)
    return sources


@pytest.mark.parametrize("name", ["sheet", "whole"])
def test_every_cell_of_the_sample_run(
    explained: dict[str, Path], tmp_path: Path, name: str
) -> None:
    sources = sources_of(explained[name], tmp_path)
    assert sources.missing == ""
    confirmed: Counter[str] = Counter()
    # of the files alone the same lines make the same numbers but for those of the statistics
    names = [*CONTRACT, *STATISTICS_TABLES] if name == "sheet" else list(STATISTICS_TABLES)
    for table in map(sources.table, names):
        for row in sources.rows(table.name):
            for column in table.columns:
                found = explain_cell(sources, table, row, column)
                assert found.is_confirmed, (found.address, found.value, found.again, found.why_not)
                assert found.meaning
                assert found.how
                confirmed[table.name] += 1
    assert set(confirmed) == {table for table in names if sources.rows(table)}


def test_the_examples_of_the_help_are_right(explained: dict[str, Path], gafreduce: Command) -> None:
    _, text, _ = gafreduce("explain", "--help")
    examples = [
        line.split()[3:]
        for line in text.splitlines()
        if line.strip().startswith("gafreduce explain RUN_DIR")
    ]
    assert len(examples) >= 6
    for words in examples:
        code, out, errors = gafreduce("explain", explained["sheet"], *words)
        assert (code, errors) == (0, ""), words
        assert "the same" in out


def test_lines_are_shown_word_for_word_with_file_and_number(
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


def test_a_gene_product_is_explained_with_its_lines_once(
    explained: dict[str, Path], gafreduce: Command
) -> None:
    code, out, _ = gafreduce("explain", explained["sheet"], "--gene-product", "UniProtKB:P39694")
    assert code == 0
    assert out.count("\tGO:0030420\t") == out.count("lines: ") == 1
    assert "gene_products/224308/UniProtKB:P39694/status = positive" in out


def test_an_edited_number_is_found_out(
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
    assert "NOT THE SAME" in out
    assert "organisms/224308/n_in_aspect" in errors


def test_what_the_run_folder_holds_is_explained_without_the_inputs(
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
        ("organisms/224308/n_target_electronic", "again: 52, the same"),
        ("organisms/224308/verdict", "again: electronic_only, the same"),
        ("profile/GO:0030420/224308/n_gene_products", "expected the file that the run read"),
        ("organisms/224308/n_annotations", "not made again: needs the inputs again"),
    ):
        code, out, _ = gafreduce("explain", tmp_path / "run", address)
        assert code == 0
        assert words in out
        assert f"{address} = " in out
    assert (
        "lines are shown as the run folder has them"
        in gafreduce("explain", tmp_path / "run", "organisms/224308/n_target_electronic")[1]
    )
    changed.write_text(changed.read_text()[:-1])
    elsewhere = tmp_path / "elsewhere"
    there.rename(elsewhere)
    where = ("--inputs", elsewhere, "--ontology", elsewhere / "go-samples.obo")
    _, out, _ = gafreduce(
        "explain", tmp_path / "run", "profile/GO:0030420/224308/n_gene_products", *where
    )
    assert "again: 52, the same" in out


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("organism/1/verdict", "organism: expected a table, one of organisms"),
        (
            "organisms/224308/n_targets",
            "expected a column of organisms at the end, got 'n_targets'",
        ),
        ("organisms/9606/verdict", "expected a key taxon_id of organisms, got '9606'"),
        ("gene_products/P39694/status", "for example 224308/UniProtKB:P39694"),
        ("organisms", "expected a column of organisms at the end, got ''"),
    ],
)
def test_what_is_not_there_is_said(
    explained: dict[str, Path], gafreduce: Command, address: str, words: str
) -> None:
    code, out, errors = gafreduce("explain", explained["sheet"], address)
    assert (code, out) == (1, "")
    assert words in errors


def test_what_is_asked_must_be_said(
    explained: dict[str, Path], gafreduce: Command, tmp_path: Path
) -> None:
    assert "expected what to explain" in gafreduce("explain", explained["sheet"])[2]
    assert "expected a run folder" in gafreduce("explain", tmp_path, "organisms/1/verdict")[2]
    _, _, errors = gafreduce("explain", explained["sheet"], "--gene-product", "P39694")
    assert "for example UniProtKB:P39694" in errors


def gaf(taxon: int, product: str, relation: str, go_id: str, code: str, more: str = "\t") -> str:
    cells = ["DB", product, "sym", relation, go_id, "PMID:1", code, "", "P", "", "", "protein"]
    return "\t".join([*cells, f"taxon:{taxon}", "20200101", "X", more])


TANGLED = [
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
        ["--exclude-iea"],
        ["--scope", "target"],
        ["--organism", "1", "--organism", "9"],
        ["--strict", "unknown_evidence,unknown_relation"],
        ["--obsolete", "drop"],
    ],
    ids=" ".join,
)
def test_every_cell_of_tangled_lines(
    samples: Path,
    gafreduce: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
) -> None:
    path = tmp_path / "in" / "tangled.gaf"
    path.parent.mkdir()
    path.write_text("!gaf-version: 2.2\n" + "\n".join(TANGLED) + "\n")
    (tmp_path / "list.tsv").write_text("DB:P1\tGO:0030420;GO:0008150\nDB:P2\nDB:P3\tGO:1\n")
    sheet = tmp_path / "inputs.tsv"
    sheet.write_text("path\ttaxon_id\torganism\nin/tangled.gaf\t\tOne\nlist.tsv\t7\tSeven\n")
    command = ["run", sheet, "--ontology", samples / "go-samples.obo", "-q", "--no-report"]
    command += ["-o", tmp_path / "run", *options]
    monkeypatch.setattr(sys, "argv", ["gafreduce", *map(str, command)])
    code, _, errors = gafreduce(*command)
    assert (code, errors) == (0, "")

    sources = sources_of(tmp_path / "run", tmp_path)
    assert sources.missing == ""
    for name in CONTRACT:
        for row in sources.rows(name):
            for column in sources.table(name).columns:
                found = explain_cell(sources, sources.table(name), row, column)
                assert found.is_confirmed, (found.address, found.value, found.again, found.why_not)
    found = explain(sources, "organisms/1/n_annotations")[0]
    assert any("filters were in force" in note for note in found.notes) == (
        options == ["--exclude-iea"]
    )
    if not options:  # every kind of finding that the lines were made for is there
        words = {row["finding"] for row in sources.rows("findings")}
        assert words >= {"bad_go_id", "ikr_without_not", "too_few_columns", "unknown_relation"}
    if options == ["--exclude-iea"]:
        (explanation,) = explain(sources, "organisms/3/n_annotations")
        assert [note for note in explanation.notes if "left out by exclude_evidence" in note] == [
            f"left out by exclude_evidence, tangled.gaf:15: {TANGLED[13]}"
        ]
    (status,) = explain(sources, "gene_products/1/DB:a/b/status")
    assert (status.value, status.again) == ("conflicting", "conflicting")


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_files_of_one_organism_may_each_say_something_of_it(
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
    sources = sources_of(tmp_path / "run", tmp_path)
    organisms = [(row["organism"], row["compared"]) for row in sources.rows("organisms")]
    assert organisms == [("Seven", "false"), ("Eight", "true")]
    for taxon_id in (7, 8):
        for column in ("organism", "compared"):
            (found,) = explain(sources, f"organisms/{taxon_id}/{column}")
            assert found.is_confirmed


@pytest.mark.parametrize(
    "address",
    [
        "organisms/224308/n_target_electronic",
        "organisms/224308/n_annotations",
        "organisms/420246/n_foreign_in_files",
        "profile/GO:0008150/224308/n_gene_products_propagated",
        "terms/GO:0030420/taxon_ids",
        "inputs/Bacillus_subtilis_168-224308.gaf/n_kept",
        "annotations/224308/UniProtKB:P39694/GO:0030420/with_from",
    ],
)
def test_lines_that_are_too_many_to_hold_are_read_as_a_stream(
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
