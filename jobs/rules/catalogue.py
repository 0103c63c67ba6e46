"""The rules of GO that a reader of annotation files can check, and those that it can't.

The rules are in `rules.tsv`, those that are not checked in `unchecked_rules.tsv`. Each rule has a
word of its own, since one rule of GO may hold several conditions. Its condition is a function of
`term_rules`, `cell_rules` or `product_rules`, or is decided where a line is read. docs/rules.md is
made from both files.

Source: https://github.com/geneontology/go-site/tree/master/metadata/rules (November 2026)
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, NamedTuple

from gafreduce.errors import UsageError
from gafreduce.jobs.model.data_table import read_data_table

#: Treatments of a line, the gravest first: it is refused; repaired; kept with a warning or a note.
SEVERITIES = ("reject", "repair", "warn", "info")
REJECT, REPAIR, WARN, INFO = SEVERITIES

#: A rule with this need can be checked only with an ontology.
ONTOLOGY = "ontology"
#: A rule with this need is checked over all lines of a gene product, which needs an ontology too.
#: A run with --scope target leaves terms out and does not check it.
ACROSS_LINES = "across_lines"

_RULES_URL = "https://github.com/geneontology/go-site/blob/master/metadata/rules"


class Finding(NamedTuple):
    """A line violates a rule."""

    word: str  # of RULES
    value: str = ""  # the wrong value, where it deserves a row of its own: an id, a column
    becomes: str = ""  # the value that replaces it, in a repair


class Rule(NamedTuple):
    """A condition that lines should meet."""

    word: str
    gorule: str  # GORULE id, or several joined by ", "; empty where GO has no rule
    severity: str  # of SEVERITIES
    needs: str  # ONTOLOGY, ACROSS_LINES, a mark of the term file, or empty; not checked without it
    title: str  # the condition, as a sentence without a full stop
    why: str

    @property
    def link(self) -> str:
        """The page on which GO describes the rule, the first of several; empty for none."""
        number = self.gorule.partition(",")[0].partition(":")[2]
        return f"{_RULES_URL}/gorule-{number}.md" if number else ""


#: Rules by word.
RULES: Dict[str, Rule] = {
    cells[0]: Rule(*cells)
    for cells in read_data_table("gafreduce.jobs.rules", "rules.tsv", Rule._fields)
}


def load_unchecked_rules() -> Dict[str, str]:
    """Return why rules of GO are not checked, by their GORULE ids."""
    columns = ("gorule", "reason")
    rows = read_data_table("gafreduce.jobs.rules", "unchecked_rules.tsv", columns)
    return {row[0]: row[1] for row in rows}


def is_checkable(rule: Rule, marks: Iterable[str], has_ontology: bool) -> bool:
    """Return whether a rule can be checked.

    Args:
        rule: The rule.
        marks: The marks of the term file.
        has_ontology: Whether there is an ontology.
    """
    if not rule.needs or rule.needs == ACROSS_LINES:
        return has_ontology or not rule.needs
    return has_ontology and (rule.needs == ONTOLOGY or rule.needs in marks)


def find_rules(names: Iterable[str]) -> FrozenSet[str]:
    """Return the words of the rules that are named by word, by GORULE id, or `all`.

    >>> sorted(find_rules(["GORULE:0000011"]))
    ['nd_not_on_root', 'root_without_nd']

    Raises:
        UsageError: A name belongs to no rule.
    """
    found = set()
    for name in names:
        words = {rule.word for rule in RULES.values() if _has_name(rule, name.strip())}
        if not words:
            raise UsageError(
                f"expected rules such as GORULE:0000020, unknown_go_id or all, got {name[:100]!r} "
                "(docs/rules.md lists them)"
            )
        found |= words
    return frozenset(found)


def find_strict_rules(names: Iterable[str]) -> FrozenSet[str]:
    """Return the words of the named rules for `--strict`; `all`: those with severity WARN.

    Raises:
        UsageError: A name belongs to no rule, or to none that a single annotation can violate and
            still be kept.
    """
    found = set()
    for name in names:
        words = {
            word
            for word in find_rules([name])
            if RULES[word].severity != REJECT
            and RULES[word].needs != ACROSS_LINES
            and word != "refused_in_part"
            and (name != "all" or RULES[word].severity == WARN)
        }
        if not words:
            raise UsageError(
                f"expected a rule with lines that are otherwise kept, got {name!r} (docs/rules.md)"
            )
        found |= words
    return frozenset(found)


def _has_name(rule: Rule, name: str) -> bool:
    return name in ("all", rule.word) or (bool(name) and name.upper() in rule.gorule.split(", "))
