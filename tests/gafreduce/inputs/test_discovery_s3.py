"""Inputs in S3 are found, and downloaded whole and unchanged or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gaf_lines import line

from gafreduce.errors import InputError
from gafreduce.inputs.download import local_inputs
from gafreduce.inputs.listed_input import InputListing
from gafreduce.storage import s3
from gafreduce.storage.resolve import StorageResolver


def uris(found: InputListing) -> list[str]:
    return [each.uri.removeprefix("s3://gaf/") for each in found.inputs]


def test_other_files_below_a_prefix_are_not_read(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in/a.gaf": line("P1"), "in/deep/b.gaf": line("P2"), "in/README.md": b"# message"})
    put(**{"in/_SUCCESS": b"", "in/.hidden": b"x", "in/deep/": b"", "inside/c.gaf": line("P3")})
    for argument in ("s3://gaf/in/", "s3://gaf/in", "s3a://gaf/in/", "s3n://gaf/in"):
        found = listing(argument)
        assert uris(found) == ["in/a.gaf", "in/deep/b.gaf"]
        assert len(found.notes) == 1
        assert found.notes[0].endswith(": not read: README.md, _SUCCESS")


def test_object_takes_precedence_over_prefix_and_glob(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in": line("P1"), "in/a.gaf": line("P2"), "a[1].gaf": line("P3"), "a1.gaf": line("P4")})
    assert uris(listing("s3://gaf/in")) == ["in"]
    assert uris(listing("s3://gaf/in/")) == ["in/a.gaf"]
    assert uris(listing("s3://gaf/a[1].gaf")) == ["a[1].gaf"]
    assert uris(listing("s3://gaf/a[0-9].gaf")) == ["a1.gaf"]
    assert uris(listing("s3://gaf/*/*")) == ["in/a.gaf"]


@pytest.mark.parametrize("key", ["a b.gaf", "%41%20.gaf", "#1?.gaf", "é☃.gaf", "a+b&c=d.gaf"])
def test_objects_with_hostile_keys_are_read(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    tmp_path: Path,
    key: str,
) -> None:
    put(**{f"x y/{key}": line("P1")})
    found = listing(f"s3://gaf/x y/{key}").inputs
    assert found[0].source_file == key
    with local_inputs(
        found, StorageResolver(access), tmp_path, lambda done, total: None
    ) as downloaded:
        assert Path(downloaded[0].uri).read_bytes() == line("P1")


def test_sheet_in_s3_may_have_any_name(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in/a.gaf": line("P1"), "in/b/c.gaf": line("P2"), "in/b/inputs.tsv": b"path\nc.gaf\n"})
    put(**{"in/sheet.tsv": b"path\torganism\na.gaf\tA b\ns3://gaf/in/b/c.gaf\tC d\n"})
    found = listing("s3://gaf/in/sheet.tsv").inputs
    assert [(each.source_file, each.organism) for each in found] == [
        ("a.gaf", "A b"),
        ("c.gaf", "C d"),
    ]
    assert uris(listing("s3://gaf/in/b")) == ["in/b/c.gaf"]


def test_error_in_a_sheet_in_s3_is_reported_with_its_line(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"in/inputs.tsv": b"path\tcomplete\na.gaf\tmaybe\n"})
    with pytest.raises(InputError, match=r"s3://gaf/in/inputs\.tsv:2: expected true or false"):
        listing("s3://gaf/in/")
    put(**{"in/inputs.tsv": b"path\na.gaf\n"})
    with pytest.raises(InputError, match=r"s3://gaf/in/inputs\.tsv:2: s3://gaf/in/a\.gaf: exp"):
        listing("s3://gaf/in/")
    put(**{"in/inputs.tsv": b""})
    with pytest.raises(InputError, match=r"s3://gaf/in/inputs\.tsv: expected a sample sheet"):
        listing("s3://gaf/in/")


def test_copies_in_s3_are_recognised_by_their_etags(
    put: Callable[..., None], listing: Callable[..., InputListing]
) -> None:
    put(**{"a.gaf": line("P1"), "b.gaf": line("P1")})
    with pytest.raises(InputError, match="got the same content as s3://gaf/a"):
        listing("s3://gaf/a.gaf", "s3://gaf/b.gaf")
    with pytest.raises(InputError, match="expected each file once"):
        listing("s3://gaf/a.gaf", "s3a://gaf/a.gaf")


def test_only_the_beginning_of_an_object_is_read_to_list_it(
    put: Callable[..., None],
    listing: Callable[..., InputListing],
    access: s3.Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(**{f"{number}.gaf": line(f"P{number}") * 20_000 for number in range(3)})
    asked = []
    original = access.client().get_object

    def get(**given: Any) -> Any:
        asked.append((given["Range"], bool(given["IfMatch"])))
        return original(**given)

    monkeypatch.setattr(access.client(), "get_object", get)
    listing("s3://gaf/")
    assert asked == [("bytes=0-65535", True)] * 3


# zstd


# errors in message
