"""Names of organisms in the HTML of the page."""

from __future__ import annotations

from collections.abc import Sequence

from gafreduce.reports.html.organism_names import NameMarker
from gafreduce.reports.summary.italics import NameRun, split_name

LABELS = ("Bacillus subtilis", "Bacillus subtilis 168", "<b>", "E. coli & co")


def split(label: str) -> Sequence[NameRun]:
    return split_name(label) if label in LABELS else ()


def test_names_in_sentences_are_in_italics_and_other_text_is_escaped() -> None:
    names = NameMarker(LABELS, split)
    assert names.mark_names("<b> of Bacillus subtilis 168, E. coli & co; Bacillus") == (
        "&lt;b&gt; of <i>Bacillus subtilis</i> 168, <i>E. coli</i> &amp; co; Bacillus"
    )
    assert NameMarker().mark_names("Bacillus <") == "Bacillus &lt;"


def test_cells_are_in_italics_only_if_they_are_a_name() -> None:
    names = NameMarker(LABELS, split)
    assert names.mark_cell("Bacillus subtilis 168") == "<i>Bacillus subtilis</i> 168"
    assert names.mark_cell("Bacillus subtilis <") == "Bacillus subtilis &lt;"
    assert names.mark_cell("x" * 41) == f"{'x' * 20}<wbr>{'x' * 20}<wbr>x"
