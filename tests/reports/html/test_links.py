"""Links out: known prefixes only, and never a way to run something."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gafreduce.reports.html import links
from gafreduce.reports.html.datatables import LibraryError, as_script, read_table_library
from gafreduce.reports.html.page import Cell, RowView, TableView, rows_html


@pytest.mark.parametrize(
    ("identifier", "target"),
    [
        ("UniProtKB:P37443", "https://www.uniprot.org/uniprotkb/P37443"),
        ("GO:0030420", "https://purl.obolibrary.org/obo/GO_0030420"),
        ("PMID:1", "https://pubmed.ncbi.nlm.nih.gov/1"),
        ("InterPro:IPR004797", "https://www.ebi.ac.uk/interpro/entry/InterPro/IPR004797"),
        ("odd:1", None),
        ("javascript:alert(1)", None),
        ("UniProtKB:", None),
        ("UniProtKB:a b", None),
        ('UniProtKB:"><script>', None),
        ("UniProtKB:../../x", None),
    ],
)
def test_known_prefixes(identifier: str, target: str | None) -> None:
    assert links.link(identifier) == target


@given(st.text())
def test_any_text_gives_no_link_or_a_plain_one(text: str) -> None:
    for each in (text, f"GO:{text}", f"UniProtKB:{text}", f"taxon:{text}"):
        target = links.link(each)
        assert target is None or re.fullmatch(r"https://[\w./?=&:-]+", target)


@given(st.text())
def test_the_parts_of_a_cell_are_the_cell(text: str) -> None:
    assert "".join(part for part, _ in links.parts(text)) == text


def test_pages_of_terms() -> None:
    assert [name for name, _ in links.term_pages("GO:0030420")] == ["QuickGO", "AmiGO"]
    assert links.term_pages("GO:1'") == []


@example("0" * 41, "")
@given(st.text(), st.text())
def test_a_row_holds_any_text_as_text(text: str, taxon: str) -> None:
    row = RowView((Cell(((text, None),), order=text), Cell(((text, "#x"),))), taxon, text)
    html = str(rows_html(TableView("x", "x", (("a", ""), ("b", "")), (row,), 1)))
    ours = ("<tr", "<td", "<a ", "</a>", "<wbr>")  # a long word may break at <wbr>
    assert html.count("<") == sum(map(html.count, ours))
    assert html.count("<td") == 2


def test_the_library_stands_in_a_page() -> None:
    library = read_table_library()
    assert "const DataTable=" in library.script
    assert "export{" not in library.script
    assert not re.search(r"</script|<!--", library.script, re.IGNORECASE)
    assert "</style" not in library.style.lower()
    assert as_script("x='</ScRipt>';export{q as default}") == "x='<\\x2fScRipt>';const DataTable=q;"
    with pytest.raises(LibraryError, match="default export"):
        as_script("export{a as b};")
