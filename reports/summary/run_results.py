"""The results of a run folder for page, figures and exports: tables, summary, organism labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gafreduce.publishing.run_folder import RunFolder
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
        terms = (row for row in self.rows("terms") if row["term_class"])
        self.summary: Summary = make_summary(self.record, self.organisms, terms)
        names = Counter(row["organism"] for row in self.organisms)
        #: Label of each taxon: its name, with the taxonomy id where several have the same name.
        self.labels = {
            row["taxon_id"]: row["organism"]
            if names[row["organism"]] == 1
            else f"{row['organism']} ({row['taxon_id']})"
            for row in self.organisms
        }
        self._taxa = {label: taxon for taxon, label in self.labels.items()}
        #: Taxonomy ids of the compared organisms, in the order of the summary.
        self.compared = [str(found.taxon_id) for found in self.summary.organisms]

    def has(self, table: str) -> bool:
        """Return whether the run has a table."""
        return self.folder.has_table(table)

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table as text; none if the run lacks a table that it may lack."""
        if self.has(table) or table in ("organisms", "terms", "term_set"):
            yield from read_rows(self.folder, table)

    def label(self, taxon_id: str) -> str:
        """Return the label of a taxon."""
        return self.labels.get(taxon_id, f"taxon:{taxon_id}")

    def taxon_of(self, label: str) -> str:
        """Return the taxonomy id of a label."""
        return self._taxa[label]

    def name_organisms(self, taxon_ids: str) -> str:
        """Return the names of the organisms of a list cell, those of the others, or the number."""
        having = split_list(taxon_ids)
        known = set(having)
        if len(known) <= 3:
            return ", ".join(map(self.label, having))
        lacking = [taxon for taxon in self.compared if taxon not in known]
        if not lacking:
            return f"all {len(self.compared)}"
        if len(lacking) <= 2:
            return f"all but {', '.join(map(self.label, lacking))}"
        return f"{len(known)} of {len(self.compared)}"
