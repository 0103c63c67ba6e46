"""The input list keeps any name of a file, and any spelling of a file's URI finds its row."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gafreduce.errors import InputError
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import (
    InputFile,
    decode_name,
    normalise_uri,
    shortest_names,
)

#: What a file system may call a file: any bytes but / and NUL.
names = (
    st.binary(min_size=1, max_size=12)
    .filter(lambda name: not {0, ord("/")} & set(name) and name not in (b".", b".."))
    .map(os.fsdecode)
)
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(uris=st.lists(names, max_size=4))
@example(uris=["%", "%25", "\t", "\n", "\r", "\x85", "\u2028", "\udcff"])
def test_any_file_name_is_preserved(
    uris: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    inputs = tuple(InputFile(f"/{uri}", uri, "gaf", "plain", 1, layout=uri) for uri in uris)
    path = tmp_path_factory.mktemp("list") / "inputs.tsv"
    input_list.write_input_list(inputs, path)
    assert input_list.read_input_list(path) == inputs


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text[:-1], "expected an input list"),
        (lambda text: text[: text.rindex("\t")] + "\n", ":2: expected 13 columns, got 12"),
        (lambda text: text[:-1] + "\tmore\n", ":2: expected 13 columns, got 14"),
        (lambda text: text.replace("\t77\t", "\tmany\t"), ":2: expected a number, .*'many'"),
        (lambda text: "", ":1: expected an input list"),
    ],
    ids=["cut", "column short", "column more", "no number", "empty"],
)
def test_damaged_input_list_is_refused(damage: object, words: str, tmp_path: Path) -> None:
    path = tmp_path / "inputs.tsv"
    input_list.write_input_list([InputFile("/x", "x", "gaf", "plain", 77)], path)
    assert callable(damage)
    path.write_text(damage(path.read_text()))
    with pytest.raises(InputError, match=words):
        input_list.read_input_list(path)


@given(name=names)
@example(name="a%20b")
@example(name="%")
def test_spellings_of_an_existing_file_are_normalised(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("f") / name
    path.touch()
    text = str(path)
    spellings = [text, f"file://{text}", f"file:{text}", f"file://localhost{text}"]
    assert {normalise_uri(spelling) for spelling in spellings} == {text}


@given(key=keys.filter(lambda key: not key.startswith("/")))
def test_spellings_of_an_s3_object_are_normalised(key: str) -> None:
    spellings = [f"{scheme}://bucket/{key}" for scheme in ("s3", "s3a", "s3n")]
    assert {normalise_uri(spelling) for spelling in spellings} == {f"s3://bucket/{key}"}


@given(name=keys.filter(lambda key: "/" not in key))
def test_spellings_of_an_hdfs_file_are_normalised(name: str) -> None:
    spellings = [f"hdfs://host:9000/d/{name}", f"hdfs:///d/{name}", f"hdfs:/d/{name}"]
    assert {normalise_uri(spelling) for spelling in spellings} == {f"hdfs:/d/{name}"}


def test_escapes_of_a_missing_file_are_decoded() -> None:
    assert normalise_uri("file://" + quote("/nowhere/ä b")) == "/nowhere/ä b"


@given(name=names)
def test_decoded_name_can_be_encoded(name: str) -> None:
    assert decode_name(name).encode()
    assert decode_name(decode_name(name)) == decode_name(name)


@given(paths=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), unique_by=tuple))
def test_short_names_are_distinct(paths: list[list[str]]) -> None:
    whole = ["/" + "/".join([*path, "x.gaf"]) for path in paths]
    short = shortest_names(whole)
    assert len(set(short)) == len(whole)
    assert all(path.endswith(name) for path, name in zip(whole, short, strict=True))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    inputs=st.lists(
        st.builds(
            InputFile, texts, texts, texts, texts, st.integers(0, 2**40), st.integers(0), texts
        ),
        max_size=4,
    )
)
def test_input_list_is_read_as_it_was_written(
    inputs: list[InputFile], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("list") / "inputs.tsv"
    input_list.write_input_list(inputs, path)
    assert input_list.read_input_list(path) == tuple(inputs)


def test_other_file_is_refused_as_input_list(tmp_path: Path) -> None:
    path = tmp_path / "inputs.tsv"
    path.write_text("path\nx\n")
    with pytest.raises(InputError, match=":1: expected an input list"):
        input_list.read_input_list(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file:///d/x.gaf", "/d/x.gaf"),
        ("file:/d/x.gaf", "/d/x.gaf"),
        ("file://localhost/d/x.gaf", "/d/x.gaf"),
        ("file:///d/a%20b.gaf", "/d/a b.gaf"),
        ("/d/x.gaf", "/d/x.gaf"),
        ("s3a://b/k", "s3://b/k"),
        ("s3n://b/k", "s3://b/k"),
        ("hdfs://h:9000/d/x.gaf", "hdfs:/d/x.gaf"),
        ("hdfs:///d/x.gaf", "hdfs:/d/x.gaf"),
    ],
)
def test_uris_are_normalised(text: str, expected: str) -> None:
    assert normalise_uri(text) == expected


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("s3n://b/s3a://x", "s3://b/s3a://x"),
        ("file:///a/file:b", "/a/file:b"),
        ("file:/a/file:///b", "/a/file:///b"),
        ("hdfs://name/a/hdfs://b", "hdfs:/a/hdfs://b"),
    ],
)
def test_only_the_scheme_at_the_beginning_is_changed(text: str, uri: str) -> None:
    assert normalise_uri(text) == uri
