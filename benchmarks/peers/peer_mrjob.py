"""The naive mrjob job as a peer: a yield for each line, JSON between steps, mrjob's own runners.

python peer_mrjob.py TERM_FILE OUT FILE...

Two steps: the lines of a gene product come together and its terms are propagated, then the counts
of a term in a taxon are added up. It makes `profile` only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from contract import TAKING_PART, UNSTATED_CODES, read_terms, write_table
from mrjob.job import MRJob
from mrjob.step import MRStep

COLUMNS = (
    *("go_id", "taxon_id", "n_annotations", "n_gene_products"),
    *("n_gene_products_propagated", "n_gene_products_non_electronic"),
)


class MRProfile(MRJob):  # type: ignore[misc]  # mrjob has no types
    """Counts gene products by term and taxon."""

    FILES: ClassVar = ["contract.py"]  # travels with the job

    def configure_args(self) -> None:
        """Take the term file."""
        super().configure_args()
        self.add_file_arg("--terms")

    def steps(self) -> list[MRStep]:
        """Gather by gene product, then by term and taxon."""
        return [
            MRStep(
                mapper_init=self.load,
                mapper=self.read_line,
                reducer_init=self.load,
                reducer=self.propagate,
            ),
            MRStep(reducer=self.add_up),
        ]

    def load(self) -> None:
        """Read the term file."""
        self.terms = read_terms(Path(self.options.terms))
        self.ancestors = self.terms.ancestors()

    def read_line(self, _: Any, line: str) -> Iterator[tuple[Any, Any]]:
        """Yield the facts of a line about its gene product."""
        cells = line.split("\t")
        words = cells[3].lower().split("|")
        if cells[6] != "ND" and TAKING_PART.issuperset(words):
            taxon = cells[12].split("|")[0][len("taxon:") :]
            go_id = self.terms.primary.get(cells[4], cells[4])
            yield (taxon, f"{cells[0]}:{cells[1]}"), (go_id, cells[6] not in UNSTATED_CODES)

    def propagate(self, product: Any, lines: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield the counts of a gene product's terms and their ancestors."""
        n_annotations: dict[str, int] = {}
        stated: set[str] = set()
        for go_id, is_stated in lines:
            n_annotations[go_id] = n_annotations.get(go_id, 0) + 1
            if is_stated:
                stated.add(go_id)
        closed = set().union(*(self.ancestors.get(go_id, [go_id]) for go_id in n_annotations))
        for go_id in closed:
            n = n_annotations.get(go_id, 0)
            yield (go_id, product[0]), (n, int(n > 0), 1, int(go_id in stated))

    def add_up(self, key: Any, counts: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield the sums."""
        yield key, list(map(sum, zip(*counts, strict=True)))


def main(terms: str, out: Path, files: list[str]) -> None:
    """Run the job on all cores and write the table."""
    job = MRProfile(["--no-conf", "-r", "local", "--terms", terms, *files])
    with job.make_runner() as runner:
        runner.run()
        rows = [
            (go_id, int(taxon), *counts)
            for (go_id, taxon), counts in job.parse_output(runner.cat_output())
        ]
    write_table(out, "profile", COLUMNS, sorted(rows))


if __name__ == "__main__":
    if "--terms" in sys.argv:  # a task, started by mrjob
        MRProfile.run()
    else:
        main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
