"""The inputs of a run once more: found as its command named them, and unchanged, or not at all."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gafreduce.cli import filter_options
from gafreduce.errors import InputError
from gafreduce.inputs import verify
from gafreduce.inputs.discovery import STDIN
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.ontology_file import find_ontology
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.ontology.cache import load_term_file
from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.explain.run_sources import RunInputs
from gafreduce.reports.explain.source_lines import InputLines
from gafreduce.storage.resolve import StorageResolver, local_path

#: Bytes of text up to which lines are held in memory, with all that was made of them some twenty
#: times as much; more are read anew for each number.
HELD_BYTES = 16 << 20
#: How many times larger a compressed annotation file is as text.
_INFLATION = 12


def find_again(
    record: Mapping[str, Any],
    asked: Namespace,
    scratch: Path,
    inputs: Sequence[str] | None = None,
    ontology: str | None = None,
) -> RunInputs:
    """Return the inputs of a run.

    Args:
        record: What run.json says.
        asked: The command of the run, taken apart.
        scratch: A folder for what is needed on the way.
        inputs: Where they lie now, when not where the command said.
        ontology: Where the ontology lies now.

    Raises:
        InputError: Something is not there, or is not what it was; the message says what.
        OSError: The same, in the system's words.
    """
    named = list(inputs or asked.inputs)
    if any(local_path(name) is None or name == STDIN for name in named):
        raise InputError(
            "inputs in S3, in HDFS and from standard input are not read again "
            "(copy them here: --inputs)"
        )
    listing = list_inputs(
        InputRequest(
            tuple(named), asked.format, taxon_id=asked.taxon or 0, companion=asked.companion or ""
        ),
        StorageResolver(),
        scratch,
    )
    listed = verify.select_files_of_run(record["inputs"], listing)
    for found in listed:
        if found.compression == "zstd":
            raise InputError(f"{found.uri}: zstd files are not read again (unpack it: --inputs)")
    files = [found.input_file() for found in listed]
    terms = _terms(record, ontology or asked.ontology)
    keep = sum(map(_text_bytes, files)) <= HELD_BYTES
    return RunInputs(InputLines(files, terms, filter_options.filters_of(asked), keep=keep), terms)


def _text_bytes(found: InputFile) -> int:
    """Return about how long a file is as text."""
    return found.bytes if found.compression == "plain" else found.bytes * _INFLATION


def _terms(record: Mapping[str, Any], named: str | None) -> TermFile:
    """Return what the run knew of the ontology."""
    ontology = find_ontology(named)
    if local_path(ontology) is None:
        raise InputError(f"{ontology}: is not read again (copy it here: --ontology)")
    target, relations = record["target"]["go_id"], tuple(record["relations"])
    terms = load_term_file(Path(ontology), target, relations).terms
    if terms.ontology_sha256 != record["ontology"]["sha256"]:
        raise InputError(
            f"{ontology}: expected the ontology of the run, "
            f"{record['ontology']['data_version'] or record['ontology']['source']}, got "
            f"{terms.data_version or 'another'} (name it: --ontology)"
        )
    return terms
