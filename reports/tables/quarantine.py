"""Files of the refused and repaired lines of each input, for users who correct them."""

from __future__ import annotations

import gzip
from base64 import b64decode
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from gafreduce.jobs import records
from gafreduce.jobs.rules.catalogue import RULES
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.job_output import JobOutput

_HEADER = b"rule\tfinding\tline\n"


def write_quarantine(output: JobOutput, names: Sequence[str], folder: RunFolder) -> None:
    """Write `extras/quarantine/<file>.tsv.gz` for each input with such lines.

    Each row has the rule, the finding and the bytes of the line as they were read, without its line
    end; the rows of a finding are sorted by the Base64 of the line. Equal lines give equal bytes.

    Args:
        output: The output of the main job, with records of kind Q.
        names: Names of the inputs, in the order of the input list.
        folder: The run folder.
    """
    lines_of_all = output.read(records.QUARANTINE)
    for number, lines in groupby(lines_of_all, lambda line: line[: line.index(b"\t")]):
        folder.quarantine.mkdir(parents=True, exist_ok=True)
        path = folder.quarantine / f"{quote(names[int(number)], safe='')}.tsv.gz"
        _write_file(path, (line[:-1].split(b"\t")[1:] for line in lines))


def _write_file(path: Path, lines: Iterable[Sequence[bytes]]) -> None:
    # the header contains neither name nor time, so that the bytes are the same in every run
    with (
        path.open("wb") as stream,
        gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed,
    ):
        packed.write(_HEADER)
        for word, line in lines:
            rule = RULES[word.decode()].gorule.encode()
            packed.write(b"\t".join((rule, word, b64decode(line))) + b"\n")
