"""The table `runs`: one row, which makes a run folder a row of a warehouse."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables import schema
from gafreduce.reports.tables.verdicts import VERDICTS
from gafreduce.reports.tables.writer import encode_row, write_table

#: Inputs that are listed; `...` follows more of them.
N_INPUTS_LISTED = 1000


def write_run_table(record: Mapping[str, Any], changes: Sequence[str], folder: RunFolder) -> None:
    """Write the table `runs` into a run folder.

    Args:
        record: The run record.
        changes: The options that decide numbers and are not the default, as `name=value`.
        folder: The run folder.
    """
    row = encode_row(schema.RUNS, make_cells(record, changes))
    write_table(schema.RUNS, [row], folder)


def make_cells(record: Mapping[str, Any], changes: Sequence[str]) -> dict[str, object]:
    """Return the cells of `runs` by column."""
    target, ontology, versions = record["target"], record["ontology"], dict(record["versions"])
    names = [each["source_file"] for each in record["inputs"]]
    verdicts = Counter(record["verdicts"].values())
    python = versions.pop("python")
    return {
        "run_id": record["run_id"],
        "created": record["created"],
        "target": target["go_id"],
        "target_name": target["name"],
        "target_aspect": target["aspect"],
        "ontology": ontology["source"],
        "ontology_version": ontology["data_version"] or None,
        "ontology_sha256": ontology["sha256"],
        "relations": sorted(record["relations"]),
        "scope": record["scope"],
        "options": sorted(changes) or None,
        "n_inputs": len(names),
        "inputs": sorted(names)[:N_INPUTS_LISTED] + ["..."] * (len(names) > N_INPUTS_LISTED),
        "inputs_sha256": _hash_inputs([each["sha256"] for each in record["inputs"]]),
        **record["counts"],
        "n_organisms": len(record["verdicts"]),
        **{f"n_{verdict}": verdicts[verdict] for verdict in VERDICTS},
        "gafreduce_version": record["gafreduce_version"],
        "python_version": python,
        "libraries": sorted(f"{name}={version}" for name, version in versions.items()),
    }


def _hash_inputs(sums: Sequence[str]) -> str | None:
    """Return one checksum for the contents of inputs, whatever they are named; None if unknown."""
    if not all(sums):
        return None
    return hashlib.sha256("".join(f"{each}\n" for each in sorted(sums)).encode()).hexdigest()
