"""DuckDB as a peer: runs peer_duckdb.sql and writes its tables as TSV and Parquet.

python peer_duckdb.py OBO OUT FILE...
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

ORDER = {
    "profile": "go_id, taxon_id",
    "organisms": "taxon_id",
    "terms": "go_id",
    "annotations": "taxon_id, object_id, go_id, line",
}


def main(obo: str, out: Path, files: list[str]) -> None:
    """Write the tables into a folder."""
    out.mkdir(parents=True)
    base = duckdb.connect()
    base.execute("set variable files = ?", [files])
    base.execute("set variable obo = ?", [obo])
    base.execute((Path(__file__).with_name("peer_duckdb.sql")).read_text())
    for name, order in ORDER.items():
        query = f"(select * from {name} order by {order})"
        base.execute(f"copy {query} to '{out}/{name}.tsv' (delimiter '\t', header, quote '')")
        base.execute(f"copy {query} to '{out}/{name}.parquet' (format parquet)")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
