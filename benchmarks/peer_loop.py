"""A plain Python loop as a peer: dicts and sets, a line at a time; counts only, no tables.

python peer_loop.py OBO FILE...
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path


def main(obo: Path, files: list[str]) -> None:
    """Count direct and propagated distinct gene products."""
    parents: dict[str, list[str]] = {}
    primary: dict[str, str] = {}
    for stanza in obo.read_text().split("\n[Term]\n")[1:]:
        go_id = stanza[4:14]
        parents[go_id] = re.findall(r"^(?:is_a:|relationship: part_of) (\S+)", stanza, re.M)
        primary |= dict.fromkeys(re.findall(r"^alt_id: (\S+)", stanza, re.M), go_id)

    known: dict[str, frozenset[str]] = {}

    def up(go_id: str) -> frozenset[str]:
        if go_id not in known:
            known[go_id] = frozenset({go_id}).union(*map(up, parents.get(go_id, ())))
        return known[go_id]

    terms_of: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in files:
        with Path(path).open(encoding="utf-8") as stream:
            for line in stream:
                cells = line.split("\t")
                if cells[6] != "ND" and "NOT" not in cells[3]:
                    go_id = primary.get(cells[4], cells[4])
                    terms_of[cells[12], cells[1]].add(go_id)
    counts: Counter[tuple[str, str]] = Counter()
    for (taxon, _), go_ids in terms_of.items():
        for go_id in frozenset().union(*map(up, go_ids)):
            counts[go_id, taxon] += 1
    print(len(counts), "rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
