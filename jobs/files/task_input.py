"""Input of a map task: files of a split list, or the file that Hadoop names on a cluster."""

from __future__ import annotations

import os
from typing import IO, Dict, Iterator, NamedTuple, Optional, Sequence

from gafreduce.errors import InputError
from gafreduce.jobs.files.input_list import InputFile, normalise_uri
from gafreduce.jobs.files.splits import (
    SPLIT_LIST_VARIABLE,
    ReadBytes,
    read_split,
    read_split_list,
    read_stream,
)

#: Settings of the job, as Hadoop Streaming names them in the environment of a task.
_FILE_VARIABLE = "mapreduce_map_input_file"
_START_VARIABLE = "mapreduce_map_input_start"


class TaskInput(NamedTuple):
    """A file, or a part of it, for a mapper."""

    number: int  # position in the input list
    source: InputFile
    blocks: Iterator[bytes]
    read_bytes: Optional[ReadBytes]  # None if the task gets text only


def read_task_input(stdin: IO[bytes], inputs: Sequence[InputFile]) -> Iterator[TaskInput]:
    """Return the input of a task, file by file.

    Raises:
        InputError: The file is not in the input list.
    """
    numbers = {normalise_uri(source.uri): number for number, source in enumerate(inputs)}
    if os.environ.get(SPLIT_LIST_VARIABLE):
        for split in read_split_list(stdin):
            number = _find_number(split.path, numbers)
            found = read_split(split, inputs[number].version)
            yield TaskInput(number, inputs[number], found.blocks, found.read_bytes)
        return
    uri = os.environ.get(_FILE_VARIABLE, "")
    number = _find_number(uri, numbers)
    start = int(os.environ.get(_START_VARIABLE, "0"))
    yield TaskInput(number, inputs[number], read_stream(stdin, uri, start), None)


def _find_number(uri: str, numbers: Dict[str, int]) -> int:
    number = numbers.get(normalise_uri(uri))
    if number is None:
        raise InputError(
            f"{uri}: expected a file of the input list, got one that is not in it "
            "(name every input in --input-list)"
        )
    return number
