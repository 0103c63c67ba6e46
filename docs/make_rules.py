"""Writes the tables of docs/rules.md from the code: `make docs`."""

from __future__ import annotations

from pathlib import Path

from gafreduce.jobs.rules.catalogue import ACROSS_LINES, LEFT_OUT, ONTOLOGY, RULES, SEVERITIES, Rule

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

DONE = {
    "reject": "Refused: the line counts for nothing but its rejection.",
    "repair": "Repaired: the line is kept and read in another way.",
    "warn": "Kept, with a warning. `--strict` refuses such lines.",
    "info": "Kept, and good to know.",
}


def _id(rule: Rule) -> str:
    """Return the GORULE id with a link; several ids have that of the first."""
    if not rule.rule:
        return ""
    first = rule.rule.partition(",")[0]
    return rule.rule.replace(first, f"[{first}]({rule.link})")


def _needs(rule: Rule) -> str:
    if rule.needs in ("", ONTOLOGY):
        return rule.needs
    if rule.needs == ACROSS_LINES:
        return "ontology; all lines of a gene product (not with `--scope target`)"
    return f"ontology with `{rule.needs}`"


def tables() -> str:
    """Return the rules by severity, and what is left out, as Markdown."""
    parts = []
    for severity in SEVERITIES:
        rows = [
            f"| {rule.word} | {_id(rule)} | {rule.title} | {rule.why} | {_needs(rule)} |"
            for rule in RULES.values()
            if rule.severity == severity
        ]
        head = ["| finding | rule of GO | what holds | why | needs |", "|---|---|---|---|---|"]
        parts.append(f"## {severity}\n\n{DONE[severity]}\n\n" + "\n".join([*head, *rows]))
    rows = [f"| {rule} | {reason} |" for rule, reason in LEFT_OUT.items()]
    parts.append("## Left out\n\n" + "\n".join(["| rule of GO | why |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def with_tables(text: str) -> str:
    """Return the page with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("rules.md")
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
