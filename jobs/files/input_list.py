"""The input list: the format and other facts of each input file, which a mapper cannot find out.

It is a TSV file that is shipped with the job: one header row, then one row for each file.
"""

from __future__ import annotations

import os
import re
from operator import attrgetter
from pathlib import Path
from typing import List, NamedTuple, Sequence, Tuple
from urllib.parse import unquote

from gafreduce.errors import InputError

_ESCAPED = re.compile(r"[%\t\n\r]")
_ESCAPE = re.compile(r"%([0-9A-F]{2})")
_LOCAL = re.compile(r"file:(?://(?:localhost)?)?(?=[^/]|/(?!/)|//)")
_HDFS = re.compile(r"hdfs:(?://[^/]*)?/+")
_S3 = re.compile(r"s3[an]?://")


class InputFile(NamedTuple):
    """The facts on one input file."""

    uri: str  # path on this machine, or URI
    source_file: str  # its name in tables
    format: str  # one of gafreduce.jobs.formats.registry
    compression: str  # plain, gzip or bzip2
    bytes: int  # stored size
    taxon_id: int = 0  # for formats without a taxon; 0 for none
    companion: str = ""  # a file with gene products that the format needs
    layout: str = ""  # versions, and the columns that a header names
    version: str = ""  # of `file_version`, for a file that tasks open; empty on clusters
    companion_version: str = ""  # the same of the companion
    sample: int = 0  # the number of the sample of its lines (jobs/model/organisms.py); 0 for none
    sample_taxon: int = 0  # lines of this taxon are those of the sample; 0: all lines
    sample_files: int = 0  # number of files of the sample


_COLUMNS = InputFile._fields
_NUMBERS = ("bytes", "taxon_id", "sample", "sample_taxon", "sample_files")
_values_of = attrgetter(*_COLUMNS)


def write_input_list(inputs: Sequence[InputFile], path: Path) -> None:
    """Write an input list."""
    rows = [_COLUMNS, *(tuple(map(str, _values_of(found))) for found in inputs)]
    text = "".join("\t".join(map(_escape, row)) + "\n" for row in rows)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def read_input_list(path: Path) -> Tuple[InputFile, ...]:
    """Read an input list.

    Raises:
        InputError: The file is no input list.
    """
    lines = path.read_bytes().decode("utf-8", "surrogateescape").split("\n")
    if tuple(lines[0].split("\t")) != _COLUMNS or lines[-1]:
        raise InputError(f"{path}:1: expected an input list with columns {' '.join(_COLUMNS)}")
    return tuple(_read_row(line, path, number) for number, line in enumerate(lines[1:-1], 2))


def _read_row(line: str, path: Path, number: int) -> InputFile:
    cells = line.split("\t")
    if "%" in line:
        cells = [_ESCAPE.sub(lambda found: chr(int(found[1], 16)), cell) for cell in cells]
    if len(cells) != len(_COLUMNS):
        raise InputError(f"{path}:{number}: expected {len(_COLUMNS)} columns, got {len(cells)}")
    values = dict(zip(_COLUMNS, cells))
    try:
        numbers = {name: int(values[name]) for name in _NUMBERS}
    except ValueError as error:
        raise InputError(f"{path}:{number}: expected a number, {error}") from error
    return InputFile(**{**values, **numbers})  # type: ignore[arg-type]


def _escape(cell: str) -> str:
    return _ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", cell)


def normalise_uri(text: str) -> str:
    """Return the same URI for all spellings of a file that runners use.

    >>> normalise_uri("file:///data/a%20b.gaf"), normalise_uri("s3a://in/x.gaf")
    ('/data/a b.gaf', 's3://in/x.gaf')
    """
    if _S3.match(text):
        return _S3.sub("s3://", text, count=1)
    if text.startswith("hdfs:"):  # with or without the name of the NameNode
        return _HDFS.sub("hdfs:/", text, count=1)
    if text.startswith("file:"):
        path = _LOCAL.sub("", text, count=1)
        if not os.path.exists(path):
            path = unquote(path)
        return re.sub("^/+", "/", path)
    return text


def decode_name(name: str) -> str:
    r"""Return the name of a file as text that can be encoded: as latin-1 if it is not UTF-8.

    >>> decode_name("caf\udce9.gaf") == "caf\xe9.gaf"
    True
    """
    stored = name.encode("utf-8", "surrogateescape")
    try:
        return stored.decode("utf-8")
    except UnicodeDecodeError:
        return stored.decode("latin-1")


def shortest_names(paths: Sequence[str]) -> List[str]:
    """Return the name of each file in tables.

    It is the base name; if two are equal, the path relative to the deepest common folder.

    >>> shortest_names(["/d/a/x.gaf", "/d/a/y.gaf"]), shortest_names(["/d/a/x.gaf", "/d/b/x.gaf"])
    (['x.gaf', 'y.gaf'], ['a/x.gaf', 'b/x.gaf'])
    """
    paths = [decode_name(path) for path in paths]
    names = [path.rsplit("/", 1)[-1] for path in paths]
    if len(set(names)) == len(names):
        return names
    parts = [path.split("/") for path in paths]
    depth = 0
    while len({tuple(part[: depth + 1]) for part in parts}) == 1:
        depth += 1
    return ["/".join(part[depth:]) for part in parts]
