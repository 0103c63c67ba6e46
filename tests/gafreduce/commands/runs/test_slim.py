"""Option --slim: numbers against a count of raw lines, the section of the page, and refusals."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.cli.main import main
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import Row, read_rows

Command = Callable[..., tuple[int, str, str]]

#: Lines of an organism of its own: object id, relation, term, evidence code, aspect.
LINES = (
    ("P1", "involved_in", "GO:0030420", "IDA", "P"),
    ("P2", "NOT|involved_in", "GO:0009294", "IDA", "P"),
    ("P3", "involved_in", "GO:0045808", "IMP", "P"),
    ("P4", "colocalizes_with", "GO:0005886", "IDA", "C"),
    ("P5", "involved_in", "GO:0008150", "ND", "P"),
    ("P6", "enables", "GO:0003677", "IEA", "F"),
    ("P6", "enables", "GO:0003677", "IDA", "F"),
    *((f"Q{number}", "involved_in", "GO:0009294", "IEA", "P") for number in range(10)),
)
OF_LINES, PARTIAL, UNKNOWN = "999", "83333", "GO:9999999"
SUBSET = (
    *("GO:0008150", "GO:0030420", "GO:0009294", "GO:0050789", "GO:0003677", "GO:0005886"),
    *("GO:0045808", UNKNOWN),
)


@pytest.fixture(scope="module")
def inputs(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    sheet = ["path\tcomplete"]
    for path in sorted(samples.glob("*.gaf")):
        (folder / path.name).write_bytes(path.read_bytes())
        sheet.append(f"{path.name}\t{'false' if PARTIAL in path.name else 'true'}")
    rows = [
        "\t".join(
            [
                *("UniProtKB", product, product, relation, go_id, "PMID:1", code, "", aspect),
                *("", "", "protein", f"taxon:{OF_LINES}", "20200101", "UniProt", "", ""),
            ]
        )
        for product, relation, go_id, code, aspect in LINES
    ]
    (folder / "lines.gaf").write_text("\n".join(["!gaf-version: 2.2", *rows, ""]))
    (folder / "inputs.tsv").write_text("\n".join([*sheet, "lines.gaf\ttrue", ""]))
    slim = "".join(f"\n[Term]\nid: {go_id}\nname: {go_id}\n" for go_id in SUBSET)
    (folder / "goslim_few.obo").write_text(f"format-version: 1.2\n{slim}")
    return folder


@pytest.fixture(scope="module")
def run_dir(inputs: Path, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slim") / "run"
    words = ["--ontology", str(samples / "go-samples.obo"), "-q", "-o", str(folder)]
    slim = str(inputs / "goslim_few.obo")
    assert main(["run", str(inputs / "inputs.tsv"), "--slim", slim, *words]) == 0
    return folder


@pytest.fixture(scope="module")
def rows(run_dir: Path) -> list[Row]:
    return list(read_rows(RunFolder(run_dir), "slim"))


def count_lines(inputs: Path, ontology: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """Return direct and propagated gene products by term and taxon, from raw lines and stanzas."""
    parents: dict[str, set[str]] = {}
    now: dict[str, str] = {}
    for stanza in ontology.read_text().split("\n[Term]")[1:]:
        go_id = re.findall(r"\nid: (\S+)", stanza)[0]
        parents[go_id] = set(re.findall(r"\n(?:is_a:|relationship: part_of) (GO:\d+)", stanza))
        now |= dict.fromkeys(re.findall(r"\nalt_id: (\S+)", stanza), go_id)
        if "\nis_obsolete: true" in stanza:
            now |= dict.fromkeys([go_id], *re.findall(r"\nreplaced_by: (\S+)", stanza))
    direct, propagated = defaultdict(set), defaultdict(set)
    for path in inputs.glob("*.gaf"):
        for line in path.read_text().splitlines():
            cells = line.split("\t")
            words = set(cells[3].split("|")) if len(cells) > 3 else {"NOT"}
            if words & {"NOT", "colocalizes_with"} or cells[6] == "ND":
                continue
            taxon = cells[12].split("|")[0].removeprefix("taxon:")
            go_id = now.get(cells[4], cells[4])
            direct[go_id, taxon].add(tuple(cells[:2]))
            found, todo = set(), {go_id}
            while todo:
                each = todo.pop()
                found.add(each)
                todo |= parents.get(each, set()) - found
            for each in found:
                propagated[each, taxon].add(tuple(cells[:2]))
    return {key: (len(direct.get(key, ())), len(value)) for key, value in propagated.items()}


def test_numbers_are_those_of_raw_lines(rows: list[Row], inputs: Path, samples: Path) -> None:
    counted = count_lines(inputs, samples / "go-samples.obo")
    roots = {"P": "GO:0008150", "F": "GO:0003674", "C": "GO:0005575"}
    assert len(rows) == (len(SUBSET) - 1) * 8
    for row in rows:
        taxon = row["organism_id"]
        direct, propagated = counted.get((row["go_id"], taxon), (0, 0))
        _, of_root = counted.get((roots[row["aspect"]], taxon), (0, 0))
        found = [row["n_gene_products"], row["n_gene_products_propagated"]]
        assert [*found, row["n_root_gene_products"]] == [str(direct), str(propagated), str(of_root)]
        share = repr(propagated / of_root) if of_root and taxon != PARTIAL else ""
        assert row["share"] == share
    assert sum(row["n_gene_products_propagated"] != "0" for row in rows) > 30


def test_not_other_relations_and_regulators_count_for_no_term(rows: list[Row]) -> None:
    found = {row["go_id"]: row for row in rows if row["organism_id"] == OF_LINES}
    numbers = {go_id: row["n_gene_products_propagated"] for go_id, row in found.items()}
    assert numbers["GO:0030420"] == "1", "its negative regulator is another term"
    assert numbers["GO:0045808"] == numbers["GO:0050789"] == "1"
    assert numbers["GO:0009294"] == "11", "and not 12: a NOT"
    assert numbers["GO:0005886"] == "0"
    assert found["GO:0003677"]["n_gene_products"] == "1", "two lines of a gene product"


def test_page_and_figure_have_the_subset(run_dir: Path) -> None:
    page = (run_dir / "report.html").read_text()
    assert "All of GO at a glance: goslim_few" in page
    assert re.search(r"Of 7 terms of the subset, \d annotated in all 7 complete organisms, ", page)
    assert (
        f"1 term of --slim is left out, unknown to this ontology or obsolete in it: {UNKNOWN}"
        in page
    )
    assert {path.suffix for path in (run_dir / "figures").glob("slim.*")} == {
        ".svg",
        ".png",
        ".pdf",
    }
    svg = (run_dir / "report.html").read_text().split('id="figure-slim"')[1].split("</figure>")[0]
    assert "annotated in a partial file" in svg


def test_a_run_without_the_option_has_no_rows_and_another_subset_another_id(
    gafreduce: Command, inputs: Path, samples: Path
) -> None:
    def plan(*more: str) -> str:
        words = ("--ontology", samples / "go-samples.obo", "--dry-run", *more)
        return gafreduce("run", inputs / "inputs.tsv", *words)[1].splitlines()[0]

    ids = {plan(), plan("--slim", str(inputs / "goslim_few.obo"))}
    (inputs / "other.obo").write_text("[Term]\nid: GO:0003677\n")
    ids.add(plan("--slim", str(inputs / "other.obo")))
    assert len(ids) == 3


@pytest.mark.parametrize("option", ["--scope=target", "--no-report"])
def test_what_the_subset_needs_is_named(gafreduce: Command, samples: Path, option: str) -> None:
    ontology = samples / "go-samples.obo"
    code, _, errors = gafreduce(
        "run", samples, "--ontology", ontology, "--slim", "goslim_x", option, "--dry-run"
    )
    assert code == 2
    assert "--slim: expected a run with statistics of the whole ontology" in errors
