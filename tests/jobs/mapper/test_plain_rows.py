"""Plain rows give the records of rows that are read one by one."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import detection
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.mapper.plain_rows import PlainRows, SplitBlock
from gafreduce.ontology.termfile import TermFile, TermSetMember

TERM_FILE = TermFile(
    data_version="",
    ontology_sha256="",
    relations=("is_a",),
    target="GO:0030420",
    definition="",
    go_ids=("GO:0003674", "GO:0008150", "GO:0009294", "GO:0030420", "GO:0045808"),
    aspects="FPPPP",
    parents=("", "", "1", "2", "1"),
    obsolete=frozenset(),
    repairs={"GO:0000001": "GO:0030420"},
    negating=frozenset({1, 2, 3}),
    term_set=(TermSetMember("GO:0030420", "target", "", "competence"),),
    names=("",) * 5,
    marks={"complex": frozenset({4}), "gocheck_do_not_annotate": frozenset({1})},
)

IDS = ("g1", "g1 ", "g2", "ENSMUSG00000000001", "sp|A2SLW2|X", "ComplexPortal:CPX-1", "", "a\x07b")
TERMS = (
    *("GO:0009294", "GO:0003674", "GO:0030420", "GO:0045808", "GO:0008150", "GO:0000001"),
    *("GO:9999999", "NA", "GO:12", "", "GO:0009294;GO:0003674", "GO:0009294; GO:0030420"),
)
CODES = ("IEA", "IDA", "ISS", "ND", "XYZ", "-", "")
REFERENCES = ("", "PMID:1", "PMID:x", "GO_REF:0000002")
HEADERS = {
    "biomart": "Gene stable ID\tGO term accession\tGO term evidence code\treference",
    "table": "gene\tgo_id\tevidence_code\treference",
}
#: By kind: how a row of cells is written.
WRITERS: dict[str, Callable[[list[str]], str]] = {
    "plain": "\t".join,
    "CR": lambda cells: "\t".join(cells) + "\r",
    "quoted": lambda cells: "\t".join(f'"{cell}"' for cell in cells),
    "partly quoted": lambda cells: "\t".join([f'"{cells[0]}"', *cells[1:]]),
    "Latin-1": lambda cells: "\t".join([cells[0] + "\xe9", *cells[1:]]),
}


def make_rows(form: str, kind: str, n: int) -> bytes:
    """Return rows with a choice of cells in each column, some of them of no row."""
    draw = random.Random(form)
    odd = ("", "# comment", "g1", "g1\tGO:0009294\tIEA\tPMID:1\tmore", 'g"1\tGO:0009294\tIEA\t')
    rows = [HEADERS[form]] if form in HEADERS else []
    for _ in range(n):
        cells = [draw.choice(each) for each in (IDS, TERMS, CODES, REFERENCES)]
        row = WRITERS[kind](cells if form in HEADERS else cells[:2])
        rows.append(row if draw.random() > 0.05 else draw.choice(odd))
    encoding = "latin-1" if kind == "Latin-1" else "utf-8"
    return "".join(f"{row}\n" for row in rows).encode(encoding)


def map_text(form: str, content: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the records of lines, and those of their counts, findings and rejections."""
    sound = "g1\tGO:0009294\tIEA\tPMID:1\n" if form in HEADERS else "g1\tGO:0009294\n"
    beginning = "".join(f"{each}\n" for each in HEADERS.get(form, "").splitlines()) + sound
    layout = detection.sniff(beginning.encode(), "x", form).layout
    source = InputFile("x", "x", form, "plain", 0, 7, "", layout)
    counts = FileCounts(0)
    lines = content.splitlines(keepends=True)
    blocks = [b"".join(lines[start : start + 500]) for start in range(0, len(lines), 500)]
    found = [*ProfileMapper(TERM_FILE, False).map_blocks(source, blocks, counts)]
    return [record for each in found for record in each], [*counts.encode()]


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("form", ["id_list", *HEADERS])
def test_plain_rows_give_the_records_of_rows_that_are_read_one_by_one(
    form: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_rows(form, kind, 3000)
    known = [0, 0]  # rows: in split blocks, and one by one
    split, take = PlainRows.split, PlainRows.take

    def count_split(*arguments: object) -> SplitBlock:
        found = split(*arguments)  # type: ignore[arg-type]
        known[0] += len(found.annotations) - found.annotations.count(None)
        return found

    def count_taken(*arguments: object) -> bool:
        known[1] += (is_taken := take(*arguments))  # type: ignore[arg-type]
        return is_taken

    monkeypatch.setattr(PlainRows, "split", count_split)
    monkeypatch.setattr(PlainRows, "take", count_taken)
    quick = map_text(form, content)
    monkeypatch.setattr(PlainRows, "split", lambda _, block, n: SplitBlock(*[[None] * n] * 3))
    monkeypatch.setattr(PlainRows, "take", lambda *_: False)
    assert map_text(form, content) == quick
    is_split = kind != "Latin-1" and (form != "id_list" or "quoted" not in kind)
    assert (known[0] > 100) == is_split
    assert known[1] > 100 or kind != "Latin-1"  # such a line is decoded as a whole
