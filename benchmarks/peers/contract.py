"""What the Python peers share: reading a term file, words of column 4 and 7, and writing tables.

Kept apart from the product's own code on purpose: a peer that used it could not contradict it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

TARGET_CLASSES = ("target", "core")
TAKING_PART = frozenset(
    {
        "",
        "involved_in",
        "acts_upstream_of_or_within",
        "acts_upstream_of_or_within_positive_effect",
        "acts_upstream_of_or_within_negative_effect",
        "enables",
        "contributes_to",
        "part_of",
        "located_in",
        "is_active_in",
    }
)
#: Codes that do not make a gene product count as non-electronic: electronic, none, not stated.
UNSTATED_CODES = frozenset({"IEA", "ND", "NR", ""})


class Terms(NamedTuple):
    """The ontology of a term file (docs/formats.md#term-file)."""

    go_ids: list[str]
    names: list[str]
    aspects: str
    parents: list[list[int]]
    obsolete: set[int]
    primary: dict[str, str]  # id as written -> id that it becomes
    term_class: dict[str, str]
    negating: set[str]

    def ancestors(self) -> dict[str, list[str]]:
        """Return each term's ancestors, itself included."""
        found: dict[int, set[int]] = {}

        def climb(number: int) -> set[int]:
            if number not in found:
                found[number] = {number}.union(*map(climb, self.parents[number]))
            return found[number]

        return {
            go_id: [self.go_ids[n] for n in climb(number)]
            for number, go_id in enumerate(self.go_ids)
        }


def read_terms(path: Path) -> Terms:
    """Return the content of a term file."""
    fields: dict[str, str] = {}
    term_class = {}
    for line in path.read_text("utf-8").splitlines():
        name, _, value = line.partition("\t")
        if name == "closure":
            go_id, word, _ = value.split("\t", 2)
            term_class[go_id] = word
        fields[name] = value
    go_ids = fields["go_ids"].split()
    return Terms(
        go_ids,
        fields["names"].split("\t"),
        fields["aspects"],
        [list(map(int, p.split(","))) if p != "-" else [] for p in fields["parents"].split(" ")],
        set(map(int, fields["obsolete"].split())),
        dict(pair.split(">") for pair in fields["repairs"].split()),
        term_class,
        {go_ids[int(number)] for number in fields["negating"].split()},
    )


def is_compared(n_gene_products: int, largest: int) -> bool:
    """Tell an organism from a leak (fewer than ten products and under 2 % of the largest's)."""
    return n_gene_products >= 10 or n_gene_products >= 0.02 * largest


def write_table(
    out: Path, name: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Write rows as TSV."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / f"{name}.tsv").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("\t".join(columns) + "\n")
        stream.writelines("\t".join(map(str, row)) + "\n" for row in rows)
