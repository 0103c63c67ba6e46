"""The laws of docs/verdicts.md, over random annotations, through mapper, reducers and table stage.

The stages run in memory, in the order of the job; a shuffle is `sorted`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.reducer import merge_reducer
from gafreduce.jobs.reducer.product_reducer import ProductReducer
from gafreduce.ontology.termfile import TermFile, TermSetMember
from gafreduce.reports.tables.core_tables import read_totals
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.tables.organisms import Labels, decide_comparison, make_organism_rows
from gafreduce.reports.tables.taxon_counter import make_counter

#: 0 biological_process > 1 above > 2 target > 3 below; 4 regulates the target, 5 a function.
GO_IDS = tuple(f"GO:000000{number}" for number in range(1, 7))
TERMS = TermFile(
    data_version="",
    ontology_sha256="",
    relations=("is_a", "part_of"),
    target=GO_IDS[2],
    definition="",
    go_ids=GO_IDS,
    aspects="PPPPPF",
    parents=("", "0", "1", "2", "0", ""),
    obsolete=frozenset(),
    repairs={},
    negating=frozenset({0, 1, 2}),
    term_set=(
        TermSetMember(GO_IDS[2], "target", "", "target"),
        TermSetMember(GO_IDS[3], "core", "", "below"),
        TermSetMember(GO_IDS[4], "regulator", "", "regulates"),
    ),
    names=("",) * 6,
)
#: Words from the strongest to those that are equal on the scale.
SCALE = ("experimental", "high_throughput", "curated", "electronic_only")
WORD_OF_CODE = {
    "IDA": "experimental",
    "HDA": "high_throughput",
    "IBA": "curated",
    "ISS": "curated",
    "TAS": "curated",
    "IC": "curated",
    "IEA": "electronic_only",
    "NR": "unstated_only",
}
NOT_DISTINCT = {"n_annotations", "n_target_annotations", "n_foreign_in_files"}

Line = tuple[int, str, str, bool, str, str, str]  # taxon, product, relation, NOT, term, code, more


def height(word: object) -> int:
    """Return how high a verdict stands on the scale; all other words stand at 0."""
    return len(SCALE) - SCALE.index(str(word)) if word in SCALE else 0


def text(line: Line) -> bytes:
    taxon, product, relation, negated, go_id, code, more = line
    column_4 = "|".join(filter(None, ["NOT" * negated, relation]))
    extension = "part_of(CL:1)" if more == "extension" else ""
    form = f"DB:{product}-2" if more == "isoform" else ""
    cells = ["DB", product, "s", column_4, go_id, "REF:1", code, "", "P", "", "", "protein"]
    return "\t".join([*cells, f"taxon:{taxon}", "20200101", "X", extension, form]).encode() + b"\n"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


def shuffled(records: Iterable[bytes]) -> list[bytes]:
    """Return records in the order of a shuffle, each ended by LF."""
    return sorted(BytesIO(b"".join(record + b"\n" for record in records)))


def organisms(lines: Sequence[Line], scratch: Path) -> dict[int, Mapping[str, object]]:
    """Return the rows of `organisms` of annotation lines."""
    counts = FileCounts(0)
    source = InputFile("x.gaf", "x.gaf", "gaf", "plain", 0, 0, "")
    blocks = [b"".join(map(text, lines))] if lines else []
    mapped = [
        r for some in ProfileMapper(TERMS, False).map_blocks(source, blocks, counts) for r in some
    ]
    mapped += counts.encode()
    reduced = ProductReducer(TERMS, False).reduce(BytesIO(b"".join(shuffled(mapped))))
    compared = merge_reducer.merge(shuffled(chain.from_iterable(reduced)))
    part = scratch / "part"
    part.write_bytes(b"".join(record + b"\n" for some in compared for record in some))
    output = JobOutput([part], scratch)
    n_terms = make_counter()
    for record in output.read_terms():
        for taxa in record.direct:
            n_terms.add(taxa)
    labels = Labels({}, None, {0: True}, frozenset())
    comparison = decide_comparison(output, labels)
    rows = make_organism_rows(
        output, read_totals(output), labels, comparison, n_terms, TERMS, set()
    )
    return {int(str(row["taxon_id"])): row for row in rows}


LINES = st.lists(
    st.tuples(
        st.sampled_from([1, 2]),
        st.sampled_from(["P1", "P2", "P3"]),
        st.sampled_from(["", "involved_in", "acts_upstream_of", "taught_by"]),
        st.booleans(),
        st.sampled_from(GO_IDS),
        st.sampled_from(sorted(WORD_OF_CODE)),
        st.sampled_from(["", "", "", "isoform", "extension"]),
    ),
    min_size=1,
    max_size=12,
)


@given(lines=LINES, data=st.data())
def test_duplicates_and_order_change_no_verdict_and_no_distinct_count(
    lines: list[Line], data: st.DataObject, scratch: Path
) -> None:
    more = lines + data.draw(st.lists(st.sampled_from(lines), max_size=6))
    random.Random(data.draw(st.integers())).shuffle(more)
    before, after = organisms(lines, scratch), organisms(more, scratch)

    def distinct(rows: dict[int, Mapping[str, object]]) -> dict[int, dict[str, object]]:
        return {
            taxon: {name: value for name, value in row.items() if name not in NOT_DISTINCT}
            for taxon, row in rows.items()
        }

    assert distinct(before) == distinct(after)


@given(lines=LINES, more=LINES)
def test_more_NOT_never_raises_a_verdict(  # noqa: N802 - NOT is a word of the format
    lines: list[Line], more: list[Line], scratch: Path
) -> None:
    before = organisms(lines, scratch)
    after = organisms([*lines, *((*line[:3], True, *line[4:]) for line in more)], scratch)
    for taxon, row in before.items():
        assert height(after[taxon]["verdict"]) <= height(row["verdict"])


@given(lines=LINES, data=st.data())
def test_fewer_positive_lines_never_raise_a_verdict(
    lines: list[Line], data: st.DataObject, scratch: Path
) -> None:
    fewer = [line for line in lines if line[3] or data.draw(st.booleans())]
    before, after = organisms(lines, scratch), organisms(fewer, scratch)
    for taxon, row in after.items():
        assert height(row["verdict"]) <= height(before[taxon]["verdict"])


@given(lines=LINES, more=LINES)
def test_a_positive_line_never_raises_a_verdict_above_its_own_word(
    lines: list[Line], more: list[Line], scratch: Path
) -> None:
    line = (1, *more[0][1:3], False, *more[0][4:])
    before, after = organisms(lines, scratch), organisms([*lines, line], scratch)
    was = height(before[1]["verdict"]) if 1 in before else 0
    assert height(after[1]["verdict"]) <= max(was, height(WORD_OF_CODE[line[5]]))


@given(lines=LINES, more=LINES)
def test_organisms_do_not_affect_each_other(
    lines: list[Line], more: list[Line], scratch: Path
) -> None:
    of_one = [(1, *line[1:]) for line in lines]
    of_other = [(2, *line[1:]) for line in more]
    alone, together = organisms(of_one, scratch)[1], organisms([*of_one, *of_other], scratch)[1]
    whole_run = {"compared", "n_foreign_in_files", "rate_per_1000", "rate_low", "rate_high"}
    assert {name: value for name, value in alone.items() if name not in whole_run} == {
        name: value for name, value in together.items() if name not in whole_run
    }


def test_random_lines_can_give_every_verdict_of_the_scale(scratch: Path) -> None:
    """Without this the laws could hold because they are empty."""
    found = {
        organisms([(1, "P1", "", False, GO_IDS[2], code, "")], scratch)[1]["verdict"]
        for code in WORD_OF_CODE
    }
    assert {height(word) for word in found} == set(range(len(SCALE) + 1))
