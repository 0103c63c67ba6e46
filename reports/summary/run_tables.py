"""A run folder as the page reads it: its record, its answer, and the tables that are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.summary.summary import Answer, make_answer
from gafreduce.reports.tables.reader import Row, list_cell, read_rows

#: Characters that turn the direction of the text behind them, up to the end of a sentence.
_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class RunTables:
    """The tables of a run folder, by name; rows are read when they are asked for."""

    def __init__(self, folder: RunFolder) -> None:
        """Read the record, the organisms and the answer.

        Raises:
            TableError: A table is missing or damaged.
        """
        self.folder = folder
        self.record: dict[str, Any] = folder.read_record()
        self.organisms = [
            {**row, "organism": row["organism"].translate(_DIRECTION)}
            for row in read_rows(folder, "organisms")
        ]
        self.term_set = list(read_rows(folder, "term_set"))
        closure_terms = (row for row in self.rows("terms") if row["term_class"])
        self.answer: Answer = make_answer(self.record, self.organisms, closure_terms)
        names = Counter(row["organism"] for row in self.organisms)
        #: Name of each taxon; those of the same name with their taxonomy id.
        self.labels = {
            row["taxon_id"]: row["organism"]
            if names[row["organism"]] == 1
            else f"{row['organism']} ({row['taxon_id']})"
            for row in self.organisms
        }
        self._taxa = {label: taxon for taxon, label in self.labels.items()}
        #: Compared organisms, in the order of the answer.
        self.compared = [str(found.taxon_id) for found in self.answer.organisms]

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return self.folder.has_table(name)

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of a table, as text; none when the table isn't there."""
        if self.has(name) or name in ("organisms", "terms", "term_set"):
            yield from read_rows(self.folder, name)

    def label(self, taxon_id: str) -> str:
        """Return the name of a taxon."""
        return self.labels.get(taxon_id, f"taxon:{taxon_id}")

    def taxon_of(self, label: str) -> str:
        """Return the taxon of an organism by its `label`."""
        return self._taxa[label]

    def who(self, taxon_ids: str) -> str:
        """Return a list cell of taxa in few words: who has it, or who hasn't."""
        having = list_cell(taxon_ids)
        known = set(having)
        if len(known) <= 3:
            return ", ".join(map(self.label, having))
        lacking = [taxon for taxon in self.compared if taxon not in known]
        if not lacking:
            return f"all {len(self.compared)}"
        if len(lacking) <= 2:
            return f"all but {', '.join(map(self.label, lacking))}"
        return f"{len(known)} of {len(self.compared)}"
