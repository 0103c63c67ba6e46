"""Every case of the truth table of docs/verdicts.md, through the command line.

Each case is an organism of one run. Its expected results come from a model that shares no code with
the product (tests/oracle/oracle_verdicts.py); those of the traps are worked out by hand.
"""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import oracle_verdicts as oracle
import pytest
from oracle_verdicts import Case, Line

from gafreduce.reports.tables.schema import ORGANISMS

Command = Callable[..., tuple[int, str, str]]
Row = dict[str, str]

#: Terms for the places of the truth table, around a target with a descendant.
TARGET = "GO:0009294"
PLACES = {
    "target": (TARGET, "P"),
    "core": ("GO:0030420", "P"),
    "ancestor": ("GO:0009292", "P"),
    "regulator": ("GO:0045809", "P"),
    "elsewhere": ("GO:0005524", "F"),
}
CASES = list(oracle.cases())
DOCS = Path(__file__).parents[1] / "docs"
RATES = ("rate_per_1000", "rate_low", "rate_high")


def gaf_line(taxon: int, product: str, go_id: str, aspect: str, line: Line) -> str:
    relation = f"NOT|{line.relation}" if line.negated else line.relation
    cells = [
        *("UniProtKB", product, product.lower(), relation, go_id, "PMID:1", line.code, "", aspect),
        *("", "", "protein", f"taxon:{taxon}", "20191214", "UniProt"),
        "part_of(CL:0000540)" if line.extension else "",
        f"UniProtKB:{product}-2" if line.isoform else "",
    ]
    return "\t".join(cells)


def read_table(run_dir: Path, name: str) -> list[Row]:
    with (run_dir / "tables" / f"{name}.tsv").open(encoding="utf-8", newline="\n") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def run(
    gafreduce: Command,
    samples: Path,
    folder: Path,
    term: str,
    organisms: Iterable[Sequence[str]],
    *options: str,
    complete: bool = True,
) -> tuple[dict[int, Row], dict[tuple[int, str], Row]]:
    """Return the rows of `organisms` and `gene_products` of a run over GAF lines."""
    lines = [line for organism in organisms for line in organism]
    path = folder / "lines.gaf"
    path.write_text("\n".join(["!gaf-version: 2.2", *lines]) + "\n")
    sheet = folder / "inputs.tsv"
    sheet.write_text(f"path\tcomplete\nlines.gaf\t{str(complete).lower()}\n")
    names = folder / "names.tsv"  # else small taxon ids have names of the NCBI Taxonomy
    taxa = range(1, len(lines) + 1)
    names.write_text("".join(f"{taxon}\ttaxon:{taxon}\n" for taxon in taxa))
    code, _, errors = gafreduce(
        *(
            "run",
            sheet,
            "--organism-names",
            names,
            "--ontology",
            samples / "go-samples.obo",
            "--term",
            term,
        ),
        *("--no-report", "-q", "--max-rejected", "0", "-o", folder / "run"),
        *options,
    )
    assert (code, errors) == (0, "")
    return (
        {int(row["taxon_id"]): row for row in read_table(folder / "run", "organisms")},
        {
            (int(row["taxon_id"]), row["object_id"].removeprefix("UniProtKB:")): row
            for row in read_table(folder / "run", "gene_products")
        },
    )


class Tables(NamedTuple):
    organisms: Mapping[int, Row]
    gene_products: Mapping[tuple[int, str], Row]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth")


def test_the_table_has_every_case() -> None:
    assert len(CASES) == len(set(CASES)) == 2 * (1 + 3 * 4 * 2 * 4 * 8)
    expected = [oracle.organism_of(case.lines()) for case in CASES]
    assert {row["verdict"] for row in expected} == {
        *("experimental", "high_throughput", "curated", "electronic_only", "unstated_only"),
        *("conflicting", "negated", "other_relation_only", "regulators_only", "not_annotated"),
    }


def test_the_table_in_the_documents_is_current() -> None:
    spec = importlib.util.spec_from_file_location("make_verdicts", DOCS / "make_verdicts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (DOCS / "verdicts.md").read_text(encoding="utf-8")
    assert module.with_table(text) == text, "run `make docs`"
    assert f"represent {len(CASES):,} cases" in text


def test_every_case_agrees_with_the_model(gafreduce: Command, samples: Path, truth: Path) -> None:
    lines_of = {
        taxon: [gaf_line(taxon, line.product, *PLACES[line.place], line) for line in case.lines()]
        for taxon, case in enumerate(CASES, 1)
    }
    found = Tables(*run(gafreduce, samples, truth, TARGET, lines_of.values()))
    main = min(lines_of, key=lambda taxon: (-len(lines_of[taxon]), taxon))
    assert len(found.organisms) == len(CASES)
    products: set[tuple[int, str]] = set()
    for taxon, case in enumerate(CASES, 1):
        row = {
            "organism_id": str(taxon),
            "taxon_id": str(taxon),
            "organism": f"taxon:{taxon}",
            "group": "",
            "name_source": "names_file",
            "file_label": "lines" if taxon == main else "",
            "compared": "true",
            "complete": "true",
            "partial_reasons": "",
            "n_filtered_lines": "0",
            "n_filtered_target_gene_products": "0",
            # with more than 1,000 taxa, the lines of others are not counted
            "n_foreign_in_files": "" if taxon == main else "0",
        }
        check_organism(case, {**row, **oracle.organism_of(case.lines())}, found.organisms[taxon])
        for name in ("P0", "P1", "P2"):
            lines = [line for line in case.lines() if line.product == name]
            product = oracle.product_of(lines) if lines else None
            if product is not None:
                products.add((taxon, name))
                row = found.gene_products[taxon, name]
                got = (row["status"], row["best_group"], set(filter(None, row["flags"].split("|"))))
                assert got == (product.status, product.best_group, product.flags), case
    assert set(found.gene_products) == products


def check_organism(case: Case, expected: dict[str, object], found: Row) -> None:
    """Check every column of `organisms`."""
    assert set(expected) == set(found) == set(ORGANISMS.column_names)
    for name, value in expected.items():
        if name in RATES and value is not None:
            assert float(found[name]) == pytest.approx(value, rel=1e-9, abs=1e-9), (case, name)
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            assert found[name] == ("" if value is None else text), (case, name)


class Trap(NamedTuple):
    """Lines as (gene product, relation, term, code), with expected results worked out by hand."""

    lines: tuple[tuple[str, str, str, str], ...]
    verdict: str
    contested: bool
    statuses: dict[str, str]
    columns: dict[str, int] = {}  # noqa: RUF012 - never written to


COMPETENCE, RESPONSE, GROWS = "GO:0030420", "GO:0050896", "GO:0045809"
PROCESS, FUNCTION = "GO:0008150", "GO:0003674"
TRAPS = {
    "IDA on a regulator, IEA on the target": Trap(
        (("P1", "", GROWS, "IDA"), ("P1", "", COMPETENCE, "IEA")),
        *("electronic_only", False, {"P1": "positive"}),
        {"n_target_experimental": 0, "n_target_electronic": 1, "n_regulator_gene_products": 1},
    ),
    "IDA acts_upstream_of with IEA involved_in": Trap(
        (
            ("P1", "acts_upstream_of", COMPETENCE, "IDA"),
            ("P1", "involved_in", COMPETENCE, "IEA"),
        ),
        *("electronic_only", False, {"P1": "positive"}),
        {"n_target_experimental": 0, "n_other_relation_gene_products": 1},
    ),
    "NOT on an ancestor negates the product, not the organism": Trap(
        (("P1", "NOT", RESPONSE, "IDA"),),
        *("not_annotated", False, {"P1": "negated"}),
        {"n_negated_gene_products": 1, "n_in_aspect": 0},
    ),
    "NOT on an ancestor of one product, support of another": Trap(
        (("P1", "NOT", RESPONSE, "IDA"), ("P2", "", COMPETENCE, "IEA")),
        *("electronic_only", False, {"P1": "negated", "P2": "positive"}),
    ),
    "NOT on an ancestor with support of the same product": Trap(
        (("P1", "NOT", RESPONSE, "IDA"), ("P1", "", COMPETENCE, "IEA")),
        *("conflicting", True, {"P1": "conflicting"}),
    ),
    "NOT with IDA and a positive IEA line": Trap(
        (("P1", "NOT", COMPETENCE, "IDA"), ("P1", "", COMPETENCE, "IEA")),
        *("conflicting", True, {"P1": "conflicting"}),
        {"n_conflicting_gene_products": 1, "n_target_gene_products": 1},
    ),
    "an experimental conflict and an electronic positive product": Trap(
        (
            ("P1", "NOT", COMPETENCE, "IDA"),
            ("P1", "", COMPETENCE, "IDA"),
            ("P2", "", COMPETENCE, "IEA"),
        ),
        *("electronic_only", True, {"P1": "conflicting", "P2": "positive"}),
        {"n_target_experimental": 1},
    ),
    "NOT and a positive line of another relation": Trap(
        (("P1", "NOT", COMPETENCE, "IDA"), ("P1", "acts_upstream_of", COMPETENCE, "IDA")),
        *("negated", True, {"P1": "other_relation"}),
        {"n_negated_gene_products": 1, "n_other_relation_gene_products": 1},
    ),
    "high-throughput alone": Trap(
        (("P1", "", COMPETENCE, "HMP"),), *("high_throughput", False, {"P1": "positive"})
    ),
    "NR alone": Trap(
        (("P1", "", COMPETENCE, "NR"),), *("unstated_only", False, {"P1": "positive"})
    ),
    "no evidence code at all": Trap(
        (("P1", "", COMPETENCE, ""),), *("unstated_only", False, {"P1": "positive"})
    ),
    "an unknown evidence code": Trap(
        (("P1", "", COMPETENCE, "MADEUP"),), *("unstated_only", False, {"P1": "positive"})
    ),
    "an unknown relation": Trap(
        (("P1", "taught_by", COMPETENCE, "IDA"),),
        *("not_understood", False, {"P1": "not_understood"}),
        {"n_not_understood_gene_products": 1, "n_other_relation_gene_products": 0},
    ),
    "a NOT with an unknown relation": Trap(
        (("P1", "NOT taught_by", COMPETENCE, "IDA"),),
        *("not_understood", False, {"P1": "not_understood"}),
        {"n_not_understood_gene_products": 1, "n_negated_gene_products": 0},
    ),
    "an unknown relation and a regulator": Trap(
        (("P1", "taught_by", COMPETENCE, "IDA"), ("P2", "", GROWS, "IDA")),
        *("regulators_only", False, {"P1": "not_understood", "P2": "regulator"}),
        {"n_not_understood_gene_products": 1},
    ),
    "a relation as id": Trap(
        (("P1", "RO:0002331", COMPETENCE, "IDA"),),
        *("experimental", False, {"P1": "positive"}),
    ),
    "a NOT with a relation as id": Trap(
        (("P1", "NOT|RO:0002264", COMPETENCE, "IDA"),), *("negated", True, {"P1": "negated"})
    ),
    "a NOT with a blank": Trap(
        (("P1", "NOT involved_in", COMPETENCE, "IDA"),), *("negated", True, {"P1": "negated"})
    ),
    "acts_upstream_of_or_within_negative_effect does not support": Trap(
        (("P1", "acts_upstream_of_or_within_negative_effect", COMPETENCE, "IDA"),),
        *("other_relation_only", False, {"P1": "other_relation"}),
    ),
    "acts_upstream_of_or_within alone": Trap(
        (
            ("P1", "acts_upstream_of_or_within", COMPETENCE, "IDA"),
            ("P2", "acts_upstream_of_or_within", COMPETENCE, "IDA"),
            ("P2", "involved_in", COMPETENCE, "IEA"),
        ),
        *("experimental", False, {"P1": "positive", "P2": "positive"}),
        {"n_upstream_or_within_only": 1},
    ),
    "IKR with NOT": Trap(
        (("P1", "NOT", COMPETENCE, "IKR"),), *("negated", True, {"P1": "negated"})
    ),
    "NOT in small letters is NOT": Trap(
        (("P1", "not|involved_in", COMPETENCE, "IDA"),), *("negated", True, {"P1": "negated"})
    ),
    "a word that begins with NOT is not NOT": Trap(
        (("P1", "notable", COMPETENCE, "IDA"),),
        *("not_understood", False, {"P1": "not_understood"}),
    ),
    "NOT on a regulator does not concern the target": Trap(
        (("P1", "NOT", GROWS, "IDA"),), *("not_annotated", False, {"P1": "listed"})
    ),
    "regulator alone, by experiment": Trap(
        (("P1", "", GROWS, "IDA"),), *("regulators_only", False, {"P1": "regulator"})
    ),
    "NOT on the target and a regulator line of the same product": Trap(
        (("P1", "NOT", COMPETENCE, "IDA"), ("P1", "", GROWS, "IDA")),
        *("negated", True, {"P1": "negated"}),
        {"n_regulator_gene_products": 1},
    ),
    "ND in the aspect and no other line in it": Trap(
        (("P1", "", PROCESS, "ND"), ("P1", "", "GO:0005524", "IEA")),
        *("no_data", False, {}),
        {"n_in_aspect": 0},
    ),
    "ND in another aspect": Trap(
        (("P1", "", FUNCTION, "ND"), ("P2", "", RESPONSE, "IEA")), *("not_annotated", False, {})
    ),
    "ND in the aspect and another line in it": Trap(
        (("P1", "", PROCESS, "ND"), ("P2", "", RESPONSE, "IEA")), *("not_annotated", False, {})
    ),
    "support for an ancestor does not concern the target": Trap(
        (("P1", "", RESPONSE, "IDA"),), *("not_annotated", False, {}), {"n_in_aspect": 1}
    ),
    "two relations, one of which is not supporting": Trap(
        (("P1", "contributes_to|colocalizes_with", COMPETENCE, "IDA"),),
        *("other_relation_only", False, {"P1": "other_relation"}),
    ),
}


def trap_lines(taxon: int, trap: Trap) -> list[str]:
    return [
        "\t".join(
            [
                *("UniProtKB", product, "s", relation, go_id, "PMID:1", code, "", "P", "", ""),
                *("protein", f"taxon:{taxon}", "20191214", "UniProt", "", ""),
            ]
        )
        for product, relation, go_id, code in trap.lines
    ]


def test_traps_give_the_results_worked_out_by_hand(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    lines = [trap_lines(taxon, trap) for taxon, trap in enumerate(TRAPS.values(), 1)]
    organisms, products = run(gafreduce, samples, tmp_path, COMPETENCE, lines)
    for taxon, (name, trap) in enumerate(TRAPS.items(), 1):
        row = organisms[taxon]
        got = (row["verdict"], row["contested"] == "true")
        assert got == (trap.verdict, trap.contested), name
        assert {p: found["status"] for (t, p), found in products.items() if t == taxon} == (
            trap.statuses
        ), name
        assert {column: int(row[column]) for column in trap.columns} == trap.columns, name


CLAIMS = (
    *("negated", "other_relation_only", "regulators_only", "not_understood", "no_data"),
    "not_annotated",
)


def test_a_partial_file_claims_no_absence(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    lines = [trap_lines(taxon, trap) for taxon, trap in enumerate(TRAPS.values(), 1)]
    organisms, _ = run(gafreduce, samples, tmp_path, COMPETENCE, lines, complete=False)
    for taxon, (name, trap) in enumerate(TRAPS.items(), 1):
        row = organisms[taxon]
        expected = "partial_file" if trap.verdict in CLAIMS else trap.verdict
        assert (row["verdict"], row["complete"]) == (expected, "false"), name
        assert row["rate_per_1000"] == ""
        assert row["partial_reasons"] == "sheet"


def test_a_filter_takes_no_organism_away(gafreduce: Command, samples: Path, tmp_path: Path) -> None:
    lines = [trap_lines(taxon, trap) for taxon, trap in enumerate(TRAPS.values(), 1)]
    (tmp_path / "a").mkdir()
    before, _ = run(gafreduce, samples, tmp_path / "a", COMPETENCE, lines)
    (tmp_path / "b").mkdir()
    found, _ = run(
        *(gafreduce, samples, tmp_path / "b", COMPETENCE, lines),
        *("--exclude-evidence", "IEA,IDA,HMP,unstated"),
    )
    assert found.keys() == before.keys()
    for taxon, (name, trap) in enumerate(TRAPS.items(), 1):
        was, row = before[taxon], found[taxon]
        assert int(row["n_annotations"]) + int(row["n_filtered_lines"]) == len(trap.lines), name
        assert (row["compared"], row["complete"]) == (was["compared"], was["complete"])
        n_excluded = int(row["n_filtered_target_gene_products"])
        assert n_excluded == int(was["n_target_gene_products"]), name
        assert (row["verdict"] == "filtered_out") == (n_excluded > 0), name


def test_IKR_without_NOT_is_refused_and_supports_nothing(  # noqa: N802 - a code of GO
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.gaf"
    lines = [Line("P1", "core", "IKR"), Line("P1", "elsewhere")]
    text = [gaf_line(1, line.product, *PLACES[line.place], line) for line in lines]
    path.write_text("\n".join(text) + "\n")
    code, _, _ = gafreduce(
        *("run", path, "--ontology", samples / "go-samples.obo", "--no-report", "-q"),
        *("-o", tmp_path / "run"),
    )
    assert code == 0
    (organism,) = read_table(tmp_path / "run", "organisms")
    (rejected,) = read_table(tmp_path / "run", "rejections")
    assert (organism["verdict"], organism["n_annotations"]) == ("partial_file", "1")
    assert organism["complete"] == "suspect"
    assert (rejected["reason"], rejected["rule"]) == ("ikr_without_not", "GORULE:0000042")
