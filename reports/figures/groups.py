"""Groups of organisms, by which many organisms are summarised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from gafreduce.reports.summary.italics import split_name
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.tables.reader import Row

#: More organisms than this are drawn as groups.
MAX_ORGANISMS = 30
#: With more species than this, groups are genera.
MAX_SPECIES = 20
OTHERS = "other organisms"
#: The only group, where no organism has a species.
ALL = "all organisms"


class OrganismGroup(NamedTuple):
    """Organisms that are summarised together."""

    name: str
    organism_ids: tuple[str, ...]


def group_compared(results: RunResults) -> list[OrganismGroup]:
    """Return the compared organisms in groups: largest first, or in the order of a tree."""
    return make_groups(results.list_compared(), keeps_order=results.has_tree)


def make_groups(organisms: Sequence[Row], *, keeps_order: bool = False) -> list[OrganismGroup]:
    """Return organisms by the sheet's column `group`, else by species or genus; largest first.

    Species are read from names of the NCBI Taxonomy, and never from labels of files or users.

    Args:
        organisms: Rows of `organisms`.
        keeps_order: Whether groups are in the order of their first organisms instead.
    """
    if any(row["group"] for row in organisms):
        names = [row["group"] or OTHERS for row in organisms]
        return _collect(organisms, names, keeps_order=keeps_order)
    species = [_find_species(row) for row in organisms]
    if set(species) == {OTHERS}:
        species = [ALL] * len(species)
    if len(set(species)) > MAX_SPECIES:
        species = [name.split(" ")[0] if name != OTHERS else name for name in species]
    return _collect(organisms, species, keeps_order=keeps_order)


def find_rank(organisms: Sequence[Row]) -> str:
    """Return the rank of groups with names of one word; empty if the sample sheet names groups."""
    return "" if any(row["group"] for row in organisms) else "genus"


def _find_species(row: Row) -> str:
    if row["name_source"] != "ncbi":
        return OTHERS
    parts = split_name(row["organism"])
    if not parts or not parts[0].is_italic:
        return OTHERS
    return " ".join(parts[0].text.split()[:2])


def _collect(
    organisms: Sequence[Row], names: Sequence[str], *, keeps_order: bool
) -> list[OrganismGroup]:
    by_name: dict[str, list[str]] = defaultdict(list)
    for row, name in zip(organisms, names, strict=True):
        by_name[name].append(row["organism_id"])
    ordered = list(by_name)
    if not keeps_order:
        ordered.sort(key=lambda name: (name == OTHERS, -len(by_name[name]), name))
    return [OrganismGroup(name, tuple(by_name[name])) for name in ordered]
