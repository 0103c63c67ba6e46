"""The machinery across organisms: which parts of it are there, found by what.

Families come from With/From, so that a family shows only where it gave a term: not found is not
absent. Symbols are a hint only: mecA is another gene in Staphylococcus.
Formulas, sources and traps: docs/statistics.md#components
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from gafreduce.jobs.model.evidence import GROUPS, NO_DATA
from gafreduce.reports.components.components_file import Component, Machinery
from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.evidence_sources import entries
from gafreduce.reports.statistics.frames import Note, Row
from gafreduce.reports.tables.schema import COMPONENT_MEMBERS, COMPONENTS

MAX_LISTED = 100

#: How a gene product was found, the strongest first.
FOUND_BY = ("ortholog", "family", "symbol")
#: Statuses in `gene_products` of those with a supporting target line.
HAVING_TARGET = ("positive", "conflicting")


class _Line(NamedTuple):
    """What is read of a row of `context`."""

    taxon_id: int
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
    def states(self) -> bool:
        """Whether it says something positive."""
        return not self.negated and self.evidence_group != NO_DATA


class _Match(NamedTuple):
    """One reason to take a gene product for a component."""

    component: str
    found_by: str
    matched: str
    group: str


@dataclass
class Product:
    """A gene product of `context`."""

    object_id: str
    has_target: bool
    symbols: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    go_ids: set[str] = field(default_factory=set)

    @property
    def symbol(self) -> str:
        """The most frequent, ties by bytes."""
        return _most_frequent(self.symbols)

    @property
    def name(self) -> str:
        """The most frequent, ties by bytes."""
        return _most_frequent(self.names)


@dataclass
class Member:
    """A gene product that matches a component, and by what."""

    product: Product
    found_by: str = FOUND_BY[-1]
    matched: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)

    def add(self, match: _Match) -> None:
        """Put a match down."""
        self.found_by = min(self.found_by, match.found_by, key=FOUND_BY.index)
        if match.matched:
            self.matched.add(match.matched)
        if match.group:
            self.groups.add(match.group)


#: (component, organism) -> object_id -> the gene product that matches.
Members = dict[tuple[str, int], dict[str, Member]]


class _Matcher:
    """Tells which components a line speaks for."""

    def __init__(self, machinery: Machinery) -> None:
        self._of_family: defaultdict[str, list[str]] = defaultdict(list)
        self._of_symbol: defaultdict[str, list[str]] = defaultdict(list)
        self._orthologs = machinery.orthologs
        for component in machinery.components:
            for family in component.families:
                self._of_family[family].append(component.name)
            for symbol in component.symbols:
                self._of_symbol[symbol].append(component.name)

    def matches(self, line: _Line) -> Iterator[_Match]:
        """Return every reason in a line."""
        for name in self._orthologs.get(line.object_id, ()):
            yield _Match(name, "ortholog", "", "")
        if line.states:
            for family in entries(line.with_from) & self._of_family.keys():
                for name in self._of_family[family]:
                    yield _Match(name, "family", family, line.evidence_group)
        for text in (line.symbol, *line.synonyms.split("|")):
            for name in self._of_symbol.get(text.strip().lower(), ()):
                yield _Match(name, "symbol", text.strip(), "")


def find_members(
    context: pd.DataFrame, machinery: Machinery, gene_products: pd.DataFrame
) -> Members:
    """Return for each component and organism the gene products that match, by object_id.

    Args:
        context: The table `context`.
        machinery: What to look for.
        gene_products: The table `gene_products`: it tells who has the target. `context` may lack
            the line that says so.
    """
    columns = ("taxon_id", "object_id", "status")
    having = {
        (taxon, object_id)
        for taxon, object_id, status in frames.rows(gene_products, columns)
        if status in HAVING_TARGET
    }
    matcher = _Matcher(machinery)
    products: dict[tuple[int, str], Product] = {}
    members: Members = {}
    for line in map(_Line._make, frames.rows(context, _Line._fields)):
        key = (line.taxon_id, line.object_id)
        product = products.setdefault(key, Product(line.object_id, key in having))
        product.symbols[line.symbol] += line.n_annotations
        product.names[line.name] += line.n_annotations
        if line.states and line.takes_part:
            product.go_ids.add(line.go_id)
        for match in matcher.matches(line):
            found = members.setdefault((match.component, line.taxon_id), {})
            found.setdefault(line.object_id, Member(product)).add(match)
    return members


def component_tables(
    members: Members, machinery: Machinery, organisms: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return `components`, `component_members` and what must be said with them.

    Args:
        members: Of `find_members`.
        machinery: What was looked for.
        organisms: The table `organisms`; the compared ones have a row for each component.
    """
    columns = ("taxon_id", "compared")
    taxa = sorted(taxon for taxon, chosen in frames.rows(organisms, columns) if chosen)
    made: list[Row] = []
    details: list[Row] = []
    for component in machinery.components:
        for taxon in taxa:
            found = members.get((component.name, taxon), {})
            ordered = [found[object_id] for object_id in sorted(found)]
            made.append(_row(component, taxon, ordered))
            details += [
                (
                    component.name,
                    taxon,
                    member.product.object_id,
                    member.product.symbol,
                    member.product.name,
                    member.found_by,
                    sorted(member.matched),
                    _ordered_groups(member.groups),
                    member.product.has_target,
                )
                for member in ordered
            ]
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
    return frames.frame(COMPONENTS, made), frames.frame(COMPONENT_MEMBERS, details), notes


def _row(component: Component, taxon: int, members: Sequence[Member]) -> Row:
    """Return the row of a component in an organism."""
    by = Counter(member.found_by for member in members)
    return (
        component.name,
        taxon,
        component.role,
        component.required,
        next((how for how in FOUND_BY if by[how]), ""),
        len(members),
        *(by[how] for how in FOUND_BY),
        sum(member.product.has_target for member in members),
        _ordered_groups({group for member in members for group in member.groups}),
        [member.product.object_id for member in members[:MAX_LISTED]],
    )


def _ordered_groups(groups: set[str]) -> list[str]:
    return sorted(groups & set(GROUPS))


def _most_frequent(counter: Counter[str]) -> str:
    return min(counter, key=lambda text: (-counter[text], text.encode("utf-8")), default="")
