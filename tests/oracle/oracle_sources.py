"""What remains of competence without each source, by pandas over the raw lines of GAF files.

An independent computation for files in which every line on the term is electronic: it shares no
code with the product and takes methods from With/From, where the product takes them from GO_REFs.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

TARGET, NEGATIVE = "GO:0030420", "GO:0045808"
METHODS = {
    "UniProtKB-KW": "UniProt keywords",
    "SP_KW": "UniProt keywords",
    "InterPro": "InterPro",
    "UniRule": "UniRule",
}
#: Taxon, source -> gene products with the target that remain, and negative regulators among them.
Remaining = dict[tuple[int, str], tuple[int, int]]


def count_remaining(files: Iterable[Path]) -> Remaining:
    """Return what remains without each source; the source "" leaves nothing out."""
    columns = {0: "db", 1: "id", 3: "qualifier", 4: "go_id", 6: "code", 7: "with", 12: "taxon"}
    lines = pd.concat(
        pd.read_csv(
            path, sep="\t", comment="!", header=None, usecols=list(columns), dtype=str, quoting=3
        ).rename(columns=columns)
        for path in files
    ).fillna("")
    lines = lines[lines["go_id"].isin([TARGET, NEGATIVE]) & ~lines["qualifier"].str.contains("NOT")]
    assert set(lines["code"]) == {"IEA"}
    lines["taxon"] = lines["taxon"].str.extract(r"taxon:(\d+)")[0].astype(int)
    lines["product"] = lines["db"] + ":" + lines["id"]
    lines["source"] = lines["with"].str.partition(":")[0].map(METHODS)
    found: Remaining = {}
    for taxon, of_taxon in lines.groupby("taxon"):
        target = of_taxon[of_taxon["go_id"] == TARGET]
        regulators = set(of_taxon.loc[of_taxon["go_id"] == NEGATIVE, "product"])
        for source in ["", *of_taxon["source"].unique()]:
            left = set(target.loc[target["source"] != source, "product"])
            found[int(taxon), source] = len(left), len(left & regulators)
    return found
