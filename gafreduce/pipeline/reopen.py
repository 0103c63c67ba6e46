"""Reopen the inputs of a finished run: find them by the recorded options, unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.inputs import encoding, verify
from gafreduce.inputs.discovery import STDIN
from gafreduce.inputs.listing import list_inputs
from gafreduce.inputs.ontology_file import find_ontology
from gafreduce.jobs.mapper.id_map import NO_MAP, IdMap
from gafreduce.ontology.cache import load_term_file
from gafreduce.ontology.termfile import TermFile
from gafreduce.pipeline.id_map import read_id_map
from gafreduce.pipeline.options import RunOptions
from gafreduce.reports.explain.run_sources import RunInputs
from gafreduce.reports.explain.source_lines import InputLines
from gafreduce.storage.resolve import StorageResolver, local_path

#: Bytes of text up to which lines are kept in memory, where the objects made of them take twenty
#: times as much; larger inputs are read again for each number.
HELD_BYTES = 16 << 20


def reopen_inputs(
    record: Mapping[str, Any],
    scratch: Path,
    inputs: Sequence[str] | None = None,
    ontology: str | None = None,
) -> RunInputs:
    """Return the inputs of a run.

    Args:
        record: The run record.
        scratch: A temporary folder.
        inputs: Where the inputs are now, if not where the options of the run name them.
        ontology: Where the ontology is now.

    Raises:
        InputError: An input is missing or has changed; the message says which.
        OSError: A file cannot be read.
    """
    options = RunOptions.from_record(record.get("options", {}))
    if inputs:
        options = replace(options, inputs=tuple(inputs))
    if any(local_path(name) is None or name == STDIN for name in options.inputs):
        raise InputError(
            "inputs in S3, in HDFS and from standard input are not read again "
            "(copy them here: --inputs)"
        )
    listing = list_inputs(options.make_input_request(), StorageResolver(), scratch)
    listed = verify.select_files_of_run(record["inputs"], listing)
    samples, recorded = listing.organisms.samples, tuple(sorted(record.get("samples", {})))
    if samples != recorded:
        raise InputError(
            f"expected the samples of the run ({', '.join(recorded) or 'none'}), got "
            f"{', '.join(samples) or 'none'} (name the sample sheet: --inputs)"
        )
    for found in listed:
        if found.encoding:
            raise InputError(
                f"{found.uri}: {encoding.DESCRIPTIONS[found.encoding]} is not read again "
                f"(convert it: {encoding.COMMANDS[found.encoding]}; and make the run from that)"
            )
        if found.compression == "zstd":
            raise InputError(f"{found.uri}: zstd files are not read again (unpack it: --inputs)")
    files = [found.input_file() for found in listed]
    terms = _load_terms(record, ontology or options.ontology, options.inputs)
    keep = sum(found.text_bytes for found in listed) <= HELD_BYTES
    id_map = _read_id_map(record, options)
    lines = InputLines(files, terms, options.filters, listing.organisms, id_map, keep=keep)
    return RunInputs(lines, terms)


def _read_id_map(record: Mapping[str, Any], options: RunOptions) -> IdMap:
    """Return the id map of the run.

    Raises:
        InputError: It is missing or has changed.
    """
    if not options.id_map:
        return NO_MAP
    if options.hash_files().get("id_map") != record.get("option_files", {}).get("id_map"):
        raise InputError(
            f"{options.id_map}: expected the id map of the run, got other content (put the file "
            "back, or make the run again)"
        )
    return IdMap(read_id_map(Path(options.id_map)))


def _load_terms(record: Mapping[str, Any], named: str | None, inputs: Sequence[str]) -> TermFile:
    """Return the term file of the run.

    Raises:
        InputError: The ontology is not that of the run.
    """
    ontology = find_ontology(named, inputs, looks_beyond=False)
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
