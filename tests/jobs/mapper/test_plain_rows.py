"""Plain rows give the records of rows that are read one by one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

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
    go_ids=("GO:0003674", "GO:0008150", "GO:0009294", "GO:0030420", "GO:0045808", "GO:0099999"),
    aspects="FPPPPC",
    parents=("", "", "1", "2", "1", ""),
    obsolete=frozenset({5}),
    repairs={"GO:0000001": "GO:0030420"},
    negating=frozenset({1, 2, 3}),
    term_set=(TermSetMember("GO:0030420", "target", "", "competence"),),
    names=("",) * 6,
    marks={"complex": frozenset({4}), "gocheck_do_not_annotate": frozenset({1})},
)

IDS = (
    *("g1", "g2", "g3", "g4") * 3,
    "g1 ",
    "g2",
    "ENSMUSG00000000001",
    "sp|A2SLW2|X",
    "ComplexPortal:CPX-1",
    "",
    "a\x07b",
)
TERMS = (
    *("GO:0009294", "GO:0003674", "GO:0045808", "GO:0008150", "GO:0099999", "GO:9999999"),
    *("GO:0030420", "GO:0000001"),
)
#: Cells that hold no GO id, or something else with it.
ODD_CELLS = (
    *("NA", "-", "", ".", "unknown", "no GO terms", "GO:12", "x", "GO:00092940", "GO:0009294x"),
    *("GO:0009294;x", "NA;GO:0009294", "GO:0009294;EC:1.1.1.1", "EC:1.1.1.1", ";", "go:0009294"),
    *("GO:0009294GO:0003674", "GO:GO:0009294", "['GO:0009294', 'GO:0003674']", "Go:0009294^x"),
    *("xGO:0009294", "GO:0009294//GO:0045808", "GO:0009294\xa0", "GO:0009294;", " GO:0009294"),
    *("GO:0009294\x1cGO:0003674", "1", "9294", "09294;3674", "-;GO:0009294", "GO:0009294;;NA"),
)
CODES = ("IEA", "IEA", "IDA", "ISS", "ND", "XYZ", "-", "")
RELATIONS = ("", "involved_in", "NOT", "NOT|involved_in", "enables")
REFERENCES = ("", "", "PMID:1", "PMID:x", "GO_REF:0000002")
SEPARATORS = (";", ",", "|", "; ", " ", ";;")
NO_HEADER = ("id_list", "ragged", "blanks")
HEADERS = {
    "biomart": "Gene stable ID\tGO term accession\tGO term evidence code\treference\tqualifier",
    "table": "gene\tgo_id\tevidence_code\treference\tqualifier",
    "trinotate": "#gene_id\ttranscript_id\tgene_ontology_BLASTX\tgene_ontology_Pfam",
    "pannzer": "qpid\tontology\tgoid\tdesc",
    "anno.out": "qpid\ttype\tscore\tPPV\tid\tdesc",
}
#: By kind: how a row of cells is written.
WRITERS: dict[str, Callable[[list[str]], str]] = {
    "plain": "\t".join,
    "CR": lambda cells: "\t".join(cells) + "\r",
    "quoted": lambda cells: "\t".join(f'"{cell}"' for cell in cells),
    "partly quoted": lambda cells: "\t".join([f'"{cells[0]}"', *cells[1:]]),
    "Latin-1": lambda cells: "\t".join([cells[0] + "\xe9", *cells[1:]]),
}


def draw_cell(draw: random.Random, form: str) -> str:
    """Return a cell with terms: mostly some of a few, now and then twice, in a format's way."""
    if draw.random() < 0.15:
        return draw.choice(ODD_CELLS)
    terms = draw.choices(TERMS[: draw.choice((3, 6, 8))], k=draw.choice((1, 1, 2, 3, 5)))
    if form == "trinotate":
        return "`".join(f"{term}^biological_process^some, thing" for term in terms)
    if form in ("pannzer", "anno.out"):
        return terms[0][3:].lstrip("0" * draw.choice((0, 1)))
    return draw.choice(SEPARATORS[:4] if form == "blanks" else SEPARATORS).join(terms)


def draw_row(draw: random.Random, form: str) -> list[str]:
    """Return the cells of a row."""
    first, cell = draw.choice(IDS), draw_cell(draw, form)
    if form == "id_list":
        return [first, cell]
    if form in NO_HEADER:
        return [first, *(draw_cell(draw, form) for _ in range(draw.choice((0, 0, 1, 2)))), cell]
    if form == "trinotate":
        return [first, "t", cell, draw_cell(draw, form)]
    if form == "anno.out":
        kind = draw.choice(("BP_ARGOT", "BP_RM3", "CC_ARGOT", "EC_ARGOT", "DE", "type"))
        return [first, kind, "1", "0.5", draw.choice((cell, cell, "id")), draw.choice("xy")]
    if form == "pannzer":
        return [first, draw.choice(("BP", "MF", "CC")), cell, draw.choice(("x", "y"))]
    return [first, cell, *(draw.choice(each) for each in (CODES, REFERENCES, RELATIONS))]


def make_rows(form: str, kind: str, n: int, seed: str = "") -> bytes:
    """Return rows with a choice of cells in each column, some of them of no row."""
    draw = random.Random(form + kind + seed)
    odd = ("", "\t\t", "# comment", "g1", "g1\tGO:0009294\tIEA\tPMID:1\tmore\tx", 'g"1\tGO:0009294')
    rows = [HEADERS[form]] if form in HEADERS else []
    for _ in range(n):
        cells = draw_row(draw, form)
        is_latin = kind != "Latin-1" or draw.random() < 0.3
        row = WRITERS[kind if is_latin else "plain"](cells)
        row = row.replace("\t", "  ") if form == "blanks" else row
        rows.append(row if draw.random() > 0.03 else draw.choice((*odd, *rows[:1])))
    encoding = "latin-1" if kind == "Latin-1" else "utf-8"
    return "".join(f"{row}\n" for row in rows).encode(encoding)


def map_text(form: str, content: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the records of lines, and those of their counts, findings and rejections."""
    layout = {
        "id_list": "",
        "ragged": "tab object_id|go_ids|+",
        "blanks": "blank object_id|go_ids|+",
        "anno.out": "anno.out",
    }
    rows = [HEADERS.get(form, ""), "g1\tt\tGO:0009294^x\t.", "g1\tBP\t0009294\tx"]
    rows.append("g1\tGO:0009294\tIEA\tPMID:1\tinvolved_in")
    beginning = "\n".join(row for row in rows if row.count("\t") == rows[0].count("\t"))
    found = (
        layout[form] if form in layout else detection.sniff(beginning.encode(), "x", form).layout
    )
    name = {"anno.out": "pannzer", **dict.fromkeys(NO_HEADER, "id_list")}.get(form, form)
    source = InputFile("x", "x", name, "plain", 0, 7, "", found)
    counts = FileCounts(0, has_quarantine=True)
    lines = content.splitlines(keepends=True)
    blocks = [b"".join(lines[start : start + 500]) for start in range(0, len(lines), 500)]
    records = [*ProfileMapper(TERM_FILE, False).map_blocks(source, blocks, counts)]
    return [record for each in records for record in each], [*counts.encode()]


def read_each(_: PlainRows, block: bytes, lines: list[bytes]) -> SplitBlock:
    """Split no row."""
    return SplitBlock((), [None] * len(lines), [None] * len(lines), {})


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("form", [*NO_HEADER, *HEADERS])
def test_plain_rows_give_the_records_of_rows_that_are_read_one_by_one(
    form: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_rows(form, kind, 3000)
    n_read = 0
    find_lines = PlainRows.find_lines

    def count_lines(plain_rows: PlainRows, split: SplitBlock) -> Iterator[int]:
        nonlocal n_read
        for number in find_lines(plain_rows, split):
            n_read += number not in split.findings
            yield number

    monkeypatch.setattr(PlainRows, "find_lines", count_lines)
    quick = map_text(form, content)
    n_of_quick, n_read = n_read, 0
    monkeypatch.setattr(PlainRows, "split", read_each)
    assert map_text(form, content) == quick
    assert n_read > 2900  # but for header lines at the beginning of a block
    is_split = form not in ("id_list", "blanks") or "quoted" not in kind
    assert (n_of_quick < 0.9 * n_read) == is_split
