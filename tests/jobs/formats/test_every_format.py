"""Tests that every format passes, with the example files of `format_examples`."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import pytest
from format_examples import EXAMPLES, TAXON, TERMS, Example
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import detection, registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.model.annotation import Annotation, Rejection

each_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=[example.name or example.format for example in EXAMPLES]
)


def parse_lines(reader: LineReader, lines: list[bytes]) -> list[Annotation]:
    annotations: list[Annotation] = []
    for line in lines:
        if line.strip() and not reader.is_header(line):
            result = reader.parse(line)
            assert not isinstance(result, Rejection), (result, line)
            annotations += result
    return annotations


def map_blocks(source: InputFile, blocks: list[bytes]) -> tuple[Counter[bytes], FileCounts]:
    """Return the tokens of the gene products, independent of the blocks, and the counts."""
    counts = FileCounts(0)
    tokens: Counter[bytes] = Counter()
    n_lines = 0
    for block in blocks:  # each is the part of the file that one task reads
        for records in ProfileMapper(TERMS, False).map_blocks(
            source, [block] if block else [], counts
        ):
            for record in b"\n".join(records).splitlines():
                key, object_id, kind, *rest = record.split(b"\t")
                file, slash, n_of_run = kind.partition(b"/")
                if file == b"=0":
                    n_lines += int(n_of_run if slash else rest[0])
                    tokens.update(b"%s %s %s" % (key, object_id, one) for one in rest[1].split())
                else:
                    tokens[record] += 1
    assert n_lines == counts.n_kept
    return tokens, counts


def is_consistent(counts: FileCounts) -> bool:
    n_rejected = sum(refused.n_lines for refused in counts.refused.values())
    return counts.n_lines == counts.n_kept + n_rejected + counts.n_header + counts.n_blank


def test_every_format_has_an_example() -> None:
    assert {example.format for example in EXAMPLES} == set(registry.FORMATS)


@each_example
def test_the_content_shows_the_format(example: Example) -> None:
    assert detection.sniff(example.text.encode(), "x").format == example.format


@each_example
def test_the_lines_give_the_annotations(example: Example) -> None:
    assert parse_lines(example.reader(), example.lines) == example.annotations


@each_example
def test_every_line_is_counted_once(example: Example) -> None:
    _, counts = map_blocks(example.source(), [example.text.encode()])
    assert is_consistent(counts)
    assert (counts.n_header, counts.n_blank) == (example.n_header, example.n_blank)
    assert counts.n_kept == counts.n_lines - example.n_header - example.n_blank


@each_example
def test_lines_give_the_same_wherever_the_file_is_cut(example: Example) -> None:
    text = example.text.encode()
    whole, counts = map_blocks(example.source(), [text])
    expected = sorted(counts.encode())
    for number in range(len(example.lines) + 1):
        cut = sum(len(line) + 1 for line in example.lines[:number])
        parts, counts_of_parts = map_blocks(example.source(), [text[:cut], text[cut:]])
        assert parts == whole
        assert sorted(counts_of_parts.encode()) == expected


@each_example
def test_crlf_and_a_bom_change_nothing(example: Example) -> None:
    text = b"\xef\xbb\xbf" + example.text.encode().replace(b"\n", b"\r\n")
    found = detection.sniff(text, "x")
    assert found == detection.sniff(example.text.encode(), "x")
    tokens, counts = map_blocks(example.source(), [text[3:]])
    expected, _ = map_blocks(example.source(), [example.text.encode()])
    assert is_consistent(counts)
    assert {t for t in tokens if b"\tA\t" not in t} == {t for t in expected if b"\tA\t" not in t}


@each_example
def test_a_line_cut_short_never_raises(example: Example) -> None:
    reader = example.reader()
    for line in example.lines:
        for end in range(1, len(line)):
            cut = line[:end]
            if cut.strip() and not reader.is_header(cut):
                assert isinstance(reader.parse(cut), (list, Rejection))


@each_example
def test_bad_lines_do_not_change_the_others(example: Example) -> None:
    text = example.text.encode()
    junk = b"just words\n\xff\xfe\x00\n" + b"\t" * 30 + b"\nx\tGO:1\n"
    tokens, counts = map_blocks(example.source(), [text + junk])
    expected, _ = map_blocks(example.source(), [text])
    assert tokens == expected
    assert is_consistent(counts)


@each_example
def test_a_missing_taxon_is_an_error_with_advice(example: Example) -> None:
    if not example.needs_taxon:
        registry.make_reader(example.source(taxon_id=0))
        return
    with pytest.raises(registry.FormatError, match=r"^x: expected .*\(name .*taxon_id"):
        registry.make_reader(example.source(taxon_id=0))


@each_example
def test_a_forced_format_gives_the_same_layout(example: Example) -> None:
    found = detection.sniff(example.text.encode(), "x", example.format)
    assert found == detection.sniff(example.text.encode(), "x")


READERS = [example.reader() for example in EXAMPLES]
hostile = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from(
            ["GO:0030420", "GO:1", "ECO:0000314", "taxon:1", "P39694", "a:b", "", "NOT", ":", "|"]
        ),
        max_size=18,
    ).map(lambda cells: "\t".join(cells).encode()),
)


@given(hostile)
def test_no_line_raises(line: bytes) -> None:
    line = line.replace(b"\n", b"").rstrip(b"\r")
    for reader in READERS:
        if line.strip() and not reader.is_header(line):
            result = reader.parse(line)
            assert isinstance(result, Rejection) or all(
                isinstance(each, Annotation) and each.taxon_id > 0 for each in result
            )


REFUSED = "refused"


def sniff_or_refuse(text: bytes) -> str:
    try:
        return detection.sniff(text, "x").format
    except registry.FormatError as error:
        return REFUSED if str(error).startswith("x: expected ") else str(error)


@given(st.lists(hostile, max_size=6))
def test_any_file_is_recognised_or_refused_with_a_message(lines: list[bytes]) -> None:
    text = b"\n".join(lines)
    assert sniff_or_refuse(text) in registry.FORMATS or sniff_or_refuse(text) == REFUSED
    for name in registry.FORMATS:  # a forced format is refused only if no line ends
        with (
            contextlib.nullcontext() if b"\n" in text else contextlib.suppress(registry.FormatError)
        ):
            detection.sniff(text, "x", name)


def test_real_files_are_recognised(tmp_path: Path) -> None:
    folder = Path(__file__).parents[4] / "shared" / "data" / "formats"
    if not folder.is_dir():
        pytest.skip("needs ../shared")
    refused = []
    for path in sorted(folder.iterdir()):
        text = path.read_bytes()
        if sniff_or_refuse(text[:65536]) == REFUSED:
            refused.append(path.name)
            continue
        found = detection.sniff(text[:65536], path.name)
        source = InputFile("x", "x", found.format, "plain", len(text), TAXON, "", found.layout)
        _, counts = map_blocks(source, [text])
        assert is_consistent(counts)
        assert counts.n_kept > 0
    assert refused == [
        "biopython_gp_information.goa_yeast.28.gpi",
        "goatools_goslim_generic.obo",
        "ips6_expected_tsv_13-15col.tsv",
    ]


def test_a_taxon_from_the_user_does_not_replace_one_in_the_file() -> None:
    example = EXAMPLES[0]
    reader = registry.make_reader(example.source()._replace(taxon_id=1))
    assert parse_lines(reader, example.lines) == example.annotations
