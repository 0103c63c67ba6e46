"""goatools as a peer, as far as it gets: reads each file, then propagates taxon by taxon.

python peer_goatools.py OBO OUT FILE...
python peer_goatools.py --read FILE...          (reading alone)

It makes one column of `profile`. It reads plain text only, so the ontology must be unpacked.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from contract import write_table
from goatools.anno.gaf_reader import GafReader
from goatools.anno.update_association import update_association
from goatools.obo_parser import GODag


def read(path: str) -> list[Any]:
    """Return the annotations of a file, as goatools' named tuples."""
    return list(GafReader(path, prt=None).associations)


def main(obo: str, out: Path, files: list[str]) -> None:
    """Write the propagated counts."""
    dag = GODag(obo, optional_attrs={"relationship"}, load_obsolete=True, prt=None)
    terms_of: defaultdict[int, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in files:
        for found in read(path):
            if "NOT" not in found.Qualifier and found.Evidence_Code != "ND":
                go_id = dag[found.GO_ID].item_id if found.GO_ID in dag else found.GO_ID
                terms_of[found.Taxon[0]][f"{found.DB}:{found.DB_ID}"].add(go_id)
    counts: Counter[tuple[str, int]] = Counter()
    for taxon, products in terms_of.items():
        update_association(products, dag, relationships={"part_of"}, prt=None)
        for go_ids in products.values():
            for go_id in go_ids:
                counts[go_id, taxon] += 1
    columns = ("go_id", "taxon_id", "n_gene_products_propagated")
    write_table(out, "profile", columns, ((*key, n) for key, n in sorted(counts.items())))


if __name__ == "__main__":
    if sys.argv[1] == "--read":
        for name in sys.argv[2:]:
            read(name)
    else:
        main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
