"""Holds a peer's tables against ours: no time is told of tables that differ.

python compare.py OUR_RUN_DIR PEER_DIR
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

COLUMNS = {
    "profile": (
        "go_id",
        "taxon_id",
        "n_annotations",
        "n_gene_products",
        "n_gene_products_propagated",
        "n_gene_products_non_electronic",
    ),
    "organisms": (
        "taxon_id",
        "n_annotations",
        "n_gene_products",
        "n_terms",
        "n_in_aspect",
        "n_target_annotations",
        "n_target_gene_products",
    ),
    "annotations": ("taxon_id", "object_id", "go_id", "line"),
}


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield some columns of a TSV."""
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield tuple(row[name] for name in columns)


def differences(ours: Path, peer: Path) -> list[str]:
    """Return in words what differs."""
    found = []
    for name, columns in COLUMNS.items():
        one = sorted(rows(ours / "tables" / f"{name}.tsv", columns))
        other = sorted(rows(peer / f"{name}.tsv", columns))
        if one != other:
            first = next((pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]), "")
            found.append(f"{name}: {len(one)} and {len(other)} rows; first difference {first}")
    return found


if __name__ == "__main__":
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or "the same numbers")
    sys.exit(bool(found))
