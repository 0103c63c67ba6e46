"""Direct and propagated gene products by goatools' own association reader and closure.

A second independent computation. goatools' reader leaves out NOT and ND by itself; it knows no
other relations, so this serves for files without them (GAF 2.1).
"""

from __future__ import annotations

import gzip
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from goatools.anno.gaf_reader import GafReader
from goatools.godag.go_tasks import get_go2ancestors
from goatools.obo_parser import GODag

#: n_gene_products, n_gene_products_propagated
Counts = dict[tuple[str, int], tuple[int, int]]


def _plain(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def count(files: Sequence[Path], ontology: Path) -> Counts:
    """Return the distinct gene products of each (term, taxon) with at least one."""
    direct: dict[tuple[str, int], set[str]] = defaultdict(set)
    propagated: dict[tuple[str, int], set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        obo = Path(folder) / "go.obo"
        obo.write_bytes(_plain(ontology))
        dag = GODag(str(obo), optional_attrs={"relationship"}, load_obsolete=True, prt=None)
        ancestors = get_go2ancestors(set(dag.values()), {"part_of"}, prt=None)
        for number, path in enumerate(files):
            text = _plain(path)
            if not text.startswith(b"!gaf-version"):
                text = b"!gaf-version: 2.1\n" + text
            gaf = Path(folder) / f"{number}.gaf"
            gaf.write_bytes(text.replace(b"Contributes_to", b"contributes_to"))
            for found in GafReader(str(gaf), prt=None).associations:
                if "NOT" in found.Qualifier or found.Evidence_Code == "ND":
                    continue
                go_id = dag[found.GO_ID].item_id if found.GO_ID in dag else found.GO_ID
                product, taxon = f"{found.DB}:{found.DB_ID}", int(found.Taxon[0])
                direct[go_id, taxon].add(product)
                for each in {go_id, *ancestors.get(go_id, ())}:
                    propagated[each, taxon].add(product)
    return {key: (len(direct.get(key, ())), len(found)) for key, found in propagated.items()}
