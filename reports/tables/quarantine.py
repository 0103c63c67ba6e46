"""Refused and repaired lines themselves, for whoever mends them: one file for each input."""

from __future__ import annotations

import gzip
from base64 import b64decode
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from gafreduce.jobs.rules.catalogue import RULES
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.job_output import PartRecords

_HEADER = b"rule\tfinding\tline\n"


def write(records: PartRecords, names: Sequence[str], folder: RunFolder) -> None:
    """Write `extras/quarantine/<file>.tsv.gz` for each input with such lines.

    A line stands behind two columns, its bytes as they were read, without its line end; the lines
    of a finding are sorted by their Base64. The same lines make the same bytes.

    Args:
        records: The job's output, with records Q.
        names: Of the inputs, in the order of the input list.
        folder: The run folder.
    """
    for number, lines in groupby(records["Q"], lambda line: line[: line.index(b"\t")]):
        folder.quarantine.mkdir(parents=True, exist_ok=True)
        path = folder.quarantine / f"{quote(names[int(number)], safe='')}.tsv.gz"
        _write_file(path, (line[:-1].split(b"\t")[1:] for line in lines))


def _write_file(path: Path, lines: Iterable[Sequence[bytes]]) -> None:
    # neither name nor time stands in the header, so that the bytes are the same every time
    with (
        path.open("wb") as stream,
        gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed,
    ):
        packed.write(_HEADER)
        for word, line in lines:
            rule = RULES[word.decode()].gorule.encode()
            packed.write(b"\t".join((rule, word, b64decode(line))) + b"\n")
