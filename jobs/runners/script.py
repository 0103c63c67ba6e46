"""Run a job as a script, without the command line: make the side files that it needs."""

from __future__ import annotations

import contextlib
import glob
import os
import sys
from pathlib import Path
from typing import Any, Iterator, List, Sequence, Type

from gafreduce.errors import GafreduceError, InputError, UsageError, exit_code
from gafreduce.jobs.files import file_version, input_list, splits
from gafreduce.jobs.files.compression import find_compression
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import detection, registry
from gafreduce.ontology.termfile import DEFAULT_RELATIONS, DEFAULT_TERM

#: Decompressed bytes of a file from which its format is found.
SNIFFED_BYTES = 1 << 16


def add_arguments(job: Any) -> None:
    """Declare the options that only scripts need."""
    job.add_passthru_arg("--ontology", help="go-basic.obo, plain or gzip: to make the term file")
    job.add_passthru_arg("--term", default=DEFAULT_TERM, help="target term: id or exact name")
    job.add_passthru_arg(
        "--ontology-relations",
        default=",".join(DEFAULT_RELATIONS),
        help="relations that make descendants",
    )


def main(job_class: Type[Any]) -> None:
    """Run the script of a job: one task, or the whole job after making its side files.

    Exits with a line on standard error and a code of `gafreduce.errors` when it fails.
    """
    arguments = sys.argv[1:]
    job = job_class(arguments)
    if job.is_task():
        job.execute()
        return
    try:
        with _make_side_files(job) as more:
            job_class([*arguments, *more]).execute()
    except (GafreduceError, OSError) as error:
        sys.stderr.write(f"{Path(sys.argv[0]).name}: {error}\n")
        sys.exit(exit_code(error))


@contextlib.contextmanager
def _make_side_files(job: Any) -> Iterator[List[str]]:
    """Make the term file and the input list, unless they are given; return their options."""
    from gafreduce import tempdir  # needs a later Python than nodes have

    options = job.options
    with tempdir.temporary_folder() as folder:
        more: List[str] = []
        if not options.term_file:
            from gafreduce.ontology import cache  # a node does not have it, nor need it

            if not options.ontology:
                raise UsageError("expected --term-file or --ontology, got neither (name one)")
            terms = cache.load_term_file(
                Path(options.ontology), options.term, options.ontology_relations.split(",")
            )
            more += ["--term-file", str(terms.path)]
        if not options.input_list:
            path = folder / "inputs.tsv"
            input_list.write_input_list(describe_inputs(options.args), path)
            more += ["--input-list", str(path)]
        yield more


def describe_inputs(arguments: Sequence[str]) -> List[InputFile]:
    """Return the input list of files and globs on this machine.

    Raises:
        InputError: There is no file, or one is named twice.
        FormatError: A file has no known format, or one that needs a sample sheet.
    """
    paths = [
        os.path.join(os.getcwd(), path).replace(os.sep, "/")  # as runners do, with any `..`
        for argument in arguments
        for path in ([argument] if os.path.exists(argument) else sorted(glob.glob(argument)))
    ]
    if not paths:
        raise InputError(f"{' '.join(arguments)!r}: expected annotation files, got none")
    real = [os.path.realpath(path) for path in paths]
    twice = {path for path in real if real.count(path) > 1}
    if twice:
        raise InputError(f"{min(twice)}: expected each file once, got it twice")
    names = input_list.shortest_names(paths)
    return [_describe_input(path, name) for path, name in zip(paths, names)]


def _describe_input(path: str, name: str) -> InputFile:
    status = os.stat(path)
    split, version = splits.Split(path, 0, status.st_size), file_version.encode_version(status)
    with open(path, "rb") as stream:
        compression = find_compression(stream.read(4))
    first = next(splits.read_split(split, version).blocks, b"")[:SNIFFED_BYTES]
    found = detection.sniff(first, path)
    described = InputFile(
        uri=path,
        source_file=name,
        format=found.format,
        compression=compression,
        bytes=split.length,
        layout=found.layout,
        version=version,
    )
    registry.make_reader(described)  # raises here, not in a task, what the format lacks
    return described
