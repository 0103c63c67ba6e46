"""DuckDB as a peer: runs peer_duckdb.sql.

python peer_duckdb.py TERM_FILE OUT FILE...
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def main(terms: str, out: Path, files: list[str]) -> None:
    """Write the tables into a folder."""
    out.mkdir(parents=True)
    base = duckdb.connect()
    for name, value in (("files", files), ("terms", terms), ("out", str(out))):
        base.execute(f"set variable {name} = ?", [value])
    base.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
