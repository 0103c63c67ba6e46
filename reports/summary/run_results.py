"""The results of a run folder for page, figures and exports: tables, summary, organism labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gafreduce.jobs.model.organisms import name_unnamed
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
        #: Label of each organism by its id: the name, with the id where several have the same name.
        self.labels = {
            row["organism_id"]: row["organism"]
            if names[row["organism"]] == 1
            else f"{row['organism']} ({row['organism_id']})"
            for row in self.organisms
        }
        self._organisms = {label: organism_id for organism_id, label in self.labels.items()}
        #: Ids of the compared organisms, in the order of the summary.
        self.compared = [found.organism_id for found in self.summary.organisms]

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

    def name_organisms(self, organism_ids: str) -> str:
        """Return the names of the organisms of a list cell, those of the others, or the number."""
        having = split_list(organism_ids)
        known = set(having)
        if len(known) <= 3:
            return ", ".join(map(self.label, having))
        lacking = [organism_id for organism_id in self.compared if organism_id not in known]
        if not lacking:
            return f"all {len(self.compared)}"
        if len(lacking) <= 2:
            return f"all but {', '.join(map(self.label, lacking))}"
        return f"{len(known)} of {len(self.compared)}"
