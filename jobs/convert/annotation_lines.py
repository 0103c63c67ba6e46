"""Read the annotations of a file for a conversion."""

from __future__ import annotations

from typing import Iterable, Iterator, List, Optional, Union

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.model.annotation import Annotation, Rejection, check_object_id
from gafreduce.jobs.model.go_terms import is_go_id
from gafreduce.jobs.rules.catalogue import Finding

TOO_MANY_COLUMNS = Finding("too_many_columns")


def read_annotations(
    source: InputFile, blocks: Iterable[bytes], counts: FileCounts
) -> Iterator[Annotation]:
    """Yield the annotations of a file that can be written, and count its lines.

    GO's rules are not checked.

    Args:
        source: The file's row of the input list.
        blocks: Its text in blocks of whole lines, each ended by LF.
        counts: The counts of the file, which grow as lines are read.
    """
    reader = registry.make_reader(source)
    for line in read_data_lines(reader, blocks, counts):
        usable = _select_usable(reader.parse(line), line, counts)
        if usable and reader.max_columns and line.count(b"\t") >= reader.max_columns:
            counts.add_finding(TOO_MANY_COLUMNS, line)
        yield from usable


def read_data_lines(
    reader: LineReader, blocks: Iterable[bytes], counts: FileCounts
) -> Iterator[bytes]:
    """Yield the lines that are neither blank nor header, without their ends, and count all lines.

    Args:
        reader: The reader of the file.
        blocks: The text of the file in blocks of whole lines, each ended by LF.
        counts: The counts of the file; lines that are yielded are in `n_lines` alone.
    """
    for block in blocks:
        for line in block.split(b"\n")[:-1]:
            counts.n_lines += 1
            line = line.rstrip(b"\r")
            if not line.strip():
                counts.n_blank += 1
            elif reader.is_header(line):
                counts.n_header += 1
            else:
                yield line


def _select_usable(
    parsed: Union[List[Annotation], Rejection], line: bytes, counts: FileCounts
) -> List[Annotation]:
    """Return the annotations of a line that can be written, and count the line."""
    if isinstance(parsed, Rejection):
        counts.add_rejection(parsed, line)
        return []
    rejections = [rejection for rejection in map(_check, parsed) if rejection]
    usable = [annotation for annotation in parsed if not _check(annotation)]
    if usable:
        counts.n_kept += 1
    elif rejections:
        counts.add_rejection(rejections[0], line)
    else:
        counts.n_blank += 1
    return usable


def _check(annotation: Annotation) -> Optional[Rejection]:
    """Return why no format can hold an annotation; None if it can be written."""
    rejection = check_object_id(annotation)
    if rejection is None and not is_go_id(annotation.go_id):
        return Rejection("bad_go_id", "GORULE:0000027")
    return rejection
