from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.model import filters
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.filters import EVERYTHING, Selection, SelectionError


def test_everything_is_taken_without_filters():
    assert EVERYTHING.leaves_out("", "", "unstated", "?") is None
    assert EVERYTHING.leaves_out("colocalizes_with", "ND", "no_data", "C") is None
    assert EVERYTHING.leaves_out_annotation(Annotation("A", "1")) is None


@pytest.mark.parametrize(
    ("chosen", "relation", "code", "group", "aspect", "option"),
    [
        (Selection(evidence=("IDA",)), "", "IDA", "experimental", "P", None),
        (Selection(evidence=("IDA",)), "", "IMP", "experimental", "P", "evidence"),
        (Selection(evidence=("experimental",)), "", "IMP", "experimental", "P", None),
        (Selection(not_evidence=("IEA",)), "", "IEA", "electronic", "P", "exclude_evidence"),
        (Selection(not_evidence=("electronic",)), "", "IEA", "electronic", "P", "exclude_evidence"),
        (Selection(aspects=("P",)), "", "IEA", "electronic", "F", "aspect"),
        (Selection(aspects=("P",)), "", "IEA", "electronic", "?", "aspect"),
        (Selection(relations=("enables",)), "enables", "IEA", "electronic", "F", None),
        (
            Selection(relations=("enables",)),
            "enables|contributes_to",
            "IEA",
            "electronic",
            "F",
            "relation",
        ),
        (Selection(relations=("",)), "", "IEA", "electronic", "F", None),
    ],
)
def test_what_a_filter_leaves_out(chosen, relation, code, group, aspect, option):
    assert chosen.leaves_out(relation, code, group, aspect) == option


def test_object_types_in_any_case_and_sources_as_they_are_written():
    protein = Annotation("A", "1", object_type="Protein", assigned_by="UniProt")
    assert Selection(object_types=("protein",)).leaves_out_annotation(protein) is None
    assert Selection(object_types=("rna",)).leaves_out_annotation(protein) == "object_type"
    assert Selection(assigned_by=("uniprot",)).leaves_out_annotation(protein) == "assigned_by"


_texts = st.lists(st.text(max_size=4), max_size=3).map(tuple)


@given(
    st.builds(Selection, evidence=_texts, not_evidence=_texts, relations=_texts, taking_part=_texts)
)
def test_a_selection_survives_its_file(tmp_path_factory, chosen):
    path = tmp_path_factory.mktemp("selection") / "selection.json"
    filters.write(chosen, path)
    assert filters.read(path) == chosen


@pytest.mark.parametrize("text", ["", "[]", '{"unheard_of": []}', '{"evidence": 3}'])
def test_a_damaged_file_is_named(tmp_path, text):
    path = tmp_path / "selection.json"
    path.write_text(text)
    with pytest.raises(SelectionError, match=r"selection\.json: expected a selection"):
        filters.read(path)
