"""Sources of annotations that GO stopped using, with the date and the taxa that it kept them for.

The table `retired_sources.tsv` gives a reference for each.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from gafreduce.reports.tables.completeness import is_viral_name

RETIRED = Path(__file__).parent / "retired_sources.tsv"


class RetiredSource(NamedTuple):
    """A source that GO stopped using."""

    source: str  # as in annotation_sources
    retired: str  # YYYY-MM
    except_taxa: str  # taxa for which it is still in use: `viruses`, or empty
    words: str  # what it is, with its article
    references: tuple[str, ...]  # addresses

    def applies_to(self, *names: str) -> bool:
        """Return whether it is retired for an organism.

        Args:
            names: Names of the organism: from the NCBI Taxonomy, from the user.
        """
        return self.except_taxa != "viruses" or not any(map(is_viral_name, names))


@cache
def read_retired_sources() -> tuple[RetiredSource, ...]:
    """Return the retired sources of the table in the package."""
    with RETIRED.open(encoding="utf-8", newline="") as stream:
        return tuple(
            RetiredSource(**row | {"references": tuple(row["references"].split("|"))})
            for row in csv.DictReader(stream, delimiter="\t")
        )
