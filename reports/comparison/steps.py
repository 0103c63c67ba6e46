"""Differences between two runs: of lines, gene products, organisms and terms, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gafreduce.jobs.model.organisms import order_organism
from gafreduce.reports.comparison.compared_run import ComparedRun, ProductRows
from gafreduce.reports.comparison.line_table import (
    ComparedLine,
    ProductKey,
    find_changed_products,
    read_changed_lines,
)
from gafreduce.reports.comparison.pairs import LinePair, pair_lines
from gafreduce.reports.comparison.reasons import SAME_SYMBOL, order_reasons, rank_reason
from gafreduce.reports.comparison.settings import ReasonFinder, describe_source
from gafreduce.reports.tables.reader import Row

#: A row of a table, by column.
Cells = dict[str, Any]


class ReasonedPair(NamedTuple):
    """A difference between lines, with its reasons in their order."""

    pair: LinePair
    reasons: list[str]


@dataclass
class ProductDifference:
    """A gene product with a difference between its lines."""

    key: ProductKey
    lines_before: Sequence[ComparedLine]
    lines_after: Sequence[ComparedLine]
    pairs: Sequence[ReasonedPair]
    remarks: list[str] = field(default_factory=list)

    @property
    def change(self) -> str:
        """The word for the change of its rows."""
        if not self.lines_before:
            return "new"
        return "changed" if self.lines_after else "gone"

    @property
    def target(self) -> str:
        """The word for the change of its supporting target lines; empty without any."""
        had, has = (
            any(line.supports_target for line in lines)
            for lines in (self.lines_before, self.lines_after)
        )
        return ("kept" if has else "gone") if had else ("new" if has else "")

    @property
    def n_joined(self) -> int:
        """Number of ids with the target in the earlier run that are joined with another one."""
        n_before, n_after = map(self._count_ids, (self.lines_before, self.lines_after))
        return n_before - n_after + {"gone": -1, "new": 1}.get(self.target, 0)

    @staticmethod
    def _count_ids(lines: Sequence[ComparedLine]) -> int:
        return len({line.object_id for line in lines if line.supports_target})

    @property
    def reasons(self) -> list[str]:
        """The reasons in their order: of its supporting target lines if they came or went."""
        chosen = [
            each
            for each in self.pairs
            if (self.target == "gone" and each.pair.before and each.pair.before.supports_target)
            or (self.target == "new" and each.pair.after and each.pair.after.supports_target)
        ]
        first = min((each.reasons[0] for each in chosen or self.pairs), key=rank_reason, default="")
        every = order_reasons(reason for each in self.pairs for reason in each.reasons)
        return [first, *(reason for reason in every if reason != first)]

    @property
    def only_source(self) -> str:
        """The one source of the supporting target lines that it lost, when the target is gone."""
        if self.target != "gone":
            return ""
        sources = {describe_source(line) for line in self.lines_before if line.supports_target}
        return sources.pop() if len(sources) == 1 else ""


class RunStep:
    """The differences between a run and the next one."""

    def __init__(
        self, number: int, before: ComparedRun, after: ComparedRun, id_map: Mapping[str, str]
    ) -> None:
        """Find all differences.

        Args:
            number: Of the step, from 1.
            before: The earlier run.
            after: The later run.
            id_map: Ids of gene products, each with the one that it is counted under.
        """
        self.number, self.before, self.after = number, before, after
        self.finder = ReasonFinder(before, after)
        self.products = self._compare_products(id_map)
        self._rows = (
            self._read_products(before, id_map),
            self._read_products(after, id_map),
        )
        self._add_remarks()
        self.organisms = self._compare_organisms()

    def _compare_products(self, id_map: Mapping[str, str]) -> list[ProductDifference]:
        runs = (self.before, self.after)
        changed = find_changed_products(self.before.lines, self.after.lines)
        if not len(changed):
            return []
        first, second = (read_changed_lines(run.folder, run.lines, changed, id_map) for run in runs)
        found = []
        for key in sorted(first.keys() | second.keys(), key=lambda k: (order_organism(k[0]), k[1])):
            lines = (first.get(key, []), second.get(key, []))
            pairs = pair_lines(*lines, self.after.merged)
            reasoned = [
                ReasonedPair(pair, order_reasons(self.finder.find_line_reasons(pair)))
                for pair in pairs
            ]
            if reasoned:
                found.append(ProductDifference(key, *lines, reasoned))
        return found

    def _read_products(self, run: ComparedRun, id_map: Mapping[str, str]) -> ProductRows:
        count = {
            line.object_id: each.key[1]
            for each in self.products
            for line in (*each.lines_before, *each.lines_after)
        }
        return run.read_products({each.key for each in self.products}, count)

    def _add_remarks(self) -> None:
        """Name gene products of the other run with the symbol of one that came or went."""
        known: dict[tuple[str, str, str], list[str]] = {}
        for each in self.products:
            for _, symbol, *_ in self._get_rows(each):
                if symbol:
                    known.setdefault((each.change, each.key[0], symbol), []).append(each.key[1])
        for each in self.products:
            other = {"new": "gone", "gone": "new"}.get(each.change, "")
            for _, symbol, *_ in self._get_rows(each):
                for object_id in known.get((other, each.key[0], symbol), []):
                    each.remarks.append(f"{SAME_SYMBOL}{object_id}")

    def _get_rows(self, product: ProductDifference) -> list[tuple[str, ...]]:
        return self._rows[0].get(product.key, []) + self._rows[1].get(product.key, [])

    def _compare_organisms(self) -> list[Cells]:
        by_organism: dict[str, list[ProductDifference]] = {}
        for each in self.products:
            by_organism.setdefault(each.key[0], []).append(each)
        runs = (self.before.organisms, self.after.organisms)
        found = []
        for organism_id in sorted(runs[0].keys() | runs[1].keys(), key=order_organism):
            first, second = (rows.get(organism_id, {}) for rows in runs)
            products = by_organism.get(organism_id, [])
            if not products and all(
                first.get(name) == second.get(name)
                for name in ("verdict", "complete", "n_target_gene_products", "compared")
            ):
                continue
            found.append(self._make_organism(organism_id, first, second, products))
        return found

    def _make_organism(
        self, organism_id: str, first: Row, second: Row, products: Sequence[ProductDifference]
    ) -> Cells:
        moved = [each for each in products if each.target in ("new", "gone")]
        counts = Counter(each.reasons[0] for each in moved or products)
        of_all = self.finder.find_organism_reasons(organism_id)
        ordered = sorted(counts, key=lambda reason: (-counts[reason], rank_reason(reason)))
        primary = [*of_all, *ordered, *self._find_reasons_of_settings(organism_id)][0]
        every = order_reasons([*of_all, *(reason for each in products for reason in each.reasons)])
        return {
            "step": self.number,
            "organism_id": organism_id,
            "organism": (second or first)["organism"],
            "change": "changed" if first and second else ("new" if second else "gone"),
            "verdict_before": first.get("verdict", ""),
            "verdict_after": second.get("verdict", ""),
            "complete_before": first.get("complete", ""),
            "complete_after": second.get("complete", ""),
            "n_before": _parse(first.get("n_target_gene_products", "0" if not first else "")),
            "n_gone": sum(each.target == "gone" for each in products),
            "n_new": sum(each.target == "new" for each in products),
            "n_joined": sum(each.n_joined for each in products),
            "n_after": _parse(second.get("n_target_gene_products", "0" if not second else "")),
            "reason": primary,
            "n_reason": counts.get(primary, len(products) if primary in of_all else 0),
            "other_reasons": [reason for reason in every if reason != primary],
        }

    def _find_reasons_of_settings(self, organism_id: str) -> list[str]:
        """Return the reasons of an organism without a changed gene product: another verdict."""
        found: list[str] = [each for each in ("filters", "options") if each in self.finder.kinds]
        complete = [
            run.organisms.get(organism_id, {}).get("complete") for run in (self.before, self.after)
        ]
        if complete[0] != complete[1]:  # stated in one run and decided in the other
            found.insert(0, "completeness")
        if self.finder.has_same_files(organism_id) and "version" in self.finder.kinds:
            found.append("version")
        return [*found, *([] if self.finder.has_same_ontology else ["term_set"]), "unexplained"]

    def list_organisms(self) -> list[Cells]:
        """Return the rows of the table `organisms`."""
        return self.organisms

    def list_products(self) -> list[Cells]:
        """Return the rows of the table `gene_products`."""
        return [self._make_product(each) for each in self.products]

    def _make_product(self, product: ProductDifference) -> Cells:
        organism_id, object_id = product.key
        rows = [found.get(product.key, []) for found in self._rows]
        terms = [
            {line.go_id for line in lines} for lines in (product.lines_before, product.lines_after)
        ]
        first, second = (_find_row(found, object_id) for found in rows)
        reasons = product.reasons
        ids = [cells[0] for cells in rows[0]]
        return {
            "step": self.number,
            "organism_id": organism_id,
            "object_id": object_id,
            "ids_before": sorted(ids) if ids not in ([], [object_id]) else [],
            "symbol": second[1] or first[1],
            "change": product.change,
            "target": product.target,
            "status_before": first[2],
            "status_after": second[2],
            "group_before": first[3],
            "group_after": second[3],
            "terms_gone": sorted(terms[0] - terms[1]),
            "terms_new": sorted(terms[1] - terms[0]),
            "reason": reasons[0],
            "only_source": product.only_source,
            "other_reasons": [*reasons[1:], *sorted(set(product.remarks))],
        }

    def list_lines(self) -> list[Cells]:
        """Return the rows of the table `annotations`."""
        found = []
        for product in self.products:
            rows = [self._make_line(product.key, each) for each in product.pairs]
            found += sorted(rows, key=lambda row: [str(cell) for cell in list(row.values())[3:]])
        return found

    def _make_line(self, key: ProductKey, reasoned: ReasonedPair) -> Cells:
        pair, reasons = reasoned
        first, second = pair.before, pair.after
        return {
            "step": self.number,
            "organism_id": key[0],
            "object_id": key[1],
            "go_id": pair.one.go_id,
            "change": pair.change,
            "reason": reasons[0],
            "other_reasons": reasons[1:],
            "go_id_before": first.go_id if first else "",
            "class_before": first.term_class if first else "",
            "class_after": second.term_class if second else "",
            "relation_before": first.stated_relation if first else "",
            "relation_after": second.stated_relation if second else "",
            "evidence_before": first.evidence_code if first else "",
            "evidence_after": second.evidence_code if second else "",
            "with_from_before": first.with_from if first else "",
            "with_from_after": second.with_from if second else "",
            "reference_before": first.reference if first else "",
            "reference_after": second.reference if second else "",
            "source_before": describe_source(first) if first else "",
            "source_after": describe_source(second) if second else "",
        }


def _find_row(rows: Sequence[tuple[str, ...]], object_id: str) -> tuple[str, ...]:
    """Return the row of a gene product's own id; else the first, or empty cells."""
    own = [cells for cells in rows if cells[0] == object_id]
    return (own or list(rows) or [("",) * 4])[0]


def _parse(text: str) -> int | None:
    return int(text) if text else None
