"""The layout of records, and the C extension's agreement with it."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs import records, run_tokens
from gafreduce.jobs.native import loader
from gafreduce.jobs.reducer import propagation
from gafreduce.ontology.termfile import TermFile

FORMATS = Path(__file__).parents[2] / "docs" / "formats.md"
ORGANISM = records.encode_organism(562)
TERMS = TermFile(
    data_version="",
    ontology_sha256="",
    relations=("is_a",),
    target="GO:0000000",
    definition="",
    go_ids=("GO:0000000", "GO:0000001"),
    aspects="PP",
    parents=("", "0"),
    obsolete=frozenset(),
    repairs={},
    negating=frozenset({0}),
    term_set=(),
    names=("", ""),
)
tokens = st.sampled_from(
    [b"1x", b"12x", b"2e", b"n", b"a", b"+Pab", b"-C", b"~P!a", b"GO:9999999Px"]
)


@given(st.lists(st.lists(tokens, min_size=1, max_size=60), min_size=1, max_size=9), st.booleans())
def test_c_extension_encodes_the_same_runs(lines: list[list[bytes]], outside_once: bool) -> None:
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    object_ids = ["DB:é%d".encode() % (number % 3) for number in range(len(lines))]
    organisms = [records.encode_organism(number % 2) for number in range(len(lines))]
    arguments = organisms, object_ids, starts, list(chain.from_iterable(lines))
    with patch.object(loader, "module", None):
        plain = records.encode_runs(*arguments, b"=7", outside_once)
    assert plain == records.encode_runs(*arguments, b"=7", outside_once)
    for record, object_id, of_run in zip(plain.split(b"\n"), object_ids, lines, strict=True):
        ((key, found, file, size, rest),) = records.split_runs([record + b"\n"])
        assert (found, file, int(size)) == (object_id, b"=7", len(of_run))
        assert key == records.encode_key(records.organism_of(key), object_id)
        assert set(rest.split(b" ")) == set(of_run)
        assert outside_once or rest == b" ".join(sorted(of_run))


def test_c_extension_has_the_same_widths() -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    assert loader.module.ORGANISM_DIGITS == records.ORGANISM_DIGITS
    assert loader.module.RUN_FIELDS == records.RUN_FIELDS


@pytest.mark.parametrize("starts", [[1, 0], [0, 9], [-1], [0, 0]])
def test_c_extension_refuses_runs_outside_of_the_lines(starts: list[int]) -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    with pytest.raises(IndexError):
        loader.module.encode_runs([b"1"] * 2, [b"a"] * 2, starts, [b"n"] * 2, b"=0", False, 16)


@pytest.mark.parametrize("is_pure", [True, False])
def test_reducer_reads_what_the_mapper_writes(is_pure: bool) -> None:
    """Widths, kinds and tokens are those of `records` in Python and in the C extension."""
    unknown = run_tokens.encode_support("GO:9999999", "F", is_stated=False)
    of_runs = [run_tokens.support_tokens(1)[0], unknown, run_tokens.NOTHING]
    row = records.AnnotationRow(*["x"] * len(records.AnnotationRow._fields))
    with patch.object(loader, "module", None if is_pure else loader.module):
        runs = records.encode_runs(
            [ORGANISM], [b"DB:1"], [0], list(of_runs), records.encode_file(7, 2), False
        )
        mapped_row = records.encode_mapped_row(ORGANISM, b"DB:2", row) + b"\n"
        counting = propagation.new_propagation(TERMS, frozenset())
        added = counting.add(runs + b"\n" + mapped_row)
        profile = counting.profile(ORGANISM, None)
    assert added[:3] == (1, 3, [mapped_row])
    assert counting.files() == {7: 2}
    assert sorted(profile) == [
        records.PROFILE_FORMAT % (b"GO:0000000", ORGANISM, 0, 0, 1, 0),
        records.PROFILE_FORMAT % (b"GO:0000001", ORGANISM, 1, 1, 1, 1),
        records.PROFILE_FORMAT % (b"GO:9999999", ORGANISM, 1, 1, 1, 0),
    ]
    assert counting.aspects()[3] == {(b"GO:9999999", "F")}


def test_runs_are_decoded_as_they_were_encoded() -> None:
    text = records.encode_runs(
        [ORGANISM] * 2, [b"DB:1", b"DB:2"], [0, 1], [b"1x", b"n", b"a"], b"=3", False
    )
    decoded = records.decode_runs(text + b"\n")
    assert decoded == ([b"DB:1", b"DB:2"], [b"=3", b"=3"], [1, 2], [b"1x", b"a n"])
    assert records.decode_runs(b"") == ([], [], [], [])
    for line in text.split(b"\n"):
        (fields,) = records.split_runs([line + b"\n"])
        assert len(fields) == records.RUN_FIELDS
        assert not records.is_mapped_row(line)


def test_rows_are_decoded_as_they_were_encoded() -> None:
    row = records.AnnotationRow(*["é", *"bcdefghijklmnopqrstuv"])
    record = records.encode_mapped_row(ORGANISM, b"DB:1", row) + b"\n"
    assert records.is_mapped_row(record)
    assert not records.split_runs([record])
    assert records.split_rows(record) == (b"", [record])
    key, object_id, value = records.decode_mapped_row(record)
    assert records.AnnotationRow.decode(value) == row
    line = records.encode_product(records.ROW, key, object_id, value)
    assert records.strip_buckets([line]) == [b"%s\tDB:1\t%s" % (ORGANISM, row.encode())]


@pytest.mark.parametrize(("number", "n_lines"), [(0, None), (17, 0), (123456, 9)])
def test_files_of_runs_are_decoded_as_they_were_encoded(number: int, n_lines: int | None) -> None:
    assert records.decode_file(records.encode_file(number, n_lines)) == (number, n_lines)


def test_fields_of_profiles_have_fixed_widths() -> None:
    record = records.PROFILE_FORMAT % (b"GO:0030420", ORGANISM, 0, 2, 3, 4)
    assert record[records.PROFILE_TERM] == b"PGO:0030420"
    assert record[records.PROFILE_ORGANISM] == ORGANISM
    assert record[records.PROFILE_KEY] == b"PGO:0030420\t" + ORGANISM
    assert record[records.PROFILE_NUMBERS] == b"0\t2\t3\t4"
    assert record.startswith(records.NO_ANNOTATION, records.PROFILE_KEY.stop)


def test_output_kinds_are_in_the_order_of_bytes() -> None:
    assert list(records.OUTPUT_KINDS) == sorted(records.OUTPUT_KINDS)
    assert set(records.KINDS_BY_BUCKET) <= set(records.OUTPUT_KINDS)


def test_every_kind_is_documented() -> None:
    documented = set(
        re.findall(r"^\| `([A-Z])`", FORMATS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    kinds = {*records.OUTPUT_KINDS, records.TERM, records.CONTEXT, records.TERM_SET}
    assert documented == {kind.decode() for kind in kinds}
