"""The catalogue of rules: which of them a run can check, and which `--strict` refuses."""

from __future__ import annotations

import pytest

from gafreduce.jobs.rules.catalogue import (
    ACROSS_LINES,
    ONTOLOGY,
    REJECT,
    RULES,
    WARN,
    Rule,
    find_strict_rules,
    is_checkable,
    load_unchecked_rules,
)


@pytest.mark.parametrize(
    ("needs", "marks", "has_ontology", "expected"),
    [
        ("", (), False, True),
        ("", (), True, True),
        (ACROSS_LINES, (), False, False),
        (ACROSS_LINES, (), True, True),
        (ONTOLOGY, (), False, False),
        (ONTOLOGY, (), True, True),
        ("a mark", ("a mark",), True, True),
        ("a mark", ("another",), True, False),
        ("a mark", ("a mark",), False, False),
    ],
)
def test_a_rule_is_checked_when_the_run_has_what_it_needs(
    needs: str, marks: tuple[str, ...], has_ontology: bool, expected: bool
) -> None:
    rule = Rule("word", "", WARN, needs, "", "")
    assert is_checkable(rule, marks, has_ontology) == expected


def test_all_strict_rules_are_warnings_about_single_lines() -> None:
    chosen = find_strict_rules(["all"])
    assert chosen == {
        word
        for word, rule in RULES.items()
        if rule.severity == WARN and rule.needs != ACROSS_LINES and word != "refused_in_part"
    }
    assert find_strict_rules(["all", "iba_of_others"]) == chosen | {"iba_of_others"}
    assert RULES["iba_of_others"].severity not in (WARN, REJECT), "a rule that is named"


@pytest.mark.parametrize(
    ("gorule", "page"),
    [
        ("", ""),
        ("GORULE:0000020", "/gorule-0000020.md"),
        ("GORULE:0000026, GORULE:0000037", "/gorule-0000026.md"),
    ],
)
def test_a_rule_links_to_the_first_of_its_pages(gorule: str, page: str) -> None:
    link = Rule("word", gorule, WARN, "", "", "").link
    assert link.endswith(page)
    assert bool(link) == bool(page)


def test_no_rule_of_go_is_both_checked_and_not() -> None:
    checked = {each for rule in RULES.values() for each in rule.gorule.split(", ")}
    unchecked = load_unchecked_rules()
    assert unchecked
    assert not checked & unchecked.keys()
    assert all(unchecked.values())
