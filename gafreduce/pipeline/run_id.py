"""The run id: equal for equal inputs, ontology, options that decide the numbers, and code."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from gafreduce.inputs.listed_input import ListedInput
from gafreduce.package_files import find_version, list_package_files
from gafreduce.storage.resolve import local_path

_SOURCES = (".py", ".html", ".css", ".js", ".j2", ".tsv", ".zst")
#: Bytes of a file that are read: of longer files, packed tables, they give the sizes of all frames.
_MOST_BYTES = 1 << 18


def identify_input(found: ListedInput) -> dict[str, Any]:
    """Return the properties that identify an input: its ETag, or its size and time of change.

    Standard input has neither, and is identified by its SHA-256.
    """
    known: dict[str, Any] = {"source_file": found.source_file, "bytes": found.bytes}
    if found.companion_identity:
        known["companion_version"] = str(found.companion_identity)
    if found.identity.etag is not None:
        return {**known, "uri": found.uri, "etag": found.identity.etag}
    if found.identity.sha256:
        return {**known, "sha256": found.identity.sha256}
    if local_path(found.uri) is None:
        known["uri"] = found.uri
    return {**known, "mtime_ns": found.identity.mtime_ns}


def compute_code_version() -> str:
    """Return the version of gafreduce, and a digest of the sources that run.

    Every run calls this, so files are read by their descriptors: streams take 4 ms longer.
    """
    digest = hashlib.sha256()
    for _, path in sorted(list_package_files(*_SOURCES).items()):
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            digest.update(os.read(descriptor, _MOST_BYTES))
        finally:
            os.close(descriptor)
    return f"{find_version('gafreduce')}+{digest.hexdigest()[:12]}"


def compute_run_id(
    inputs: Sequence[ListedInput], ontology_sha256: str, options: Mapping[str, Any], code: str
) -> str:
    """Return the first 12 hexadecimal digits of a SHA-256 over all that decides the numbers.

    Args:
        inputs: The inputs as listed, with the labels of the sample sheet.
        ontology_sha256: The SHA-256 of the ontology.
        options: The options that decide the numbers: `RunOptions.list_deciding`.
        code: The version of the code: `compute_code_version`.
    """
    labels = (
        *("format", "taxon_id", "organism", "sample", "pool_taxa", "group"),
        *("compare", "complete", "companion"),
    )
    known = {
        "inputs": sorted(
            (
                {**identify_input(found), **{name: getattr(found, name) for name in labels}}
                for found in inputs
            ),
            key=lambda each: json.dumps(each, sort_keys=True),
        ),
        "ontology": ontology_sha256,
        "options": dict(options),
        "code": code,
    }
    text = json.dumps(known, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
