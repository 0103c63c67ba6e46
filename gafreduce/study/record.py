"""The record of a study, `study.json`: its traits, inputs and versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gafreduce.study.plan import StudyPlan

#: What the records of all runs of a study have in common.
_COMMON = (
    *("gafreduce_version", "created", "command", "option_files", "runner", "versions"),
    *("ontology", "relations", "inputs", "samples", "counts"),
)


def make_study_record(study: StudyPlan, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the record of a study, without the durations of stages.

    Args:
        study: The plan.
        records: The run record of each trait.
    """
    return {
        "run_id": study.joint.run_id,
        **{name: records[0][name] for name in _COMMON},
        "clustered": study.is_clustered,
        "tree": study.joint.options.as_record()["tree"],
        "traits": [
            {
                "go_id": trait.go_id,
                "name": record["target"]["name"],
                "aspect": record["target"]["aspect"],
                "label": trait.label,
                "group": trait.group,
                "folder": trait.folder,
                "run_id": record["run_id"],
                "n_organisms_by_verdict": dict(
                    sorted(Counter(record["verdicts"].values()).items())
                ),
            }
            for trait, record in zip(study.traits, records, strict=True)
        ],
        "warnings": _list_warnings(records),
    }


def _list_warnings(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the distinct warnings of all runs, in their order."""
    return list(dict.fromkeys(text for record in records for text in record["warnings"]))
