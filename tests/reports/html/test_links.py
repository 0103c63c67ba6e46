"""Links to other sites: known prefixes only, and no scripts."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gafreduce.reports.html import links
from gafreduce.reports.html.organism_names import NameMarker
from gafreduce.reports.html.page import Cell, RowView, TableView
from gafreduce.reports.html.templating import make_environment


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
        ("UniProtKB:..", None),
        ("PMID:.", None),
    ],
)
def test_ids_of_known_databases_are_linked(identifier: str, target: str | None) -> None:
    assert links.find_url(identifier) == target


@given(st.text())
def test_arbitrary_text_gives_no_link_or_a_plain_one(text: str) -> None:
    for each in (text, f"GO:{text}", f"UniProtKB:{text}", f"taxon:{text}"):
        target = links.find_url(each)
        assert target is None or re.fullmatch(r"https://[\w./?=&:-]+", target)


@given(st.text())
def test_linked_ids_keep_the_text_of_the_cell(text: str) -> None:
    assert "".join(part for part, _ in links.link_ids(text)) == text


def test_terms_have_pages_on_quickgo_and_amigo() -> None:
    assert [name for name, _ in links.list_term_pages("GO:0030420")] == ["QuickGO", "AmiGO"]
    assert links.list_term_pages("GO:1'") == []


PARTS = make_environment(NameMarker()).get_template("parts.html").module


@example("0" * 41, "")
@given(st.text(), st.text())
def test_tables_escape_arbitrary_text(text: str, taxon: str) -> None:
    row = RowView((Cell(((text, None),), order=text), Cell(((text, "#x:y"),))), taxon, text)
    view = TableView("x", text, ((text, ""), ("b", "")), (row,), 1)
    html = str(PARTS.table(view))  # type: ignore[attr-defined]
    # a long word may break at <wbr>
    ours = re.findall(r"</?(?:div|table|caption|thead|tr|th|tbody|td|a|wbr)\b", html)
    assert html.count("<") == len(ours)
    assert html.count("<td") == 2
