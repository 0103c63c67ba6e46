"""Write the tables of docs/rules.md from the code: `make docs`."""

from __future__ import annotations

import textwrap
from pathlib import Path

from gafreduce.jobs.rules.catalogue import (
    ACROSS_LINES,
    ONTOLOGY,
    RULES,
    SEVERITIES,
    Rule,
    load_unchecked_rules,
)

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

#: The treatment of lines with a finding, by severity.
TREATMENTS = {
    "reject": "The line is rejected: it is counted as rejected and otherwise ignored.",
    "repair": "The line is kept, with the id or aspect that replaces the written one.",
    "warn": "The line is kept, with a warning. `--strict` rejects such lines.",
    "info": "The line is kept; the finding is for information.",
}


def _format_id(rule: Rule) -> str:
    """Return the GORULE id with a link; of several ids, the first has a link."""
    if not rule.gorule:
        return ""
    first = rule.gorule.partition(",")[0]
    return rule.gorule.replace(first, f"[{first}]")


def _describe_needs(rule: Rule) -> str:
    """Return what a rule needs to be checked, in words."""
    if rule.needs in ("", ONTOLOGY):
        return rule.needs
    if rule.needs == ACROSS_LINES:
        return "ontology; all lines of a gene product (not with `--scope target`)"
    return f"ontology with `{rule.needs}`"


def _make_item(rule: Rule) -> str:
    """Return a rule as an item of a Markdown list."""
    gorule, needs = _format_id(rule), _describe_needs(rule)
    parts = [
        f"- `{rule.word}`{f' ({gorule})' if gorule else ''}. Expected: {rule.title}.",
        f"Reason: {rule.why}.",
        f"Needs: {needs}." if needs else "",
    ]
    return _wrap(" ".join(filter(None, parts)))


def _wrap(item: str) -> str:
    """Return an item of a list in lines of at most 118 columns."""
    return textwrap.fill(
        item, 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def make_lists() -> str:
    """Return the rules by severity, and the rules that are not checked, as Markdown."""
    parts = []
    for severity in SEVERITIES:
        rules = [_make_item(rule) for rule in RULES.values() if rule.severity == severity]
        parts.append(f"## {severity}\n\n{TREATMENTS[severity]}\n\n" + "\n".join(rules))
    unchecked = [_wrap(f"- {rule}: {reason}") for rule, reason in load_unchecked_rules().items()]
    parts.append("## Rules that are not checked\n\n" + "\n".join(unchecked))
    links = {rule.gorule.partition(",")[0]: rule.link for rule in RULES.values() if rule.gorule}
    parts.append("\n".join(f"[{name}]: {link}" for name, link in sorted(links.items())))
    return "\n\n".join(parts)


def with_tables(text: str) -> str:
    """Return the page with new lists."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{make_lists()}\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("rules.md")
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
