"""Map the input of a task."""

from __future__ import annotations

from typing import IO, Iterator, List, Sequence

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files import task_input
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.mapper import ProfileMapper


def map_task(
    mapper: ProfileMapper,
    stdin: IO[bytes],
    inputs: Sequence[InputFile],
    has_quarantine: bool = False,
) -> Iterator[List[bytes]]:
    """Return the records of a map task, in lists: those of lines, and the counts of files.

    Args:
        mapper: Maps the lines.
        stdin: Of the task.
        inputs: The input list.
        has_quarantine: Whether refused and repaired lines become records.
    """
    for part in task_input.read_task_input(stdin, inputs):
        counts = FileCounts(part.number, has_quarantine)
        for found in mapper.map_blocks(part.source, part.blocks, counts):
            yield found
            if counts.is_full():
                yield list(counts.encode())
        counts.add_read_bytes(part.read_bytes)
        yield list(counts.encode())
