"""Makes the benchmarks' inputs from the five whole files: nothing of them is committed.

python make_input.py FOLDER_WITH_WHOLE_FILES OUT [COPIES] [--other-sets]

Each copy gets taxa and accessions of its own. With --other-sets the terms are dealt out anew among
the gene products of each copy (frequencies kept), so that no two organisms have the same sets of
terms and no cache is flattered. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import random
from pathlib import Path


def copy_of(rows: list[list[bytes]], number: int, other_sets: bool) -> list[bytes]:
    """Return the lines of one copy."""
    terms = [(row[4], row[8]) for row in rows]
    if other_sets:
        random.Random(number).shuffle(terms)
    lines = []
    for row, (go_id, aspect) in zip(rows, terms, strict=True):
        cells = list(row)
        cells[1] += b"x%d" % number
        cells[4], cells[8] = go_id, aspect
        cells[12] += b"%02d" % number
        lines.append(b"\t".join(cells) + b"\n")
    return lines


def main() -> None:
    """Write one file for each whole file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("copies", type=int, nargs="?", default=20)
    parser.add_argument("--other-sets", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(arguments.folder.glob("*.gaf.gz")):
        with gzip.open(path, "rb") as stream:
            rows = [line.rstrip(b"\n").split(b"\t") for line in stream]
        target = arguments.out / path.name.removesuffix(".gz")
        with target.open("wb") as stream:
            for number in range(arguments.copies):
                stream.writelines(copy_of(rows, number, arguments.other_sets))


if __name__ == "__main__":
    main()
