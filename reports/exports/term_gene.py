"""A run as TERM2GENE and TERM2NAME tables for clusterProfiler, with a script that reads them.

A gene product belongs to a term if it has a supporting line on it, or on a term of the term set
below it. Run folders have lines of the term set only: for all of GO use the annotation files.
"""

from __future__ import annotations

from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_columns, read_rows

_SCRIPT = """\
# Reads the tables of this folder; with the package clusterProfiler, tests a list of genes.
# Usage: Rscript enrich.R [file with one gene product in each line]
term2gene <- read.delim("term2gene.tsv", quote = "", na.strings = "", colClasses = "character")
term2name <- read.delim("term2name.tsv", quote = "", na.strings = "", colClasses = "character")
cat(nrow(term2gene), "pairs of", length(unique(term2gene$term)), "terms and",
    length(unique(term2gene$gene)), "gene products\\n")
arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) == 1 && requireNamespace("clusterProfiler", quietly = TRUE)) {
  genes <- readLines(arguments[1])
  found <- clusterProfiler::enricher(genes, TERM2GENE = term2gene[, c("term", "gene")],
                                     TERM2NAME = term2name, minGSSize = 2)
  print(as.data.frame(found))
}
"""


def write_term_gene(folder: RunFolder, path: Path, ontology: Path | None) -> None:
    """Write `term2gene.tsv` (term, gene, organism), `term2name.tsv`, and a script for R.

    Args:
        folder: The run.
        path: A folder.
        ontology: That of the run; needed if the target has descendants.

    Raises:
        InputError: A table is missing or damaged, or the ontology is not that of the run.
    """
    above = _find_terms_above(folder, ontology)
    columns = ("organism_id", "object_id", "go_id", "takes_part", "negated")
    pairs = {
        (term, object_id, organism_id)
        for organism_id, object_id, go_id, takes_part, negated in read_columns(
            folder, "annotations", columns
        )
        if takes_part == "true" and negated != "true"
        for term in above.get(go_id, ())
    }
    with (path / "term2gene.tsv").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("term\tgene\torganism_id\n")
        stream.writelines("\t".join(pair) + "\n" for pair in sorted(pairs))
    with (path / "term2name.tsv").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("term\tname\n")
        for row in read_rows(folder, "term_set"):
            stream.write(f"{row['go_id']}\t{row['name']}\n")
    (path / "enrich.R").write_text(_SCRIPT, encoding="utf-8", newline="\n")


def _find_terms_above(folder: RunFolder, ontology: Path | None) -> dict[str, set[str]]:
    """Return each term of the term set, with itself and its ancestors in the set.

    Regulators do not belong to the terms that they regulate.
    """
    classes = {row["go_id"]: row["term_class"] for row in read_rows(folder, "term_set")}
    above = {go_id: {go_id} for go_id in classes}
    if "core" not in classes.values():
        return above
    if ontology is None:
        raise InputError(
            "--to term2gene: expected the ontology of the run, which says how the descendants of "
            "the term are related, got none (name it: --ontology go-basic.obo)"
        )
    from gafreduce.ontology.graph import load_graph
    from gafreduce.ontology.term_set import find_ancestors

    graph, record = load_graph(ontology), folder.read_record()
    if graph.sha256 != record["ontology"]["sha256"]:
        raise InputError(
            f"{ontology}: expected the ontology of the run "
            f"({record['ontology']['data_version'] or record['ontology']['source']}), got another "
            f"({graph.data_version or 'without a version'})"
        )
    for go_id, term_class in classes.items():
        if term_class in ("target", "core"):
            ancestors = find_ancestors(graph, go_id, record["relations"])
            above[go_id] |= {each for each in ancestors if classes.get(each) in ("target", "core")}
    return above
