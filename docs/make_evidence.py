"""Write the tables of docs/evidence.md from the code: `make docs`."""

from __future__ import annotations

import textwrap
from pathlib import Path

from goatools.anno.eco2group import ECO2GRP

from gafreduce.jobs.model import eco
from gafreduce.jobs.model.evidence import CODES_OF_GROUP, CURATED, NO_DATA
from gafreduce.jobs.model.relations import OTHER, SUPPORTING

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def find_verdict(group: str) -> str:
    """Return the verdict of an organism with lines of a group only."""
    if group in CURATED:
        return "curated"
    return {"electronic": "electronic_only", "unstated": "unstated_only"}.get(group, group)


def make_code_table() -> str:
    """Return a Markdown table of the evidence codes by group."""
    rows = ["| group | code | its ECO id | verdict of an organism |", "|---|---|---|---|"]
    for group, codes in CODES_OF_GROUP.items():
        word = "" if group == NO_DATA else find_verdict(group)
        rows += [
            f"| {group} | {code} | {eco.find_eco_id(code, '') or ''} | {word} |" for code in codes
        ]
    return "\n".join(rows)


def make_relation_table() -> str:
    """Return a Markdown table of the relations and their effect."""
    rows = ["| relation | a positive line |", "|---|---|"]
    for relation in sorted(SUPPORTING):
        rows.append(f"| {relation or '(none given)'} | supports its term |")
    for relation in sorted(OTHER):
        rows.append(f"| {relation} | is kept and counted apart |")
    return "\n".join([*rows, "| any other | is kept and counted apart, with a warning |"])


def make_eco_table() -> str:
    """Return a Markdown table of the number of ECO ids of each code."""
    codes = list(eco.load_eco_ids().values())
    counts = sorted({(-codes.count(code), code) for code in codes})
    rows = ["| code | ECO ids |", "|---|---|"]
    return "\n".join([*rows, *(f"| {code} | {-count} |" for count, code in counts)])


def list_ids_unknown_to_goatools() -> str:
    """Return the ids that the table of goatools lacks, as wrapped text."""
    known = {*eco.load_eco_ids(), *eco.AMBIGUOUS}
    return textwrap.fill(" ".join(sorted(known - set(ECO2GRP))), 118)


def with_tables(text: str) -> str:
    """Return the page with new tables."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    missing = list_ids_unknown_to_goatools()
    parts = [
        "## Effect of each relation by default",
        make_relation_table(),
        "## Codes and groups",
        make_code_table(),
        "## ECO ids by code",
        make_eco_table(),
        f"## Ids that the table of goatools lacks ({len(missing.split())})",
        missing,
    ]
    return f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("evidence.md")
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
