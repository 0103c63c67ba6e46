"""Differences between two runs by term: the term set, and gene products by term and organism.

The run folders hold the lines of the term set only. So a propagated number is explained by the
ontology only where the earlier run's lines, read with the later ontology, give the later number:
when an organism's files are the same, or when all terms below are in the earlier term set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from gafreduce.jobs.model.organisms import order_organism
from gafreduce.ontology.termfile import SUPPORTING_CLASSES
from gafreduce.reports.comparison.line_table import (
    count_products,
    hash_rows,
    is_among,
    read_rows_where,
)
from gafreduce.reports.comparison.reasons import order_reasons
from gafreduce.reports.comparison.steps import Cells, RunStep

#: Gene products of a term in an organism, direct and propagated.
_Counts = dict[tuple[str, str], tuple[int, int]]


class TermComparison:
    """Finds the rows of the table `terms`."""

    def __init__(self, step: RunStep) -> None:
        """Read the counts of both runs.

        Args:
            step: The step, with the differences of lines.
        """
        self._step = step
        self._finder = step.finder
        self._before, self._after = step.before, step.after
        self._lines: dict[tuple[str, str], list[str]] = {}
        for product in step.products:
            for pair, reasons in product.pairs:
                for line in filter(None, (pair.before, pair.after)):
                    key = (line.go_id, product.key[0])
                    self._lines.setdefault(key, []).append(reasons[0])

    def list_rows(self) -> list[Cells]:
        """Return the rows, by term and organism."""
        rows = [*self._compare_term_sets(), *self._compare_counts()]
        return sorted(
            rows, key=lambda row: (row["go_id"], order_organism(row["organism_id"] or "0"))
        )

    def _compare_term_sets(self) -> Iterator[Cells]:
        sets = (self._before.term_set, self._after.term_set)
        for go_id in sorted(sets[0].keys() | sets[1].keys()):
            first, second = (found.get(go_id, {}).get("term_class", "") for found in sets)
            if first != second:
                reasons = self._find_term_reasons(go_id) or [self._find_set_reason()]
                yield self._make_row(go_id, "", (None, None), (None, None), None, reasons)

    def _find_set_reason(self) -> str:
        if not self._finder.has_same_ontology:
            return "term_set"
        kinds = [kind for kind in ("options", "version") if kind in self._finder.kinds]
        return [*kinds, "unexplained"][0]

    def _find_term_reasons(self, go_id: str) -> list[str]:
        """Return whether a term was merged or retired by one of the ontologies."""
        if self._finder.has_same_ontology:
            return []
        if go_id in self._after.merged or go_id in self._before.merged:
            return ["term_merged"]
        is_retired = go_id in self._after.retired_terms
        return ["term_retired"] if is_retired != (go_id in self._before.retired_terms) else []

    def _compare_counts(self) -> Iterator[Cells]:
        columns = ("go_id", "organism_id", "n_gene_products", "n_gene_products_propagated")
        first, second = self._read_changed(columns)
        for key in first.keys() | second.keys():
            before, after = first.get(key, (0, 0)), second.get(key, (0, 0))
            if before != after:
                reread = self._reread(*key)
                reasons = self._find_reasons(*key, before, after, reread)
                yield self._make_row(*key, before, after, reread, reasons)

    def _read_changed(self, columns: Sequence[str]) -> tuple[_Counts, _Counts]:
        """Return the rows of `profile` that are not equal in both runs, by their keys."""
        hashed = [hash_rows(run.folder, "profile", columns) for run in (self._before, self._after)]
        both = np.intersect1d(hashed[0], hashed[1], assume_unique=True)
        first, second = (
            {
                (go_id, organism_id): (int(direct), int(below))
                for go_id, organism_id, direct, below in read_rows_where(
                    run.folder, "profile", columns, ~is_among(hashes, both)
                )
            }
            for run, hashes in zip((self._before, self._after), hashed, strict=True)
        )
        return first, second

    @cached_property
    def _direct_before(self) -> set[tuple[str, str]]:
        """Terms and organisms of the earlier run with gene products on the term itself."""
        columns = ("go_id", "organism_id", "n_gene_products")
        rows = self._before.read_parquet("profile", columns)
        return {(go_id, organism_id) for go_id, organism_id, direct in rows if direct}

    def _list_terms_below(self, go_id: str) -> frozenset[str] | None:
        """Return a term and its descendants in the later ontology; None if they are not known."""
        if self._after.graph is not None:
            from gafreduce.ontology.term_set import find_descendants

            if go_id not in self._after.graph.nodes:
                return None
            return find_descendants(self._after.graph, [go_id], ("is_a", "part_of"))
        has_relations = set(self._after.record["relations"]) == {"is_a", "part_of"}
        if go_id == self._after.target and has_relations:
            rows = self._after.term_set.items()
            return frozenset(each for each, row in rows if row["term_class"] in SUPPORTING_CLASSES)
        return None

    def _reread(self, go_id: str, organism_id: str) -> int | None:
        """Return the propagated number that the earlier lines give with the later ontology."""
        if self._finder.has_same_ontology:
            return None
        below = self._list_terms_below(go_id)
        if below is None:
            return None
        unknown = below - self._before.term_set.keys()
        if any((each, organism_id) in self._direct_before for each in unknown):
            return None
        replaced = {old for old, new in self._after.merged.items() if new in below}
        return count_products(self._before.supporting_lines, organism_id, sorted(below | replaced))

    def _find_reasons(
        self,
        go_id: str,
        organism_id: str,
        before: tuple[int, int],
        after: tuple[int, int],
        reread: int | None,
    ) -> list[str]:
        finder = self._finder
        found = finder.find_organism_reasons(organism_id)
        is_in_set = go_id in self._before.term_set or go_id in self._after.term_set
        if not is_in_set or before[0] == after[0]:
            found += [kind for kind in ("filters", "options") if kind in finder.kinds]
        if finder.has_same_files(organism_id) and finder.has_same_ontology:
            found += ["version"] * ("version" in finder.kinds)
        found += self._find_term_reasons(go_id)
        if not finder.has_same_ontology and before[0] == after[0]:
            is_explained = reread is not None and reread == after[1]
            if is_explained or finder.has_same_files(organism_id):
                found.append("term_set")
        if before[0] != after[0]:
            found += self._lines.get((go_id, organism_id), [])
        return order_reasons(found) or [self._find_last_reason(before, after)]

    def _find_last_reason(self, before: tuple[int, int], after: tuple[int, int]) -> str:
        if self._finder.has_same_ontology or before[0] != after[0]:
            return "lines"
        return "undetermined"

    def _make_row(
        self,
        go_id: str,
        organism_id: str,
        before: tuple[int | None, int | None],
        after: tuple[int | None, int | None],
        reread: int | None,
        reasons: Sequence[str],
    ) -> Cells:
        classes = [
            run.term_set.get(go_id, {}).get("term_class", "") for run in (self._before, self._after)
        ]
        has = [bool(before[1]), bool(after[1])] if organism_id else [bool(each) for each in classes]
        return {
            "step": self._step.number,
            "go_id": go_id,
            "organism_id": organism_id,
            "name": self._after.name_term(go_id) or self._before.name_term(go_id),
            "change": "changed" if all(has) else ("new" if has[1] else "gone"),
            "class_before": classes[0],
            "class_after": classes[1],
            "n_before": before[0],
            "n_after": after[0],
            "n_propagated_before": before[1],
            "n_propagated_after": after[1],
            "n_propagated_reread": reread,
            "reason": reasons[0],
            "other_reasons": list(reasons[1:]),
        }
