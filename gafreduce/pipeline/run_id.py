"""The run id: the same for the same question of the same inputs by the same code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gafreduce.inputs.listing import ListedInput
from gafreduce.package_files import package_files
from gafreduce.pipeline.run_record import version

_SOURCES = frozenset({".py", ".html", ".css", ".js", ".j2", ".tsv"})


def identity(found: ListedInput) -> dict[str, Any]:
    """Return what identifies an input: its ETag, or its size and time, as make does.

    Standard input has neither, and is known by its content.
    """
    known: dict[str, Any] = {"source_file": found.source_file, "bytes": found.bytes}
    if found.companion_version:
        known["companion_version"] = found.companion_version
    if found.etag is not None:
        return {**known, "uri": found.uri, "etag": found.etag}
    if found.sha256:
        return {**known, "sha256": found.sha256}
    if found.is_in_hdfs:
        known["uri"] = found.uri
    return {**known, "mtime_ns": found.mtime_ns}


def code_version() -> str:
    """Return the version, and a digest of the sources that run."""
    digest = hashlib.sha256()
    for _, path in sorted(package_files().items()):
        if path.suffix in _SOURCES:
            digest.update(path.read_bytes())
    return f"{version()}+{digest.hexdigest()[:12]}"


def run_id(
    inputs: Sequence[ListedInput], ontology_sha256: str, options: Mapping[str, Any], code: str
) -> str:
    """Return the first 12 hex digits of a digest over all that decides the numbers.

    Args:
        inputs: As listed; their labels are part of it.
        ontology_sha256: Of the ontology's text.
        options: Term, relations, scope, organisms, filters.
        code: See `code_version`.
    """
    labels = ("format", "taxon_id", "organism", "compare", "complete", "companion")
    known = {
        "inputs": sorted(
            (
                {**identity(found), **{name: getattr(found, name) for name in labels}}
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
