"""Comparisons of runs: pairs made by hand for each reason, and thirty known changes of the samples."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gafreduce.cli.main import main
from gafreduce.errors import InputError
from gafreduce.publishing import manifest
from gafreduce.publishing.open_run import open_folder
from gafreduce.reports.comparison.comparison import RunComparison
from gafreduce.reports.comparison.line_table import hash_text
from gafreduce.reports.comparison.reasons import REASONS
from gafreduce.reports.comparison.schema import COMPARISON_TABLES

#: A target with two children; the second ontology moves, merges and retires terms.
ROOT = "[Term]\nid: GO:0008150\nname: biological_process\nnamespace: biological_process\n"
TERMS = {
    "GO:0000001": ("target", "is_a: GO:0008150"),
    "GO:0000002": ("first child", "is_a: GO:0000001"),
    "GO:0000003": ("second child", "is_a: GO:0000001"),
    "GO:0000004": ("third child", "is_a: GO:0000001"),
    "GO:0000005": ("elsewhere", "is_a: GO:0008150"),
}


def write_ontology(path: Path, **changes: str) -> Path:
    """Write an ontology; changes are stanzas by the last digit of the term, empty to leave it out."""
    stanzas = [ROOT]
    for go_id, (name, lines) in TERMS.items():
        text = changes.get(f"t{go_id[-1]}", lines)
        if text:
            stanzas.append(
                f"[Term]\nid: {go_id}\nname: {name}\nnamespace: biological_process\n{text}\n"
            )
    path.write_text("format-version: 1.2\ndata-version: x\n\n" + "\n".join(stanzas))
    return path


def line(
    product: str,
    go_id: str = "GO:0000002",
    evidence: str = "IEA",
    taxon: int = 1,
    relation: str = "involved_in",
    reference: str = "GO_REF:0000002",
    with_from: str = "InterPro:IPR000001",
    assigned_by: str = "InterPro",
    date: str = "20200101",
    symbol: str = "",
) -> str:
    cells = ["UniProtKB", product, symbol or f"s{product}", relation, go_id, reference, evidence]
    cells += [with_from, "P", "name", "", "protein", f"taxon:{taxon}", date, assigned_by, "", ""]
    return "\t".join(cells)


KEYWORD = {
    "reference": "GO_REF:0000043",
    "with_from": "UniProtKB-KW:KW-0178",
    "assigned_by": "UniProt",
}

Run = Callable[..., Path]


@pytest.fixture
def make_run(tmp_path: Path) -> Run:
    """Run files of lines; gives the run folder."""
    numbers = iter(range(100))

    def run(
        *files: Sequence[str],
        ontology: Path | None = None,
        term: str = "GO:0000001",
        options: Sequence[str] = (),
    ) -> Path:
        folder = tmp_path / f"run{next(numbers)}"
        folder.mkdir()
        names = []
        for number, lines in enumerate(files):
            path = folder / f"f{number}.gaf"
            path.write_text("!gaf-version: 2.2\n" + "\n".join(lines) + "\n")
            names.append(str(path))
        ontology = ontology or write_ontology(tmp_path / "first.obo")
        arguments = ["run", *names, "--ontology", str(ontology), "--term", term]
        arguments += ["--no-report", "-q", "-o", str(folder / "run"), "--organism", "1", *options]
        assert main(arguments) == 0
        return folder / "run"

    return run


def compare(*runs: Path, **options: Any) -> RunComparison:
    return RunComparison([open_folder(run) for run in runs], **options)


def list_changes(comparison: RunComparison) -> list[tuple[str, str, str]]:
    """Return gene product, change and primary reason of each difference between lines."""
    return [
        (row["object_id"].removeprefix("UniProtKB:"), row["change"], row["reason"])
        for row in comparison.rows["annotations"]
    ]


def check_sums(comparison: RunComparison) -> None:
    """Check that every difference has one primary reason, and that all add up."""
    for table in ("organisms", "gene_products", "annotations", "terms"):
        counted: Counter[tuple[int, str, str]] = Counter()
        for row in comparison.rows["differences"]:
            if row["table"] == table:
                for change in ("new", "gone", "changed"):
                    counted[row["step"], row["reason"], change] += row[f"n_{change}"]
        rows = comparison.rows[table]
        assert +counted == Counter((row["step"], row["reason"], row["change"]) for row in rows)
        assert all(row["reason"] in REASONS for row in rows)
        assert all(row["reason"] not in row["other_reasons"] for row in rows)
    for row in comparison.rows["organisms"]:
        change = row["n_new"] - row["n_gone"] - row["n_joined"]
        assert row["n_before"] + change == row["n_after"]


def test_a_run_has_no_differences_from_itself(make_run: Run) -> None:
    run = make_run([line("A")])
    comparison = compare(run, run)
    assert all(not comparison.rows[name] for name in COMPARISON_TABLES if name != "runs")
    assert comparison.title_sentence.startswith("No differences")


def test_date_and_reference_alone_are_no_change(make_run: Run) -> None:
    first = make_run([line("A"), line("B")])
    second = make_run([line("A", date="20250101"), line("B", reference="GO_REF:0000120")])
    comparison = compare(first, second)
    assert list_changes(comparison) == []
    assert [row["kind"] for row in comparison.rows["settings"]] == ["inputs"]


def test_lines_of_the_same_ontology_and_options(make_run: Run) -> None:
    first = make_run(
        [
            line("A"),
            line("B"),
            line("C"),
            *(line("D"), line("D", reference="GO_REF:0000120")),
            line("E", **KEYWORD),
            line("F", evidence="IDA", reference="PMID:1", with_from="", assigned_by="CACAO"),
            line("G"),
            line("H", symbol="same"),
            line("K"),
        ]
    )
    second = make_run(
        [
            line("B", relation="NOT|involved_in"),
            line("C", evidence="ISS"),
            line("D"),
            line("G", with_from="InterPro:IPR000002"),
            line("I", symbol="same"),
            line("J", evidence="IDA", reference="PMID:2", with_from="", assigned_by="CACAO"),
            line("K", relation="NOT|involved_in", evidence="ISS"),
        ]
    )
    comparison = compare(first, second)
    assert list_changes(comparison) == [
        ("A", "gone", "unexplained"),
        ("B", "changed", "relation"),
        ("C", "changed", "evidence"),
        ("D", "gone", "lines_merged"),
        ("E", "gone", "source_retired"),
        ("F", "gone", "source_absent"),
        ("G", "changed", "evidence"),
        ("H", "gone", "unexplained"),
        ("I", "new", "unexplained"),
        ("J", "new", "source_absent"),
        ("K", "changed", "relation"),
    ]
    (both,) = (each for each in comparison.rows["annotations"] if each["object_id"].endswith(":K"))
    assert both["other_reasons"] == ["evidence"]
    products = {row["object_id"]: row for row in comparison.rows["gene_products"]}
    assert products["UniProtKB:H"]["other_reasons"] == ["possibly_same_symbol:UniProtKB:I"]
    assert products["UniProtKB:E"]["only_source"] == "UniProt keywords"
    assert {key[-1]: row["target"] for key, row in products.items()} == {
        **{"A": "gone", "B": "gone", "C": "kept", "D": "kept", "E": "gone", "F": "gone"},
        **{"G": "kept", "H": "gone", "I": "new", "J": "new", "K": "gone"},
    }
    (organism,) = comparison.rows["organisms"]
    assert (organism["n_before"], organism["n_gone"], organism["n_new"]) == (9, 6, 2)
    assert (organism["n_after"], organism["reason"]) == (5, "unexplained")
    assert organism["verdict_before"] == "experimental"
    check_sums(comparison)
    assert "1 had only a keyword mapping that GO stopped using in March 2026" in (
        comparison.title_sentence
    )


def test_a_keyword_that_another_organism_still_has_is_absent_not_retired(make_run: Run) -> None:
    """The dated table says retired; a source that is still in the run is not gone from all of it."""
    first = make_run([line("A", **KEYWORD), line("B", **KEYWORD)])
    second = make_run([line("B", **KEYWORD)])
    assert list_changes(compare(first, second)) == [("A", "gone", "unexplained")]


def test_ontology_merges_retires_and_moves_terms(make_run: Run, tmp_path: Path) -> None:
    lines = [line("A"), line("B", "GO:0000003"), line("C", "GO:0000004"), line("D", "GO:0000005")]
    first = make_run(lines)
    second_ontology = write_ontology(
        tmp_path / "second.obo",
        t1="alt_id: GO:0000002\nis_a: GO:0008150",
        t2="",
        t3="is_obsolete: true",
        t4="is_a: GO:0008150",
        t5="is_a: GO:0000001",
    )
    second = make_run(lines, ontology=second_ontology)
    for ontologies in ((), (second_ontology,)):
        comparison = compare(first, second, ontologies=ontologies)
        assert list_changes(comparison) == [
            ("A", "changed", "term_merged"),
            ("B", "gone", "term_retired"),
            ("C", "gone", "term_set"),
            ("D", "new", "term_set"),
        ]
        check_sums(comparison)
        classes = {
            row["go_id"]: (row["change"], row["reason"])
            for row in comparison.rows["terms"]
            if not row["organism_id"]
        }
        assert classes == {
            "GO:0000002": ("gone", "term_merged"),
            "GO:0000003": ("gone", "term_retired"),
            "GO:0000004": ("gone", "term_set"),
            "GO:0000005": ("new", "term_set"),
        }


def test_propagated_numbers_are_explained_by_the_ontology_only_where_lines_give_them(
    make_run: Run, tmp_path: Path
) -> None:
    """GO:0000004 leaves the target: 3 products -> 2. With other lines too the number is undetermined."""
    lines = [line("A"), line("B", "GO:0000003"), line("C", "GO:0000004")]
    moved = write_ontology(tmp_path / "moved.obo", t4="is_a: GO:0008150")

    def find_target(second: Path) -> tuple[Any, ...]:
        (row,) = (
            row
            for row in compare(first, second).rows["terms"]
            if row["go_id"] == "GO:0000001" and row["organism_id"]
        )
        names = ("n_propagated_before", "n_propagated_reread", "n_propagated_after", "reason")
        return tuple(row[name] for name in names)

    first = make_run(lines)
    assert find_target(make_run(lines, ontology=moved)) == (3, 2, 2, "term_set")
    other_date = [line("A", date="20250101"), *lines[1:]]
    assert find_target(make_run(other_date, ontology=moved)) == (3, 2, 2, "term_set")
    assert find_target(make_run(lines[1:], ontology=moved)) == (3, 2, 1, "undetermined")
    assert find_target(make_run(lines[1:])) == (3, None, 2, "lines")


def test_inputs_completeness_filters_options_and_id_map(make_run: Run, tmp_path: Path) -> None:
    lines = [line("A"), line("B", evidence="IDA"), line("C", relation="acts_upstream_of_or_within")]
    other = [line("Z", taxon=2)]
    two = ("--organism", "2")
    first = make_run(lines, other, options=two)

    filtered = make_run(lines, other, options=(*two, "--exclude-evidence", "IDA"))
    assert list_changes(compare(first, filtered)) == [("B", "gone", "filters")]
    assert list_changes(compare(filtered, first)) == [("B", "new", "filters")]

    strict = make_run(lines, other, options=(*two, "--qualifier-relations", "involved_in"))
    comparison = compare(first, strict)
    assert list_changes(comparison) == [("C", "changed", "options")]
    assert comparison.rows["organisms"][0]["n_gone"] == 1
    check_sums(comparison)

    alone = make_run(lines, options=two)
    comparison = compare(first, alone)
    assert list_changes(comparison) == [("Z", "gone", "inputs")]
    assert [row["reason"] for row in comparison.rows["organisms"]] == ["inputs"]

    sheet = tmp_path / "inputs.tsv"
    rows = [f"{alone.parent / 'f0.gaf'}\t1\t{word}" for word in ("true", "false", "")]
    runs = []
    for row in rows:
        sheet.write_text(f"path\ttaxon_id\tcomplete\n{row}\n")
        folder = tmp_path / f"sheet{len(runs)}"
        arguments = ["run", str(sheet), "--ontology", str(tmp_path / "first.obo"), "--no-report"]
        assert main([*arguments, "--term", "GO:0000001", "-q", "-o", str(folder)]) == 0
        runs.append(folder)
    (organism,) = compare(*runs[:2]).rows["organisms"]
    assert organism["reason"] == "completeness"
    assert (organism["complete_before"], organism["complete_after"]) == ("true", "false")
    (organism,) = compare(*runs[1:]).rows["organisms"]  # the same annotations: stated and decided
    assert (organism["complete_before"], organism["complete_after"]) == ("false", "suspect")
    assert (organism["reason"], organism["other_reasons"]) == ("completeness", [])

    renamed = make_run([line("A2"), *lines[1:]], other, options=two)
    id_map = {"UniProtKB:A": "UniProtKB:A2", "UniProtKB:A2": "UniProtKB:A2"}
    assert list_changes(compare(first, renamed)) == [
        ("A", "gone", "unexplained"),
        ("A2", "new", "unexplained"),
    ]
    comparison = compare(first, renamed, id_map=id_map)
    assert list_changes(comparison) == [("A2", "changed", "product_id")]
    assert comparison.rows["gene_products"][0]["ids_before"] == ["UniProtKB:A"]
    check_sums(comparison)


def test_a_version_is_a_reason_only_for_the_same_files(make_run: Run) -> None:
    """A run folder whose record names another version, and whose table lacks a line."""
    first, second = make_run([line("A"), line("B")]), make_run([line("A"), line("B")])
    record = second / "run.json"
    record.write_text(
        re.sub(r'"gafreduce_version": "[^"]*"', '"gafreduce_version": "9"', record.read_text())
    )
    import pyarrow.parquet as pq

    for table in ("annotations", "gene_products"):
        path = second / "parquet" / table / f"{table}.parquet"
        pq.write_table(pq.read_table(path).slice(0, 1), path)
    manifest.write_manifest(second)
    assert list_changes(compare(first, second)) == [("B", "gone", "version")]


def test_runs_of_other_targets_are_refused(make_run: Run, tmp_path: Path) -> None:
    first, second = make_run([line("A")]), make_run([line("A")], term="GO:0000005")
    with pytest.raises(InputError, match=r"expected a run of GO:0000001.*other terms cannot"):
        compare(first, second)
    wrong = write_ontology(tmp_path / "wrong.obo", t5="")
    with pytest.raises(InputError, match="expected the ontology of one of the runs"):
        compare(first, first, ontologies=(wrong,))


def test_command_writes_tables_page_and_exit_code(
    make_run: Run, tmp_path: Path, gafreduce: Callable[..., tuple[int, str, str]]
) -> None:
    first = make_run([line("<i>A"), line("B", evidence="IDA")])
    second = make_run([line("B")])
    third = make_run([line("B"), line("C")])
    folder = tmp_path / "changes"
    code, out, err = gafreduce(
        "compare", first, second, third, "-o", folder, "--fail-on", "verdict"
    )
    assert code == 5
    assert "the verdict differs" in err
    assert out.rstrip().endswith("comparison.html")
    assert sorted(path.stem for path in (folder / "tables").iterdir()) == sorted(COMPARISON_TABLES)
    with (folder / "tables" / "annotations.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert [(row["step"], row["object_id"], row["reason"]) for row in rows] == [
        ("1", "UniProtKB:<i>A", "unexplained"),
        ("1", "UniProtKB:B", "evidence"),
        ("2", "UniProtKB:C", "unexplained"),
    ]
    page = (folder / "comparison.html").read_text()
    assert "&lt;i&gt;A" in page
    assert "<i>A" not in page
    assert (
        manifest.find_defects(
            (folder / manifest.NAME).read_bytes(),
            manifest.list_sizes(folder),
            lambda name: manifest.hash_file(folder / name),
        )
        == []
    )
    assert gafreduce("compare", first, second, "-o", folder)[0] == 1
    assert gafreduce("compare", second, second, "--fail-on", "any")[0] == 0
    assert gafreduce("compare", second)[0] == 2


def test_thirty_known_changes_of_the_samples(samples: Path, tmp_path: Path) -> None:
    """Each change is found with its reason: lines taken out, of other relations, evidence and ids."""
    changed = tmp_path / "changed"
    changed.mkdir()
    expected: Counter[tuple[str, str, str, str]] = Counter()
    organisms = ("326423", "279010", "592022", "235909", "420246")
    for path in sorted(samples.glob("*.gaf")):
        taxon = path.stem.rpartition("-")[2]
        lines = path.read_text().splitlines()
        targets = [
            number
            for number, text in enumerate(lines)
            if "\tGO:0030420\t" in text and not text.startswith("!")
        ]
        used: set[str] = set()
        chosen = []
        for number in targets:  # one line of each gene product that has only one
            product = lines[number].split("\t")[1]
            alone = sum(lines[n].split("\t")[1] == product for n in targets) == 1
            if (
                alone
                and product not in used
                and "GO:0045808" not in "".join(text for text in lines if f"\t{product}\t" in text)
            ):
                used.add(product)
                chosen.append(number)
        kinds = ("out", "not", "evidence") if taxon in organisms else ("out",) * 17
        removed = []
        for number, kind in zip(chosen, kinds, strict=False):
            cells = lines[number].split("\t")
            key = (taxon, f"{cells[0]}:{cells[1]}")
            if kind == "out":
                removed.append(number)
                expected[(*key, "gone", "unexplained")] += 1
            elif kind == "not":
                cells[3] = f"NOT|{cells[3]}".rstrip("|")
                expected[(*key, "changed", "relation")] += 1
            else:
                cells[6] = "ISS"
                expected[(*key, "changed", "evidence")] += 1
            lines[number] = "\t".join(cells)
        kept = [text for number, text in enumerate(lines) if number not in removed]
        (changed / path.name).write_text("\n".join(kept) + "\n")
    (changed / "inputs.tsv").write_text((samples / "inputs.tsv").read_text())
    runs = []
    for inputs in (samples, changed):
        runs.append(tmp_path / f"run-{inputs.name}")
        arguments = ["run", str(inputs), "--ontology", str(samples / "go-samples.obo"), "-q"]
        assert main([*arguments, "--no-report", "-o", str(runs[-1])]) == 0
    comparison = compare(*runs)
    found = Counter(
        (row["organism_id"], row["object_id"], row["change"], row["reason"])
        for row in comparison.rows["annotations"]
    )
    assert sum(expected.values()) >= 30
    assert found == expected
    check_sums(comparison)


def test_hashes_of_texts_depend_on_each_byte_and_its_place() -> None:
    texts = [
        "",
        "a",
        "b",
        "ab",
        "ba",
        "aa",
        "\0",
        "é",
        "e\u0301",
        *map(str, range(20_000)),
        "x" * 300,
    ]
    hashes = hash_text(texts)
    assert len(set(hashes.tolist())) == len(texts)
    assert hash_text(["", *texts])[1:].tolist() == hashes.tolist()
    assert hash_text(["ba", "", ""]).tolist() == [hashes[4], hashes[0], hashes[0]]
    assert hash_text([]).tolist() == []
    # half of the bits of two hashes differ, whatever differs in the texts
    n_bits = [int(one ^ other).bit_count() for one, other in pairwise(hashes)]
    assert 31 < sum(n_bits) / len(n_bits) < 33
