"""Annotations as Parquet and ancestors, held to the files, to networkx and to `profile`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import networkx
import pyarrow.parquet as parquet
import pytest

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows
from gafreduce.reports.tables.schema import ANNOTATION_LINES

Command = Callable[..., tuple[int, str, str]]
QUERY = Path(__file__).parents[3] / "infra" / "queries" / "any-term.sql"


@pytest.fixture(scope="module")
def connection(lines: Path, ancestors: Path) -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute(
        f"CREATE VIEW annotation_lines AS SELECT * FROM read_parquet('{lines}/*/*.parquet', "
        "hive_partitioning=true, hive_types={'organism_id': VARCHAR})"
    )
    made.execute(f"CREATE VIEW term_ancestors AS SELECT * FROM read_parquet('{ancestors}')")
    return made


def test_every_line_of_the_samples_is_in_the_folder_of_its_taxon(
    connection: duckdb.DuckDBPyConnection, samples: Path
) -> None:
    expected: Counter[tuple[str, ...]] = Counter()
    for path in samples.glob("*.gaf"):
        for line in path.read_text().splitlines():
            if not line.startswith("!"):
                cells = line.split("\t")
                taxon = cells[12].split("|")[0].removeprefix("taxon:")
                key = (taxon, f"{cells[0]}:{cells[1]}", cells[2], cells[4], cells[6], cells[14])
                expected[key] += 1
    found = connection.execute(
        "SELECT organism_id, object_id, symbol, annotated_go_id, evidence_code, assigned_by "
        "FROM annotation_lines"
    ).fetchall()
    assert Counter(found) == expected
    assert sum(expected.values()) == 3381


def test_columns_are_typed_and_defined_once(lines: Path) -> None:
    (file,) = (lines / "organism_id=83333").iterdir()
    schema = parquet.read_schema(file)
    assert ["organism_id", *schema.names] == list(ANNOTATION_LINES.column_names)
    assert {str(schema.field(name).type) for name in ("negated", "takes_part", "supports")} == {
        "bool"
    }
    assert str(schema.field("taxon_id").type) == "int64"


def test_the_description_counts_the_lines(lines: Path) -> None:
    known = json.loads((lines / "_gafreduce.json").read_text())
    assert known["ontology"]["data_version"] == "releases/2022-07-01"
    assert sum(each["n_annotations"] for each in known["files"]) == 3381


def test_the_any_term_query_equals_the_profile(
    connection: duckdb.DuckDBPyConnection, parent: Path
) -> None:
    """Fifty terms: those of most organisms, some with numbers by descendants alone."""
    names = (
        "n_annotations",
        "n_gene_products",
        "n_gene_products_propagated",
        "n_gene_products_non_electronic",
    )
    expected: dict[str, dict[str, tuple[int, ...]]] = {}
    for row in read_rows(RunFolder(parent / "competence"), "profile"):
        numbers = tuple(int(row[name]) for name in names)
        expected.setdefault(row["go_id"], {})[row["organism_id"]] = numbers
    terms = sorted(expected, key=lambda go_id: (-len(expected[go_id]), go_id))[:49]
    terms.append("GO:0030420")
    assert any(
        numbers[0] == 0 < numbers[2] for term in terms for numbers in expected[term].values()
    )
    text = QUERY.read_text()
    for term in terms:
        rows = connection.execute(text, {"term": term}).fetchall()
        assert {row[1]: row[2:] for row in rows} == expected[term], term


def test_ancestors_are_those_that_networkx_finds(
    connection: duckdb.DuckDBPyConnection, samples: Path
) -> None:
    graph, by_is_a = networkx.DiGraph(), networkx.DiGraph()
    for stanza in (samples / "go-samples.obo").read_text().split("\n[Term]\n")[1:]:
        go_id = re.findall(r"^id: (\S+)", stanza, re.MULTILINE)[0]
        graph.add_node(go_id)
        by_is_a.add_node(go_id)
        for parent_id in re.findall(r"^is_a: (\S+)", stanza, re.MULTILINE):
            graph.add_edge(go_id, parent_id)
            by_is_a.add_edge(go_id, parent_id)
        for parent_id in re.findall(r"^relationship: part_of (\S+)", stanza, re.MULTILINE):
            graph.add_edge(go_id, parent_id)
    expected = {
        (go_id, above, distance, networkx.has_path(by_is_a, go_id, above))
        for go_id, found in networkx.all_pairs_shortest_path_length(graph)
        for above, distance in found.items()
    }
    assert set(connection.execute("SELECT * FROM term_ancestors").fetchall()) == expected


def test_the_same_table_as_tsv(gafreduce: Command, samples: Path, ancestors: Path) -> None:
    code, out, _ = gafreduce("convert", "--ancestors", "--ontology", samples / "go-samples.obo")
    header, *rows = out.splitlines()
    assert (code, header) == (0, "go_id\tancestor_id\tdistance\tis_a")
    stored = parquet.read_table(ancestors).to_pylist()
    assert len(rows) == len(stored)
    assert rows[0].split("\t")[:3] == [stored[0]["go_id"], stored[0]["ancestor_id"], "0"]


GAF = "!gaf-version: 2.2\n" + "".join(
    f"X\t{number}\tsym\t{relation}\t{go_id}\tPMID:1\t{code}\t\tP\t\t\tprotein\ttaxon:{taxon}\t20200102\tU\t\t\n"
    for number, relation, go_id, code, taxon in (
        (1, "involved_in", "GO:0030420", "IDA", 7),
        (2, "NOT|involved_in", "GO:0030420", "IDA", 7),
        (3, "acts_upstream_of", "GO:0030420", "IDA", 7),
        (4, "involved_in", "GO:0008150", "ND", 7),
        (5, "involved_in", "GO:0030420", "IEA", 8),
    )
)


def test_what_supports_a_term_and_what_does_not(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.gaf", tmp_path / "out"
    source.write_text(GAF + "broken line\n")
    ontology = samples / "go-samples.obo"
    code, printed, _ = gafreduce(
        "convert", source, "--to", "parquet", "--ontology", ontology, "-o", out
    )
    assert code == 0
    assert "5 kept (5 annotations) + 1 rejected" in printed
    assert printed.endswith(f"{out}\n")
    rows = [
        row
        for path in sorted(out.glob("*/*.parquet"))
        for row in parquet.read_table(path).to_pylist()
    ]
    flags = {row["object_id"]: (row["negated"], row["takes_part"], row["supports"]) for row in rows}
    assert flags == {
        "X:1": (False, True, True),
        "X:2": (True, True, False),
        "X:3": (False, False, False),
        "X:4": (False, True, False),
        "X:5": (False, True, True),
    }
    again = tmp_path / "again"
    assert (
        gafreduce("convert", source, "--to", "parquet", "--ontology", ontology, "-o", again)[0] == 0
    )
    files = [path.relative_to(out) for path in sorted(out.rglob("*")) if path.is_file()]
    assert [str(path) for path in files] == [
        "_gafreduce.json",
        "organism_id=7/part-0.parquet",
        "organism_id=8/part-0.parquet",
    ]
    for name in files:
        assert (out / name).read_bytes() == (again / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("{in}", "--to", "parquet"), 2, "-o: expected a new folder"),
        (("{in}", "--to", "parquet", "-o", "s3://bucket/x"), 2, "-o: expected a new folder"),
        (
            ("{in}", "--to", "parquet", "-o", "{out}", "--write-gpi", "x"),
            2,
            "expected --to gpad2.0",
        ),
        (("{in}", "--to", "parquet", "-o", "{full}"), 1, "expected a new or an empty folder"),
        (
            ("{bad}", "--format", "gaf", "--to", "parquet", "-o", "{out}"),
            1,
            "none that could be understood",
        ),
        (("{in}", "--ancestors"), 2, "--ancestors: expected no inputs"),
        (("--to", "gaf2.2"), 2, "expected annotation files, got none"),
        (("{in}",), 2, "expected --to or --ancestors, got none"),
        (("{in}", "--to", "gaf2.2", "--ancestors"), 2, "not allowed with"),
        (("--ancestors", "--ontology", "{in}"), 1, "in.gaf"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    gafreduce: Command,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    (tmp_path / "in.gaf").write_text(GAF)
    (tmp_path / "bad.gaf").write_text("!gaf-version: 2.2\n" + "a\tb\n" * 20)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    names = {"in": "in.gaf", "bad": "bad.gaf", "out": "out", "full": "full"}
    places = {key: str(tmp_path / name) for key, name in names.items()}
    found, _, errors = gafreduce("convert", *(each.format(**places) for each in arguments))
    assert (found, message in errors) == (code, True), errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.gaf", "full", "in.gaf"]
