from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.errors import InputError
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.filters import (
    NO_FILTERS,
    Filters,
    read_filters,
    write_filters,
)


def test_every_line_is_taken_without_filters():
    assert NO_FILTERS.check_combination("", "", "unstated", "?") is None
    assert NO_FILTERS.check_combination("colocalizes_with", "ND", "no_data", "C") is None
    assert NO_FILTERS.check_annotation(Annotation("A", "1")) is None


@pytest.mark.parametrize(
    ("chosen", "relation", "code", "group", "aspect", "option"),
    [
        (Filters(evidence=("IDA",)), "", "IDA", "experimental", "P", None),
        (Filters(evidence=("IDA",)), "", "IMP", "experimental", "P", "evidence"),
        (Filters(evidence=("experimental",)), "", "IMP", "experimental", "P", None),
        (Filters(excluded_evidence=("IEA",)), "", "IEA", "electronic", "P", "exclude_evidence"),
        (
            Filters(excluded_evidence=("electronic",)),
            "",
            "IEA",
            "electronic",
            "P",
            "exclude_evidence",
        ),
        (Filters(aspects=("P",)), "", "IEA", "electronic", "F", "aspect"),
        (Filters(aspects=("P",)), "", "IEA", "electronic", "?", "aspect"),
        (Filters(relations=("enables",)), "enables", "IEA", "electronic", "F", None),
        (
            Filters(relations=("enables",)),
            "enables|contributes_to",
            "IEA",
            "electronic",
            "F",
            "relation",
        ),
        (Filters(relations=("",)), "", "IEA", "electronic", "F", None),
    ],
)
def test_filters_name_the_option_that_excludes_a_line(
    chosen, relation, code, group, aspect, option
):
    assert chosen.check_combination(relation, code, group, aspect) == option


def test_object_types_match_in_any_case_and_sources_exactly():
    protein = Annotation("A", "1", object_type="Protein", assigned_by="UniProt")
    assert Filters(object_types=("protein",)).check_annotation(protein) is None
    assert Filters(object_types=("rna",)).check_annotation(protein) == "object_type"
    assert Filters(assigned_by=("uniprot",)).check_annotation(protein) == "assigned_by"


def test_changes_name_the_filters_that_are_given_and_the_relations_that_support():
    assert NO_FILTERS.changes == NO_FILTERS.exclusions == {}
    chosen = Filters(relations=("", "enables"), assigned_by=("X",))
    assert chosen.exclusions == {"relations": ("", "enables"), "assigned_by": ("X",)}
    assert chosen.changes == {"relations": ("none", "enables"), "assigned_by": ("X",)}
    supporting = Filters(supporting_relations=("", "enables"))
    assert supporting.exclusions == {}
    assert supporting.changes == {"supporting_relations": ("none", "enables")}


@pytest.mark.parametrize("name", ["object_types", "assigned_by", "strict", "evidence"])
def test_some_filters_need_other_cells_of_a_line(name):
    assert not NO_FILTERS.has_line_filters
    assert Filters(**{name: ("x",)}).has_line_filters == (name != "evidence")


_texts = st.lists(st.text(max_size=4), max_size=3).map(tuple)


@given(
    st.builds(
        Filters,
        evidence=_texts,
        excluded_evidence=_texts,
        relations=_texts,
        supporting_relations=_texts,
    )
)
def test_filters_survive_writing_and_reading(tmp_path_factory, chosen):
    path = tmp_path_factory.mktemp("filters") / "filters.json"
    write_filters(chosen, path)
    assert read_filters(path) == chosen


@pytest.mark.parametrize("text", ["", "[]", '{"unheard_of": []}', '{"evidence": 3}'])
def test_a_damaged_file_is_refused_by_name(tmp_path, text):
    path = tmp_path / "filters.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"filters\.json: expected filters"):
        read_filters(path)
