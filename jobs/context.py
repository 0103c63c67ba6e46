r"""The second job, map-only: the lines outside the target's term set that statistics need.

It runs after the tables of the first job are made: they have the gene products with the target.

    python jobs/context.py -r local --term-file terms --input-list inputs.tsv \
        --request request.json --output-dir out --no-cat-output FILE.gaf [FILE.gaf.gz ...]

jobs/records.py defines all records.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, Iterator, List

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files import task_input
from gafreduce.jobs.mapper import context_request
from gafreduce.jobs.mapper.context_mapper import ContextMapper
from gafreduce.jobs.runners import script
from gafreduce.jobs.runners.stream_job import MRStep, StreamJob


class MRContext(StreamJob):
    """Keeps the lines that a request wants, and the terms of some organisms' gene products."""

    def declare_options(self) -> None:
        """Declare the job's options."""
        super().declare_options()
        self.add_file_arg("--request", help="which lines are wanted, as JSON")

    def steps(self) -> list[Any]:
        """Return the only step: the reader of the parts sorts them."""
        return [MRStep(mapper=self.map_annotations)]

    def map_annotations(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Map annotation lines to rows of `context`, terms of gene products, and line counts."""
        request = context_request.read_request(Path(self.options.request))
        mapper = ContextMapper(self.terms, request, self.filters, self.id_map)
        all_counts: List[bytes] = []
        for part in task_input.read_task_input(stdin, self.inputs):
            counts = FileCounts(part.number)
            yield from mapper.map_blocks(part.source, part.blocks, counts)
            counts.add_read_bytes(part.read_bytes)
            all_counts += counts.encode()
        yield all_counts  # at the end, where `file_counts.read_counts` looks for them


if __name__ == "__main__":
    script.main(MRContext)
