"""The run record `run.json`: the question, the inputs, the versions and the main results.

This module makes it; `gafreduce.publishing.run_folder.RunFolder` writes and reads the file.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gafreduce.inputs.download import JobInput
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.input_list import decode_name
from gafreduce.ontology.termfile import TermFile
from gafreduce.package_files import find_version
from gafreduce.pipeline.plan import Plan
from gafreduce.pipeline.run_id import identify_input
from gafreduce.pipeline.run_warnings import list_warnings
from gafreduce.reports.tables.core_tables import CoreResults

#: Libraries whose version can change a byte of the output.
_LIBRARIES = ("mrjob", "goatools", "pandas", "pyarrow", "matplotlib", "jinja2")
#: The variable with the id of the event that started the run, and the most of it that is kept.
CORRELATION_VARIABLE = "GAFREDUCE_CORRELATION_ID"
_MOST_ID = 128
_COUNTS = ("n_lines", "n_header", "n_blank", "n_kept", "n_filtered", "n_rejected")


def make_record(
    plan: Plan, inputs: Sequence[JobInput], totals: Mapping[int, FileTotal], made: CoreResults
) -> dict[str, Any]:
    """Return the run record, without the durations of stages.

    Args:
        plan: The plan of the run.
        inputs: The inputs as the jobs read them, in the order of the plan.
        totals: The line counts of each input, by its number.
        made: Facts about the tables.
    """
    terms = plan.terms.terms
    order, notes = _order_organisms(plan, made)
    return {
        "run_id": plan.run_id,
        "gafreduce_version": plan.code,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "command": list(plan.command),
        "options": plan.options.as_record(),
        "option_files": dict(plan.hashes),
        "runner": plan.runner,
        "scope": plan.options.scope,
        "versions": _versions(),
        "ontology": {
            "source": decode_name(plan.ontology.replace(os.sep, "/").rsplit("/", 1)[-1]),
            "sha256": terms.ontology_sha256,
            "data_version": terms.data_version,
        },
        "target": {
            "go_id": terms.target,
            "name": terms.names[terms.index[terms.target]],
            "aspect": terms.target_aspect,
            "definition": terms.definition,
        },
        "ancestors": list_ancestors(terms),
        "relations": list(terms.relations),
        "inputs": [
            {
                **identify_input(found),
                "sha256": read.sha256 or totals[number].sha256,
                **({"header": dict(found.header)} if found.header else {}),
                **({"sample": found.sample} if found.sample else {}),
            }
            for number, (found, read) in enumerate(zip(plan.listing.inputs, inputs, strict=True))
        ],
        "samples": {
            name: plan.listing.organisms.taxon_of(name) for name in plan.listing.organisms.samples
        },
        "counts": {
            name: sum(getattr(total, name) for total in totals.values()) for name in _COUNTS
        },
        "verdicts": {
            found.organism_id: found.verdict for found in made.organisms if found.compared
        },
        **({"organism_order": order} if order else {}),
        "warnings": [*list_warnings(plan, totals, made), *notes],
        **_find_correlation_id(),
    }


def _order_organisms(plan: Plan, made: CoreResults) -> tuple[list[str], list[str]]:
    """Return the ids of the compared organisms in the order of --tree, and what it lacks.

    Raises:
        InputError: The tree is not one of these organisms.
    """
    if plan.options.tree is None:
        return [], []
    from gafreduce.reports.traits.newick import order_by_tree  # most runs have none

    rows = [
        {name: str(value) for name, value in found._asdict().items()}
        for found in made.organisms
        if found.compared
    ]
    ordered, note = order_by_tree(rows, plan.leaves, plan.options.tree)
    return [row["organism_id"] for row in ordered], [note] if note else []


def list_ancestors(terms: TermFile) -> list[dict[str, Any]]:
    """Return the ancestors of the target over the chosen relations, the nearest first."""
    steps = {terms.index[terms.target]: 0}
    level = list(steps)
    while level:
        above = {
            int(parent)
            for number in level
            for parent in terms.parents[number].split(",")
            if parent and int(parent) not in steps
        }
        depth = steps[level[0]] + 1
        level = sorted(above)
        steps |= dict.fromkeys(level, depth)
    return [
        {"go_id": terms.go_ids[number], "name": terms.names[number], "steps": n}
        for number, n in steps.items()
        if n
    ]


def _find_correlation_id() -> dict[str, str]:
    """Return the id of the event that started the run, if one did: logs have it too."""
    found = "".join(filter(str.isprintable, os.environ.get(CORRELATION_VARIABLE, "")))
    return {"correlation_id": found[:_MOST_ID]} if found else {}


@cache
def _versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that make the output."""
    python = sys.version.split()[0]
    return {"python": python} | {name: find_version(name) for name in _LIBRARIES}
