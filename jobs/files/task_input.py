"""Which file a mapper reads: the split list on one machine, Hadoop's word on a cluster."""

from __future__ import annotations

import os
from typing import IO, Dict, Iterator, NamedTuple, Optional, Sequence

from gafreduce.errors import InputError
from gafreduce.jobs.files.input_list import InputFile, normalise_uri
from gafreduce.jobs.files.splits import (
    SPLIT_LIST_VARIABLE,
    Tally,
    read_split,
    read_split_list,
    read_stream,
)

#: How Hadoop Streaming names its jobconf in a task's environment.
_FILE_VARIABLE = "mapreduce_map_input_file"
_START_VARIABLE = "mapreduce_map_input_start"


class MapInputError(InputError):
    """A task was given a file that the input list doesn't know."""


class MapInput(NamedTuple):
    """One file, or a part of it, as a mapper reads it."""

    number: int  # position in the input list
    source: InputFile
    blocks: Iterator[bytes]
    tally: Optional[Tally]  # None where the task sees only text


def read(stdin: IO[bytes], inputs: Sequence[InputFile]) -> Iterator[MapInput]:
    """Return what the task is to read, file by file.

    Raises:
        MapInputError: The file is not in the input list.
    """
    numbers = {normalise_uri(source.uri): number for number, source in enumerate(inputs)}
    if os.environ.get(SPLIT_LIST_VARIABLE):
        for split in read_split_list(stdin):
            number = _number(split.path, numbers)
            part = read_split(split)
            yield MapInput(number, inputs[number], part.blocks, part.tally)
        return
    uri = os.environ.get(_FILE_VARIABLE, "")
    number = _number(uri, numbers)
    at_start = os.environ.get(_START_VARIABLE, "0") == "0"
    yield MapInput(number, inputs[number], read_stream(stdin, at_start), None)


def _number(uri: str, numbers: Dict[str, int]) -> int:
    number = numbers.get(normalise_uri(uri))
    if number is None:
        raise MapInputError(
            f"{uri}: expected a file of the input list, got one that is not in it "
            "(name every input in --input-list)"
        )
    return number
