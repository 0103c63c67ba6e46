"""The results of a run folder for page, figures and exports: tables, summary, organism labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.jobs.model.organisms import name_unnamed
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.summary.italics import NameRun, needs_rank, split_name
from gafreduce.reports.summary.summary import Summary, make_summary
from gafreduce.reports.tables.reader import Row, read_rows, split_list

#: Characters that change the direction of the text after them, up to the end of a sentence.
_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class RunResults:
    """The results of a run folder; rows of most tables are read each time they are requested."""

    def __init__(self, folder: RunFolder) -> None:
        """Read the record, the organisms, the term set, and make the summary.

        Raises:
            InputError: A table is missing or damaged.
        """
        self.folder = folder
        self.record: dict[str, Any] = folder.read_record()
        self.organisms = [
            {**row, "organism": row["organism"].translate(_DIRECTION)}
            for row in read_rows(folder, "organisms")
        ]
        self.term_set = list(read_rows(folder, "term_set"))
        self._terms = [row for row in self.rows("terms") if row["term_class"]]
        self.summary: Summary = self._summarise()
        names = Counter(row["organism"] for row in self.organisms)
        #: Label of each organism by its id: the name, with the id where several have the same name.
        self.labels = {
            row["organism_id"]: row["organism"]
            if names[row["organism"]] == 1
            else f"{row['organism']} ({row['organism_id']})"
            for row in self.organisms
        }
        self._rows = {row["organism_id"]: row for row in self.organisms}
        self._taxa = TaxonNames()
        self._runs: dict[str, list[NameRun]] = {}  # by label, of those that were asked for
        self._organisms = {label: organism_id for organism_id, label in self.labels.items()}
        #: Ids of the compared organisms, in the order of the summary.
        self.compared = [found.organism_id for found in self.summary.organisms]

    @property
    def has_tree(self) -> bool:
        """Whether a tree orders the organisms."""
        return "organism_order" in self.record

    @property
    def order(self) -> str:
        """The order of the organisms, in words."""
        if self.has_tree:
            return "tree"
        has_groups = any(row["group"] for row in self.list_compared())
        return "group" if has_groups else "strongest evidence"

    def add_statistics(self) -> None:
        """Make the summary again, with the statistics that were written since."""
        self.summary = self._summarise()

    def _summarise(self) -> Summary:
        return make_summary(
            self.record,
            self.organisms,
            self._terms,
            self.rows("robustness"),
            self.rows("gene_products") if self.has("robustness") else (),
        )

    def list_compared(self) -> list[Row]:
        """Return the rows of the compared organisms, in the order of the summary."""
        by_id = {row["organism_id"]: row for row in self.organisms}
        return [by_id[organism_id] for organism_id in self.compared]

    def list_term_set(self) -> list[Row]:
        """Return the rows of `terms` of the term, its descendants and regulators."""
        return self._terms

    def has(self, table: str) -> bool:
        """Return whether the run has a table."""
        return self.folder.has_table(table)

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table as text; none if the run lacks a table that it may lack."""
        if self.has(table) or table in ("organisms", "terms", "term_set"):
            yield from read_rows(self.folder, table)

    def label(self, organism_id: str) -> str:
        """Return the label of an organism."""
        return self.labels.get(organism_id, name_unnamed(organism_id))

    def organism_of(self, label: str) -> str:
        """Return the id of the organism with a label."""
        return self._organisms[label]

    def split_label(self, label: str) -> Sequence[NameRun]:
        """Return the italic and upright parts of a label; none if it is of no organism."""
        organism_id = self._organisms.get(label)
        if organism_id is None:
            return ()
        if label not in self._runs:
            row = self._rows[organism_id]
            name = row["organism"]
            has_rank = row.get("name_source") not in ("sample", "taxon_id") and needs_rank(name)
            rank = self._taxa.find_rank(int(row["taxon_id"])) if has_rank else ""
            rest = label.removeprefix(name)
            self._runs[label] = [*split_name(name, rank), *([NameRun(rest, False)] if rest else [])]
        return self._runs[label]

    def name_organisms(self, organism_ids: str) -> str:
        """Return the names of the organisms of a list cell, those of the others, or the number."""
        return "".join(self.list_organisms(organism_ids))

    def list_organisms(self, organism_ids: str) -> list[str]:
        """Return the parts of `name_organisms`: names, and what is between them."""
        having = split_list(organism_ids)
        known = set(having)
        if len(known) <= 3:
            return self._join(having)
        lacking = [organism_id for organism_id in self.compared if organism_id not in known]
        if not lacking:
            return [f"all {len(self.compared)}"]
        if len(lacking) <= 2:
            return ["all but ", *self._join(lacking)]
        return [f"{len(known)} of {len(self.compared)}"]

    def _join(self, organism_ids: Sequence[str]) -> list[str]:
        """Return names with commas between them."""
        return [part for each in organism_ids for part in (", ", self.label(each))][1:]
