"""Lines and sets of terms that statistics need, equal to those found by reading one line at a time."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_terms import make_competence_terms

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.context_mapper import ContextMapper
from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.jobs.model.filters import NO_FILTERS, Filters

TERMS = make_competence_terms(repairs={"GO:0000001": "GO:0030420"}, obsolete=frozenset({2}))
NOTHING = ContextRequest(frozenset(), frozenset(), frozenset(), ())
GO_IDS = ("GO:0030420", "GO:0009294", "GO:0008150", "GO:0000001", "GO:0045808")
CURRENT = {go_id: go_id for go_id in ("GO:0030420", "GO:0008150", "GO:0045808")}
CURRENT["GO:0000001"] = "GO:0030420"  # merged into it; GO:0009294 is obsolete


def gaf_line(
    local_id: str, symbol: str, go_id: str, taxon: int, relation: str, with_from: str, synonyms: str
) -> str:
    cells = ["DB", local_id, symbol, relation, go_id, "REF:1", "IEA", with_from, "P", "name"]
    return "\t".join([*cells, synonyms, "protein", f"taxon:{taxon}", "20200101", "X", "", ""])


LINES = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "MGI:3"]),
        st.sampled_from(["comK", "COMK", "other"]),
        st.sampled_from(GO_IDS),
        st.sampled_from([562, 1423]),
        st.sampled_from(["involved_in", "NOT|involved_in", "acts_upstream_of"]),
        st.sampled_from(["", "InterPro:IPR1|X:2", "X:2, InterPro:IPR1", "InterPro:IPR10"]),
        st.sampled_from(["", "a|ComK", "comKK"]),
    ),
    min_size=1,
    max_size=12,
)
REQUEST = ContextRequest(
    frozenset({"DB:2", "DB:MGI:3"}),
    frozenset({"InterPro:IPR1"}),
    frozenset({"comk"}),
    (1423,),
)


def map_text(text: str, request: ContextRequest, filters: Filters = NO_FILTERS) -> list[bytes]:
    mapper = ContextMapper(TERMS, request, filters)
    counts = FileCounts(0)
    source = InputFile("x.gaf", "x.gaf", "gaf", "plain", 0)
    return [each for found in mapper.map_blocks(source, [text.encode()], counts) for each in found]


def select(rows: list[tuple[str, str, str, int, str, str, str]]) -> list[str]:
    """Return the object ids of the wanted rows, by the words of `ContextRequest`."""
    return [
        f"DB:{local_id}"
        for local_id, symbol, _, _, _, with_from, synonyms in rows
        if f"DB:{local_id}" in ("DB:2", "DB:MGI:3")
        or "InterPro:IPR1" in [each.strip() for each in with_from.replace(",", "|").split("|")]
        or "comk" in [each.strip().lower() for each in (symbol, *synonyms.split("|"))]
    ]


@given(LINES)
def test_wanted_lines_and_sets_of_terms_are_those_of_each_line(
    rows: list[tuple[str, str, str, int, str, str, str]],
) -> None:
    text = "".join(gaf_line(*row) + "\n" for row in rows)
    records = map_text(text, REQUEST)
    lines = [each.split(b"\t")[1].decode() for each in records if each.startswith(b"X")]
    assert Counter(lines) == Counter(select(rows))
    terms: dict[str, set[str]] = {}
    for record in (each.decode() for each in records if each.startswith(b"S")):
        organism, object_id, go_ids = record[1:].split("\t")
        assert int(organism) == 1423
        terms.setdefault(object_id, set()).update(go_ids.split("|"))
    expected: dict[str, set[str]] = {}
    for local_id, _, go_id, taxon, relation, *_ in rows:
        if taxon == 1423 and relation == "involved_in" and go_id in CURRENT:
            expected.setdefault(f"DB:{local_id}", set()).add(CURRENT[go_id])
    assert terms == expected


@given(LINES)
def test_blocks_with_lines_of_several_widths_give_the_same_records(
    rows: list[tuple[str, str, str, int, str, str, str]],
) -> None:
    lines = [gaf_line(*row) for row in rows]
    whole = map_text("".join(each + "\n" for each in lines), REQUEST)
    ragged = map_text("".join(each + "\n" for each in [*lines, "!a", "too\tfew", ""]), REQUEST)

    def merge(records: list[bytes]) -> tuple[Counter[bytes], set[tuple[bytes, bytes, bytes]]]:
        terms = [each.split(b"\t") for each in records if each.startswith(b"S")]
        found = {(taxon, name, go) for taxon, name, ids in terms for go in ids.split(b"|")}
        return Counter(each for each in records if each.startswith(b"X")), found

    assert merge(ragged) == merge(whole)


def test_filters_by_line_hold() -> None:
    row = ("2", "x", "GO:0030420", 1423, "involved_in", "", "")
    text = gaf_line(*row) + "\n" + gaf_line(*row).replace("\tX\t", "\tUniProt\t") + "\n"
    assert len(map_text(text, REQUEST)) == 3  # two lines, and the terms of one gene product
    kept = map_text(text, REQUEST, Filters(assigned_by=("UniProt",)))
    assert [each[:1] for each in kept] == [b"X", b"S"]


@pytest.mark.parametrize(
    "request_of_one",
    [
        ContextRequest(frozenset({"DB:1"}), frozenset(), frozenset(), ()),
        ContextRequest(frozenset(), frozenset({"InterPro:IPR1"}), frozenset(), ()),
        ContextRequest(frozenset(), frozenset(), frozenset({"comk"}), ()),
        ContextRequest(frozenset(), frozenset(), frozenset(), (562,)),
    ],
)
def test_a_request_of_one_kind_is_not_empty(request_of_one: ContextRequest) -> None:
    assert NOTHING.is_empty()
    assert not request_of_one.is_empty()
