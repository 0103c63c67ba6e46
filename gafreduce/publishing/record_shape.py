"""The shape of a run record: the keys that readers use, with the types of their values.

A run record is a file that anybody may have edited; readers rely on this check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gafreduce.jobs.model.filters import NO_FILTERS

#: Types of values. A list has its one kind of items; a mapping under ANY has values of one kind.
_ANY = "*"
_SHAPE: Mapping[str, Any] = {
    "schema": str,
    "run_id": str,
    "gafreduce_version": str,
    "created": str,
    "command": [str],
    "options": {"inputs": [str], "filters": {}, "runner": {}, "s3": {}},
    "option_files": {},
    "runner": str,
    "scope": str,
    "versions": {_ANY: str},
    "ontology": {"source": str, "sha256": str, "data_version": str},
    "target": {"go_id": str, "name": str, "aspect": str, "definition": str},
    "relations": [str],
    "inputs": [{"source_file": str, "bytes": int, "sha256": str}],
    "counts": {
        "n_lines": int,
        "n_header": int,
        "n_blank": int,
        "n_kept": int,
        "n_filtered": int,
        "n_rejected": int,
    },
    "samples": {_ANY: int},
    "verdicts": {_ANY: str},
    "warnings": [str],
}
_WORDS = {str: "a text", int: "a whole number", bool: "true or false"}


def find_fault(record: Mapping[str, Any]) -> str:
    """Return the first difference between a run record and its shape; empty when there is none.

    >>> find_fault({"schema": "gafreduce-run/3", "run_id": 1})
    'run_id: expected a text, got int'
    >>> find_fault({"schema": "gafreduce-run/3"})
    'run_id: expected a text, got nothing'
    """
    return (
        _find_fault(record, _SHAPE, "")
        or _find_fault_in_filters(record["options"]["filters"])
        or _find_bad_text(record, "")
    )


def _find_bad_text(value: Any, path: str) -> str:
    """Return the first text that no file could have as its name; empty without one."""
    if isinstance(value, str):
        is_bad = "\0" in value or any("\ud800" <= each < "\udc80" for each in value)
        return f"{path}: expected a text, got one with half a character or NUL" if is_bad else ""
    if isinstance(value, dict):
        parts = [(f"{path}.{name}".lstrip("."), each) for name, each in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[{number}]", each) for number, each in enumerate(value)]
    else:
        return ""
    return next(filter(None, (_find_bad_text(each, name) for name, each in parts)), "")


def _find_fault_in_filters(filters: Mapping[str, Any]) -> str:
    known = {
        name: [str] if isinstance(value, tuple) else type(value)
        for name, value in asdict(NO_FILTERS).items()
    }
    unknown = next((name for name in filters if name not in known), None)
    if unknown is not None:
        return f"options.filters.{unknown}: expected no such key"
    return _find_fault(filters, {name: known[name] for name in filters}, "options.filters")


def _find_fault(value: Any, shape: Any, path: str) -> str:
    if isinstance(shape, type):
        # bool is a subclass of int
        is_right = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
        return "" if is_right else f"{path}: expected {_WORDS[shape]}, got {_name_type(value)}"
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{path}: expected a list, got {_name_type(value)}"
        parts = [(f"{path}[{number}]", each, shape[0]) for number, each in enumerate(value)]
    elif not isinstance(value, dict):
        return f"{path}: expected an object, got {_name_type(value)}"
    elif _ANY in shape:
        parts = [(f"{path}.{name}", each, shape[_ANY]) for name, each in value.items()]
    else:
        start = f"{path}." if path else ""
        parts = [(f"{start}{name}", value.get(name), shape[name]) for name in shape]
    return next(filter(None, (_find_fault(part, each, name) for name, part, each in parts)), "")


def _name_type(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
