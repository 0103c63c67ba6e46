"""The tables `components` and `component_members`: components of the machinery by organism.

Families come from With/From, so a family is visible only where it gave a term: a component that is
not found may exist. Symbols are a hint only: mecA is another gene in Staphylococcus.
Formulas, sources and limits: docs/statistics.md#components
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from gafreduce.jobs.model.evidence import GROUPS, NO_DATA
from gafreduce.reports.components.components_file import Component, Machinery
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.evidence_sources import split_entries
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import COMPONENT_MEMBERS, COMPONENTS

MAX_LISTED = 100

#: Kinds of matches, the strongest first.
FOUND_BY = ("ortholog", "family", "symbol")
#: Statuses in `gene_products` of gene products with a supporting target line.
HAVING_TARGET = ("positive", "conflicting")


class _ContextRow(NamedTuple):
    """The cells of a row of `context` that are needed here."""

    organism_id: str
    object_id: str
    go_id: str
    takes_part: bool
    negated: bool
    evidence_group: str
    with_from: str
    symbol: str
    name: str
    synonyms: str
    n_annotations: int

    @property
    def is_positive(self) -> bool:
        """Whether the lines are neither negated nor without data."""
        return not self.negated and self.evidence_group != NO_DATA


class _Match(NamedTuple):
    """A match of a row with a component."""

    component: str
    found_by: str
    matched: str
    group: str


@dataclass
class ContextProduct:
    """A gene product of `context`."""

    object_id: str
    has_target: bool
    symbols: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    go_ids: set[str] = field(default_factory=set)

    @property
    def symbol(self) -> str:
        """The most frequent symbol; ties by bytes."""
        return _find_most_frequent(self.symbols)

    @property
    def name(self) -> str:
        """The most frequent name; ties by bytes."""
        return _find_most_frequent(self.names)


@dataclass
class Member:
    """A gene product that matches a component, with its strongest match."""

    product: ContextProduct
    found_by: str = FOUND_BY[-1]
    matched: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)

    def add(self, match: _Match) -> None:
        """Add a match."""
        self.found_by = min(self.found_by, match.found_by, key=FOUND_BY.index)
        if match.matched:
            self.matched.add(match.matched)
        if match.group:
            self.groups.add(match.group)


#: The gene products that match a component in an organism, by object_id.
Members = Mapping[tuple[str, str], Mapping[str, Member]]


class _Matcher:
    """Matches rows of `context` with components."""

    def __init__(self, machinery: Machinery) -> None:
        """Index the components by family and by symbol."""
        self._of_family: defaultdict[str, list[str]] = defaultdict(list)
        self._of_symbol: defaultdict[str, list[str]] = defaultdict(list)
        self._orthologs = machinery.orthologs
        for component in machinery.components:
            for family in component.families:
                self._of_family[family].append(component.name)
            for symbol in component.symbols:
                self._of_symbol[symbol].append(component.name)

    def find_matches(self, row: _ContextRow) -> Iterator[_Match]:
        """Yield every match of a row."""
        for name in self._orthologs.get(row.object_id, ()):
            yield _Match(name, "ortholog", "", "")
        if row.is_positive:
            for family in split_entries(row.with_from) & self._of_family.keys():
                for name in self._of_family[family]:
                    yield _Match(name, "family", family, row.evidence_group)
        for text in (row.symbol, *row.synonyms.split("|")):
            for name in self._of_symbol.get(text.strip().lower(), ()):
                yield _Match(name, "symbol", text.strip(), "")


def find_members(
    context: pd.DataFrame, machinery: Machinery, gene_products: pd.DataFrame
) -> Members:
    """Return the gene products that match each component, by component and organism.

    Args:
        context: The table `context`.
        machinery: The components to look for.
        gene_products: The table `gene_products`, which lists the gene products with the target;
            `context` may lack the lines that give it.
    """
    columns = ("organism_id", "object_id", "status")
    with_target = {
        (organism_id, object_id)
        for organism_id, object_id, status in frames.iterate_rows(gene_products, columns)
        if status in HAVING_TARGET
    }
    matcher = _Matcher(machinery)
    products: dict[tuple[str, str], ContextProduct] = {}
    members: dict[tuple[str, str], dict[str, Member]] = {}
    for row in map(_ContextRow._make, frames.iterate_rows(context, _ContextRow._fields)):
        key = (row.organism_id, row.object_id)
        product = products.setdefault(key, ContextProduct(row.object_id, key in with_target))
        product.symbols[row.symbol] += row.n_annotations
        product.names[row.name] += row.n_annotations
        if row.is_positive and row.takes_part:
            product.go_ids.add(row.go_id)
        for match in matcher.find_matches(row):
            found = members.setdefault((match.component, row.organism_id), {})
            found.setdefault(row.object_id, Member(product)).add(match)
    return members


def compute_components(
    members: Members, machinery: Machinery, organisms: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return the tables `components` and `component_members`, and their notes.

    Args:
        members: The matches of `find_members`.
        machinery: The components that were looked for.
        organisms: The table `organisms`; each compared organism has a row for each component.
    """
    organism_ids = frames.list_compared(organisms)
    rows: list[Values] = []
    member_rows: list[Values] = []
    for component in machinery.components:
        for organism_id in organism_ids:
            found = members.get((component.name, organism_id), {})
            ordered = [found[object_id] for object_id in sorted(found)]
            rows.append(_make_row(component, organism_id, ordered))
            member_rows += (_make_member_row(component, organism_id, member) for member in ordered)
    return (
        frames.make_frame(COMPONENTS, rows, organisms),
        frames.make_frame(COMPONENT_MEMBERS, member_rows, organisms),
        _make_notes(members, machinery),
    )


def _make_row(component: Component, organism_id: str, members: Sequence[Member]) -> Values:
    """Return the row of `components` of a component in an organism."""
    counts = Counter(member.found_by for member in members)
    return COMPONENTS.make_row(
        component=component.name,
        organism_id=organism_id,
        role=component.role,
        required=component.required,
        found_by=next((kind for kind in FOUND_BY if counts[kind]), ""),
        n_gene_products=len(members),
        n_by_ortholog=counts["ortholog"],
        n_by_family=counts["family"],
        n_by_symbol=counts["symbol"],
        n_with_target=sum(member.product.has_target for member in members),
        evidence_groups=_sort_groups({group for member in members for group in member.groups}),
        object_ids=[member.product.object_id for member in members[:MAX_LISTED]],
    )


def _make_member_row(component: Component, organism_id: str, member: Member) -> Values:
    """Return the row of `component_members` of a gene product."""
    return COMPONENT_MEMBERS.make_row(
        component=component.name,
        organism_id=organism_id,
        object_id=member.product.object_id,
        symbol=member.product.symbol,
        name=member.product.name,
        found_by=member.found_by,
        matched=sorted(member.matched),
        evidence_groups=_sort_groups(member.groups),
        has_target=member.product.has_target,
    )


def _make_notes(members: Members, machinery: Machinery) -> list[Note]:
    notes = [
        Note("components", component.name, "source", component.source)
        for component in machinery.components
        if component.source
    ]
    if not machinery.components:
        notes.append(Note("components", "", "reason", "no_components_file"))
    seen = {object_id for found in members.values() for object_id in found}
    n_unseen = sum(1 for object_id in machinery.orthologs if object_id not in seen)
    if machinery.orthologs:
        notes.append(Note("components", "", "n_orthologs_without_lines", str(n_unseen)))
    return notes


def _sort_groups(groups: set[str]) -> list[str]:
    return sorted(groups & set(GROUPS))


def _find_most_frequent(counter: Counter[str]) -> str:
    return min(counter, key=lambda text: (-counter[text], text.encode("utf-8")), default="")
