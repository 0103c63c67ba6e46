r"""The job of `gafreduce check`: what rules have to say of annotation files, and nothing else.

    python jobs/check.py -r local --term-file terms --input-list inputs.tsv \
        --output-dir out --no-cat-output FILE.gaf [FILE.gaf.gz ...]

Step 1 maps lines to counts of files, and to the terms of each run of lines of a gene product, and
asks the rules across lines in its reducer; step 2 adds up the counts. Every record is described in
docs/formats.md#records-of-the-jobs.
"""

from __future__ import annotations

from typing import IO, Any, Iterator, List

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files import task_input
from gafreduce.jobs.mapper.mapper import Digest
from gafreduce.jobs.reducer import merge_reducer
from gafreduce.jobs.reducer.product_rules import AcrossLines
from gafreduce.jobs.runners import script
from gafreduce.jobs.runners.stream_job import MRStep, StreamJob


class MRCheck(StreamJob):
    """Counts the findings of each file."""

    def steps(self) -> list[Any]:
        """Return the two steps; the second needs no mapper, its records have their keys."""
        return [
            MRStep(mapper=self.map_annotations, reducer=self.reduce_gene_products),
            MRStep(reducer=self.reduce_files),
        ]

    def map_annotations(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Annotation lines to counts, and to a record for each run of a gene product."""
        digest = Digest(self.terms, False, self.filters)
        for part in task_input.read(stdin, self.inputs):
            counts = FileCounts(part.number)
            for some in digest.records(part.source, part.blocks, counts):
                yield [record for record in some if not records.is_mapped_row(record)]
                if counts.is_full():
                    yield list(counts.records())
            if part.tally is not None:
                counts.n_bytes += part.tally.stored_bytes
                counts.sha256 = part.tally.sha256
            yield list(counts.records())

    def reduce_gene_products(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Terms of gene products to what rules say of them, by file."""
        return AcrossLines(self.terms).records(stdin)

    def reduce_files(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Counts of parts of files to sums."""
        return merge_reducer.merge(stdin)


if __name__ == "__main__":
    script.main(MRCheck)
