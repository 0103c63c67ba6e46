"""Run the benchmarks: measure gafreduce and hold every figure to its bound.

    python bench.py FOLDER_WITH_WHOLE_FILES OBO SCRATCH CHECK... [--out FOLDER] [--rounds N]

A check makes the inputs it needs below SCRATCH/inputs (and keeps them), measures, and gives rows of
a table: figure, bound, and whether the bound holds. All rows are kept in OUT/rows.json by check, so
that one check can be measured again, and OUT/rows.md is written from it. The check `all` means
all of them but those on Hadoop, which start a cluster.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import peer_checks
import size_checks
from commands import Bench
from harness import Session, write_rows

CHECKS = {**peer_checks.CHECKS, **size_checks.CHECKS}
ALL = [name for name in CHECKS if name != "quick"]
#: These need the packages of the tests; peers need those of their own environment.
ON_HADOOP = ("hadoop", "hadoop-cpu")


def main() -> None:
    """Measure the checks that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("whole", type=Path)
    parser.add_argument("obo", type=Path)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("checks", nargs="+", choices=["all", *CHECKS, *ON_HADOOP], metavar="CHECK")
    parser.add_argument("--out", type=Path, help="default: SCRATCH/results")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    out = arguments.out or arguments.scratch / "results"
    out.mkdir(parents=True, exist_ok=True)
    bench = Bench(arguments.obo.resolve(), arguments.scratch.resolve())
    bench.scratch.mkdir(parents=True, exist_ok=True)
    session = Session(arguments.whole, bench, out, arguments.rounds)
    checks = dict(CHECKS)
    if set(arguments.checks) & set(ON_HADOOP):
        import hadoop_checks

        checks |= hadoop_checks.CHECKS
    for name in ALL if "all" in arguments.checks else arguments.checks:
        found = list(checks[name](session))
        write_rows(out, name, found, [*CHECKS, *ON_HADOOP])
        for row in found:
            print(f"{'' if row.holds else 'NOT '}held: {row.what} {row.bound}: {row.figure}")


if __name__ == "__main__":
    main()
