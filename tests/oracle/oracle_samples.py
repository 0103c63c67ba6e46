"""The numbers of runs with samples, by the oracle in SQL, which knows taxa only.

Each sample becomes a taxon of its own in copies of the files: column 13 is rewritten line by line.
The product never sees these copies.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import oracle_duckdb
from oracle_duckdb import ORGANISM_COLUMNS, PROFILE_COLUMNS, TERM_COLUMNS, Numbers

#: The taxon of the first sample in the copies: above all taxa of the files.
FIRST = 2_000_000_000


class SheetFile(NamedTuple):
    """A file of a sample sheet."""

    path: Path
    sample: str = ""
    taxon_id: int = 0
    pool_taxa: bool = False


def write_sheet(files: Sequence[SheetFile], path: Path) -> None:
    """Write the sample sheet of some files."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(["path", "sample", "taxon_id", "pool_taxa"])
        for each in files:
            pool = "true" if each.pool_taxa else ""
            writer.writerow([each.path.name, each.sample, each.taxon_id or "", pool])


def number_samples(files: Sequence[SheetFile]) -> dict[str, int]:
    """Return the taxon of each sample in the copies."""
    names = sorted({each.sample for each in files} - {""})
    return {name: FIRST + place for place, name in enumerate(names)}


def count(
    files: Sequence[SheetFile], ontology: Path, folder: Path, strays: set[int], complete: set[int]
) -> Numbers:
    """Return the numbers of the files, by SQL over copies in a folder.

    Args:
        files: As in the sample sheet.
        ontology: OBO file.
        folder: For the copies.
        strays: Organisms that are not compared.
        complete: Organisms that are complete.
    """
    numbers = number_samples(files)
    copies = [folder / each.path.name for each in files]
    taxa = set(numbers.values())
    for each, copy in zip(files, copies, strict=True):
        with each.path.open() as source, copy.open("w") as target:
            for line in source:
                cells = line.rstrip("\n").split("\t")
                if not line.startswith("!"):
                    is_own = each.pool_taxa or cells[12] == f"taxon:{each.taxon_id}"
                    if each.sample and is_own:
                        cells[12] = f"taxon:{numbers[each.sample]}"
                    taxa.add(int(cells[12].removeprefix("taxon:")))
                target.write("\t".join(cells) + "\n")
    return oracle_duckdb.count(copies, ontology, sorted(taxa - strays), sorted(complete))


def read_run(run_dir: Path, numbers: Mapping[str, int]) -> Numbers:
    """Return the same numbers from the tables of a run folder, with the taxa of the copies."""

    def rows(name: str) -> Iterator[dict[str, str]]:
        with (run_dir / "tables" / f"{name}.tsv").open(encoding="utf-8", newline="\n") as stream:
            yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)

    def number(organism_id: str) -> int:
        return numbers[organism_id] if organism_id in numbers else int(organism_id)

    def translate(cells: dict[str, str]) -> dict[str, str]:
        lists = {name: cells[name] for name in TERM_COLUMNS if name.startswith("organism_ids")}
        return {name: cells[name] for name in TERM_COLUMNS} | {
            name: "|".join(str(number(each)) for each in text.split("|") if each)
            for name, text in lists.items()
        }

    return Numbers(
        profile={
            (row["go_id"], number(row["organism_id"])): tuple(int(row[c]) for c in PROFILE_COLUMNS)
            for row in rows("profile")
        },
        organisms={
            number(row["organism_id"]): {name: row[name] for name in ORGANISM_COLUMNS}
            for row in rows("organisms")
        },
        terms={row["go_id"]: translate(row) for row in rows("terms")},
    )
