"""A run as a graph of terms, gene products and organisms, in GraphML (Cytoscape, Gephi, igraph)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_columns, read_rows

_STEP = re.compile(r"(GO:\d{7}) -(\w+)-> (?=(GO:\d{7}))")
#: Characters that XML cannot have.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_graph(folder: RunFolder, path: Path, _: Path | None = None) -> None:
    """Write nodes of the kinds term, gene_product and organism, and the edges between them.

    An edge of the kind annotation has the number of lines and their evidence codes; NOT lines are
    edges of the kind not_annotation.

    Raises:
        ModuleNotFoundError: networkx is not installed.
        InputError: A table is missing or damaged.
    """
    import networkx

    graph = networkx.DiGraph()
    names = {row["organism_id"]: row["organism"] for row in read_rows(folder, "organisms")}
    for row in read_rows(folder, "term_set"):
        graph.add_node(
            row["go_id"], kind="term", label=_clean(row["name"]), term_class=row["term_class"]
        )
    for row in read_rows(folder, "term_set"):
        for child, relation, parent in _STEP.findall(row["relation_path"]):
            if child in graph and parent in graph:
                graph.add_edge(child, parent, kind=relation)
    for row in read_rows(folder, "gene_products"):
        organism, node = f"organism:{row['organism_id']}", _name_product(row)
        label = _clean(row["symbol"] or row["object_id"])
        graph.add_node(organism, kind="organism", label=_clean(names[row["organism_id"]]))
        graph.add_node(node, kind="gene_product", label=label, status=row["status"])
        graph.add_edge(node, organism, kind="gene_product_of")
    counts: dict[tuple[str, str, bool], Counter[str]] = {}
    columns = ("organism_id", "object_id", "go_id", "negated", "evidence_code")
    for organism_id, object_id, go_id, negated, code in read_columns(
        folder, "annotations", columns
    ):
        node = _name_product({"organism_id": organism_id, "object_id": object_id})
        counts.setdefault((node, go_id, negated == "true"), Counter())[code] += 1
    for (node, go_id, is_negated), codes in counts.items():
        if go_id not in graph:  # a NOT on an ancestor of the target
            graph.add_node(go_id, kind="term", label=go_id, term_class="ancestor")
        kind = "not_annotation" if is_negated else "annotation"
        if is_negated and graph.has_edge(node, go_id):
            graph.edges[node, go_id]["also_not"] = True
            continue
        listed = _clean(", ".join(sorted(codes)))
        graph.add_edge(node, go_id, kind=kind, n_annotations=codes.total(), evidence=listed)
    networkx.write_graphml_xml(graph, str(path), infer_numeric_types=True)


def _name_product(row: dict[str, str]) -> str:
    return _clean(f"{row['organism_id']}/{row['object_id']}")


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
