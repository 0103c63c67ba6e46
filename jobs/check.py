r"""The job of `gafreduce check`: findings of rules in annotation files, and nothing else.

    python jobs/check.py -r local --term-file terms --input-list inputs.tsv \
        --output-dir out --no-cat-output FILE.gaf [FILE.gaf.gz ...]

Step 1 maps lines to counts of files and to runs of gene products, and checks the rules across lines
in its reducer; step 2 adds up the counts. jobs/records.py defines all records.
"""

from __future__ import annotations

from typing import IO, Any, Iterator, List

from gafreduce.jobs import records
from gafreduce.jobs.mapper.map_task import map_task
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.reducer import merge_reducer
from gafreduce.jobs.reducer.product_rules import ProductRuleChecker
from gafreduce.jobs.runners import script
from gafreduce.jobs.runners.stream_job import MRStep, StreamJob


class MRCheck(StreamJob):
    """Counts the findings of each file."""

    def steps(self) -> list[Any]:
        """Return the two steps; the second needs no mapper: its records have keys."""
        return [
            MRStep(mapper=self.map_annotations, reducer=self.reduce_gene_products),
            MRStep(reducer=self.reduce_files),
        ]

    def map_annotations(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Map annotation lines to line counts, and to runs of gene products."""
        mapper = ProfileMapper(self.terms, False, self.filters)
        for found in map_task(mapper, stdin, self.inputs):
            yield [record for record in found if not records.is_mapped_row(record)]

    def reduce_gene_products(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Reduce runs of gene products to findings, by file."""
        return ProductRuleChecker(self.terms).reduce(stdin)

    def reduce_files(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Reduce counts of parts of files to sums."""
        return merge_reducer.merge(stdin)


if __name__ == "__main__":
    script.main(MRCheck)
