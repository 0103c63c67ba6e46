"""Whatever is edited in run.json: `report`, `explain` and `run` name it in one line."""

from __future__ import annotations

import copy
import functools
import json
import operator
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gafreduce.publishing import manifest, record_shape
from gafreduce.publishing.run_folder import RunFolder

Command = Callable[..., tuple[int, str, str]]
#: Values in place of others.
WRONG = (
    None,
    True,
    0,
    -1,
    2**70,
    1e300,
    "",
    "x\0y",
    "\ud800",
    [],
    [None],
    {},
    {"a": {"b": 1}},
    [[]],
)


@pytest.fixture(scope="module")
def run(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("runs") / "run"
    sample = samples / "Escherichia_coli_K_12-83333.gaf"
    ontology = samples / "go-samples.obo"
    words = ("run", sample, "--ontology", ontology, "--no-report", "-q", "-o", folder)
    assert main(list(map(str, words))) == 0
    return folder


def walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every key and item."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in items:
        yield (*path, key)
        yield from walk(each, (*path, key))


def change(record: Any, path: tuple[Any, ...], *value: Any) -> Any:
    """Return the record with another value at a path; without the key when no value is given."""
    changed = copy.deepcopy(record)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    if value:
        parent[path[-1]] = value[0]
    else:
        del parent[path[-1]]
    return changed


def bless(folder: Path) -> None:
    """Write a manifest of the folder as it is: an edit that carries its checksum."""
    manifest.write_manifest(folder, {}, RunFolder(folder).list_files())


def test_a_record_that_was_made_has_no_fault(run: Path) -> None:
    assert record_shape.find_fault(RunFolder(run).read_record()) == ""


def name_path(path: tuple[Any, ...]) -> str:
    """Return the name of a place in messages, such as inputs[0].bytes."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return "".join(parts).lstrip(".")


@pytest.mark.parametrize("code", [0, 0xD800, 0xDC7F, 0xDC80, 0x10FFFF])
def test_text_that_no_file_can_have_as_its_name_is_a_fault(run: Path, code: int) -> None:
    record, text = RunFolder(run).read_record(), f"a{chr(code)}"
    is_bad = code < 0xDC80  # that one is a byte that is not UTF-8
    for path in walk(record):
        if not isinstance(functools.reduce(operator.getitem, path, record), str):
            continue
        fault = record_shape.find_fault(change(record, path, text))
        words = "expected a text, got one with half a character or NUL"
        assert fault == (f"{name_path(path)}: {words}" if is_bad else "")


@pytest.mark.parametrize("value", [(), None, [], {}, 1, True, "a"])
def test_every_value_of_another_type_is_named(run: Path, value: Any) -> None:
    record = RunFolder(run).read_record()
    for key in ("run_id", "inputs", "options", "warnings"):
        path = (key,)
        changed = change(record, path, *([] if value == () else [value]))
        is_fault = record_shape.find_fault(changed).startswith(f"{key}: expected ")
        assert is_fault == (type(value) is not type(record[key])), key


def test_every_edit_of_a_key_is_a_fault_or_harmless(
    run: Path, tmp_path: Path, gafreduce: Command
) -> None:
    record = RunFolder(run).read_record()
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    draw = random.Random(20)
    edits = [(path, value) for path in walk(record) for value in ((), *((each,) for each in WRONG))]
    for path, value in draw.sample(edits, 150):
        changed = change(record, path, *value)
        (folder / "run.json").write_text(json.dumps(changed))
        bless(folder)
        for words in (
            ("explain", folder, "terms/GO:0030420/membership"),
            ("explain", folder, "organisms/83333/n_target"),
        ):
            code, _, errors = gafreduce(*words)
            assert code in (0, 1), (path, value, errors)
            assert "bug" not in errors, (path, value, errors)
            assert len(errors.splitlines()) <= 1, (path, value, errors)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("target",), "GO:1", "target: expected an object, got str"),
        (("target", "name"), None, "target.name: expected a text, got nothing"),
        (("inputs", 0, "bytes"), True, "inputs[0].bytes: expected a whole number, got bool"),
        (("warnings",), {}, "warnings: expected a list, got dict"),
        (("options", "filters", "strict"), [1], "options.filters.strict[0]: expected a text, got int"),
        (("options", "filters", "more"), [], "options.filters.more: expected no such key"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["report", "explain", "run"])
def test_commands_name_the_edited_key(
    run: Path,
    samples: Path,
    tmp_path: Path,
    gafreduce: Command,
    command: str,
    path: tuple[Any, ...],
    value: Any,
    words: str,
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    changed = change(RunFolder(run).read_record(), path, value)
    (folder / "run.json").write_text(json.dumps(changed))
    bless(folder)
    arguments: tuple[object, ...] = (command, folder)
    if command == "explain":
        arguments = (command, folder, "terms/GO:0030420/membership")
    elif command == "run":
        sample = samples / "Escherichia_coli_K_12-83333.gaf"
        ontology = samples / "go-samples.obo"
        arguments = (command, sample, "--ontology", ontology, "--no-report", "-o", folder)
    code, _, errors = gafreduce(*arguments)
    assert (code, errors) == (
        1,
        f"gafreduce: {folder}/run.json: {words} (it was edited: make the run again)\n",
    )


@pytest.mark.parametrize(
    "content", [b"", b"[" * 200_000, b"\xff\xfe", b"[]", b"7", b'{"schema": 1}', b"{}\n{}"]
)
@pytest.mark.parametrize("command", ["report", "explain"])
def test_a_record_that_is_none_is_refused_in_one_line(
    run: Path, tmp_path: Path, gafreduce: Command, content: bytes, command: str
) -> None:
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "run.json").write_bytes(content)
    code, _, errors = gafreduce(
        command, tmp_path / "run", *(["a/b/c"] if command == "explain" else [])
    )
    assert (code, len(errors.splitlines())) == (1, 1), errors
    assert "codec" not in errors
