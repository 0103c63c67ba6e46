"""Plain rows give the records of rows that are read one by one."""

from __future__ import annotations

import random

import pytest

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.mapper.plain_rows import PlainRows
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


def make_rows(form: str, n: int) -> str:
    """Return rows with a choice of cells in each column, some of them of no row."""
    draw = random.Random(form)
    odd = ("", "# comment", "g1", "g1\tGO:0009294\tIEA\tPMID:1\tmore")
    rows = [HEADERS[form]] if form in HEADERS else []
    for _ in range(n):
        cells = [draw.choice(each) for each in (IDS, TERMS, CODES, REFERENCES)]
        row = "\t".join(cells if form in HEADERS else cells[:2])
        rows.append(row if draw.random() > 0.05 else draw.choice(odd))
    return "".join(f"{row}\n" for row in rows)


def map_text(form: str, text: str) -> tuple[list[bytes], list[bytes]]:
    """Return the records of lines, and those of their counts, findings and rejections."""
    content = text.encode()
    sound = "g1\tGO:0009294\tIEA\tPMID:1\n" if form in HEADERS else "g1\tGO:0009294\n"
    beginning = "".join(f"{each}\n" for each in HEADERS.get(form, "").splitlines()) + sound
    layout = registry.sniff(beginning.encode(), "x", form).layout
    source = InputFile("x", "x", form, "plain", 0, 7, "", layout)
    counts = FileCounts(0)
    found = [*ProfileMapper(TERM_FILE, False).map_blocks(source, [content], counts)]
    return [record for each in found for record in each], [*counts.encode()]


@pytest.mark.parametrize("form", ["id_list", *HEADERS])
def test_plain_rows_give_the_records_of_rows_that_are_read_one_by_one(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = make_rows(form, 3000)
    taken: list[bool] = []
    take = PlainRows.take

    def count(*arguments: object) -> bool:
        taken.append(take(*arguments))  # type: ignore[arg-type]
        return taken[-1]

    monkeypatch.setattr(PlainRows, "take", count)
    quick = map_text(form, text)
    assert 100 < sum(taken) < 2000
    monkeypatch.setattr(PlainRows, "take", lambda *_: False)
    assert map_text(form, text) == quick
