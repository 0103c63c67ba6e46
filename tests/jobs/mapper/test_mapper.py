from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from small_terms import make_competence_terms

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import columnar_block
from gafreduce.jobs.mapper import token_cache
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.native import loader

TERMS = make_competence_terms(
    repairs={"GO:0000001": "GO:0030420"},
    marks={
        "interspecies": frozenset({2}),
        "complex": frozenset({4}),
        "gocheck_do_not_annotate": frozenset({1}),
    },
)
SOURCE = InputFile("x.gaf", "x.gaf", "gaf", "plain", 0, 0, "")


def line(
    local_id: str = "P1",
    relation: str = "",
    go_id: str = "GO:0030420",
    code: str = "IEA",
    taxon: str = "taxon:1",
    aspect: str = "P",
    db: str = "DB",
    symbol: str = "sym",
    reference: str = "REF:1",
    with_from: str = "",
    object_type: str = "protein",
    last: tuple[str, ...] = ("20200101", "X", "", ""),
) -> str:
    cells = [db, local_id, symbol, relation, go_id, reference, code, with_from, aspect, "", ""]
    return "\t".join([*cells, object_type, taxon, *last])


def mapped(text: bytes, scope: str = "full") -> tuple[list[bytes], FileCounts]:
    counts = FileCounts(0)
    records = ProfileMapper(TERMS, scope == "target").map_blocks(
        SOURCE, [text] if text else [], counts
    )
    return [record for found in records for some in found for record in some.split(b"\n")], counts


def summaries(records: list[bytes]) -> list[str]:
    return [
        " ".join(record.decode().split("\t")[i] for i in (1, 3, 4))
        for record in records
        if record.split(b"\t")[2] == b"=0"
    ]


def test_lines_of_a_gene_product_become_one_record() -> None:
    lines = [line("P1"), line("P1", go_id="GO:0009294", code="IDA"), line("P2", relation="NOT")]
    records, counts = mapped(("\n".join(lines) + "\n").encode())
    assert summaries(records) == ["DB:P1 2 2x 3e", "DB:P2 1 a"]
    assert [r.split(b"\t")[1] for r in records if r.split(b"\t")[2] == b"A"] == [b"DB:P1", b"DB:P2"]
    assert (counts.n_lines, counts.n_kept) == (3, 3)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("too\tfew", "too_few_columns"),
        (line(taxon="9606"), "bad_taxon"),
        (line(go_id="GO:30420"), "bad_go_id"),
        (line(go_id="go:0030420"), "bad_go_id"),
        (line(local_id=""), "no_object_id"),
        (line(db=" "), "no_object_id"),
        (line(local_id="P\x01"), "control_character"),
        (line(code="IKR"), "ikr_without_not"),
        (line(code="ND"), "nd_not_on_root"),
    ],
)
def test_refused_line_is_counted_and_the_others_are_kept(bad: str, reason: str) -> None:
    text = f"{line('A')}\n{bad}\n{line('B')}\n".encode()
    records, counts = mapped(text)
    assert summaries(records) == ["DB:A 1 3e", "DB:B 1 3e"]
    assert {key: refused.n_lines for key, refused in counts.refused.items()} == {reason: 1}
    assert counts.refused[reason].examples == [bad]
    assert counts.n_lines == counts.n_kept + 1


def test_headers_and_blank_lines_are_counted_anywhere() -> None:
    text = f"!a\n!b\r\n{line('A')}\r\r\n\n \t\n!c\n{line('A')}\n".encode()
    records, counts = mapped(text)
    assert summaries(records) == ["DB:A 2 3e 3e"]
    assert (counts.n_lines, counts.n_header, counts.n_blank, counts.n_kept) == (7, 3, 2, 2)


def test_examples_are_the_first_lines_in_byte_order_and_truncated() -> None:
    lines = [f"bad {n}" for n in (3, 1, 2, 0, 1)] + ["a" * 300]
    _, counts = mapped(("\n".join(lines) + "\n").encode())
    assert counts.refused["too_few_columns"].examples == ["a" * 200, "bad 0", "bad 1"]


def test_target_scope_reduces_other_terms_to_their_presence() -> None:
    other = [line("P1", go_id="GO:0009294")] * 3 + [line("P1", go_id="GO:0003674", code="IDA")]
    records, counts = mapped(("\n".join([*other, line("P2")]) + "\n").encode(), "target")
    assert summaries(records) == ["DB:P1 4 +F +P", "DB:P2 1 3e"]
    assert counts.n_kept == 5


cells = st.sampled_from
lines_of_any_kind = st.builds(
    line,
    local_id=cells(["P1", "P2", "P3", " P1", "", "é", "a\x0b"]),
    relation=cells(["", "NOT", "not|involved_in", "acts_upstream_of", "odd"]),
    go_id=cells(["GO:0030420", "GO:0000001", "GO:0045808", "GO:0009294", "GO:7777777", "x"]),
    code=cells(["IEA", "IDA", "ND", "", "iea", "IKR", "ISS", "IC", "IBA", "IEP", "ODD"]),
    db=cells(["DB", "DB", "ComplexPortal"]),
    symbol=cells(["sym", "", " "]),
    reference=cells(["PMID:1", "PMID:x", "GO_REF:0000038", "", " ", "A:1|A:2", "GO_REF:0000033"]),
    with_from=cells(["", " ", "GO:0009294", "DB:P1", "X:1"]),
    object_type=cells(["protein", "", " "]),
    last=cells(
        [
            *[("20200101", "X", "", "")] * 2,
            ("20200231", "GO_Central", "", ""),
            ("", "", "part_of(X:1)|", ""),
            (" ", " ", "part_of(X:1),has_input(Y:2)", ""),
            ("2020-01-01", "X"),
            ("20200101", ""),
            ("20200101", " "),
            ("20200101", "X", "part_of(x)"),
            ("20200101", "X", ""),
            ("20200101", "X", "", "", "more"),
        ]
    ),
    taxon=cells(["taxon:1", "taxon:2|taxon:1", "taxon:1|x", "NCBITaxon:1", "bad"]),
    aspect=cells(["P", "F", "", "?"]),
)


@example([line("P1"), line("P1", taxon="taxon:1|x")], "full")
@given(
    st.lists(
        st.one_of(lines_of_any_kind, st.sampled_from(["", "!header", "short", "\xff" * 3])),
        max_size=12,
    ),
    st.sampled_from(["full", "target"]),
)
def test_blocks_give_the_same_records_by_columns_and_by_lines(lines: list[str], scope: str) -> None:
    text = "".join(f"{text}\n" for text in lines).encode("latin-1")
    records, counts = mapped(text, scope)
    said = sorted(counts.encode())
    for other_way in (
        patch.object(loader, "module", None),
        patch.object(columnar_block, "read_columns", lambda *_: None),
        patch.object(token_cache, "_MAX_TAXA", 1),
    ):
        with other_way:
            others, other_counts = mapped(text, scope)
        assert sorted(records) == sorted(others)
        assert said == sorted(other_counts.encode())


def test_regular_lines_are_read_by_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the comparison above would compare the line path with itself."""
    monkeypatch.setattr(ProfileMapper, "_map_lines", None)
    records, _ = mapped(f"{line('A')}\n{line('B', relation='NOT')}\n".encode())
    assert summaries(records) == ["DB:A 1 3e", "DB:B 1 a"]


def test_whole_files_are_read_by_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Path(__file__).parents[4] / "shared/data/seven-organisms/excerpt"
    if not whole.is_dir():
        pytest.skip("needs ../shared")
    monkeypatch.setattr(ProfileMapper, "_map_lines", None)
    for path in whole.glob("*.gaf"):
        mapped(path.read_bytes())


@pytest.mark.parametrize("bad", [{"taxon": "mouse"}, {"local_id": ""}, {"db": "D B"}])
def test_lines_are_refused_before_filters_are_applied(bad: dict[str, str]) -> None:
    chosen = Filters(excluded_evidence=("IEA",))
    regular = [line(code="IDA"), line(**bad), line("P2")]
    counted = []
    for more in ([], ["too\tshort"]):  # with it, the same block is read line by line
        text = "".join(each + "\n" for each in (*regular, *more)).encode()
        counts = FileCounts(0)
        list(ProfileMapper(TERMS, False, chosen).map_blocks(SOURCE, [text], counts))
        refused = sum(found.n_lines for found in counts.found if found.is_refused)
        counted.append((counts.n_kept, counts.filtered, refused - len(more)))
    assert counted[0] == counted[1]
