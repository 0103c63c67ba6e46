from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_terms import make_terms

from gafreduce.jobs.accounting.line_counts import CountedFinding, FileCounts, FileSums
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.pipeline.run_warnings import FINDING_TEXTS

TERMS = make_terms(
    {"GO:0008150": "P", "GO:0030420": "P"},
    "GO:0030420",
    parents=("", "0"),
    negating=frozenset({0, 1}),
)


def gaf(code: str, relation: str, go_id: str) -> str:
    cells = ["DB", "1", "s", relation, go_id, "R:1", code, "", "P", "", "", "protein", "taxon:1"]
    return "\t".join([*cells, "20200101", "X"]) + "\n"


def gpad(eco_id: str, properties: str = "") -> str:
    cells = ["A:1", "", "RO:0002331", "GO:0030420", "R:1", eco_id, "", "", "", "X", "", properties]
    return "\t".join(cells) + "\n"


def counted(form: str, text: str) -> FileCounts:
    counts = FileCounts(0)
    source = InputFile("x", "x", form, "plain", 0, 1)
    for _ in ProfileMapper(TERMS, False).map_blocks(source, [text.encode()], counts):
        pass
    return counts


def warned_of(found: list[CountedFinding]) -> dict[str, int]:
    """Return the lines of each finding that changes what a line counts for."""
    return {each.word: each.n_lines for each in found if each.word in FINDING_TEXTS}


@pytest.mark.parametrize(
    ("form", "text", "warned"),
    [
        ("gaf", gaf("IDA", "enables", "GO:0030420"), {}),
        ("gaf", gaf("NR", "", "GO:0030420"), {}),
        ("gaf", gaf("MADEUP", "", "GO:0030420"), {"unknown_evidence": 1}),
        ("gaf", gaf("MADEUP", "", "GO:0008150") * 2, {"unknown_evidence": 2}),
        ("gaf", gaf("IDA", "integral_to", "GO:0008150"), {"unknown_relation": 1}),
        ("gaf", gaf("X", "NOT|odd", "GO:1234567"), {"unknown_evidence": 1, "unknown_relation": 1}),
        # one refused line makes the block go line by line: the others are counted once
        ("gaf", gaf("X", "", "GO:0030420") + gaf("X", "", "GO:1"), {"unknown_evidence": 1}),
        ("gpad", gpad("ECO:0000314"), {}),
        ("gpad", gpad("ECO:0007295"), {"ambiguous_eco_id": 1}),
        ("gpad", gpad("ECO:0007295", "go_evidence=EXP"), {}),
        ("gpad", gpad("ECO:9999999"), {"unknown_evidence": 1}),
        ("id_list", "a\tGO:0030420;GO:1;GO:2\n", {"refused_in_part": 1}),
        ("id_list", "a\tGO:1\n", {}),
    ],
)
def test_lines_with_warnings_are_kept_and_counted(
    form: str, text: str, warned: dict[str, int]
) -> None:
    assert warned_of(counted(form, text).found) == warned


def test_unknown_evidence_counts_as_unstated() -> None:
    digest = ProfileMapper(TERMS, False)
    reading = digest.interpret(("", False, "GO:0030420", "MADEUP", "P"))
    assert reading.evidence_group == "unstated"  # type: ignore[union-attr]


def test_warnings_of_parts_of_a_file_add_up() -> None:
    totals = FileSums()
    for text in (gaf("B", "", "GO:0030420"), gaf("A", "", "GO:0030420") * 3):
        for record in counted("gaf", text).encode():
            _, kind, value = record.split(b"\t")
            totals.add(kind, value)
    total = FileTotal.decode(totals.encode(b"F000000").split(b"\t")[2])
    (unknown,) = (found for found in total.found if found.word == "unknown_evidence")
    assert unknown.n_lines == 4
    assert [example.split("\t")[6] for example in unknown.examples] == ["A", "B"]


def test_the_summary_names_the_warnings(
    gafreduce: Callable[..., tuple[int, str, str]], samples: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.gaf"
    path.write_text(gaf("MADEUP", "", "GO:0030420") + gaf("IDA", "integral_to", "GO:0030420"))
    ontology = samples / "go-samples.obo"
    code, output, errors = gafreduce(
        *("run", path, "--ontology", ontology, "-o", tmp_path / "run", "--no-report")
    )
    assert (code, errors) == (0, "")
    assert f"note: 1 line {FINDING_TEXTS['unknown_evidence']}, for example 'DB\\t1\\ts" in output
    assert f"note: 1 line {FINDING_TEXTS['unknown_relation']}" in output
