"""Discovery of inputs: hostile names, sheets, links, copies, standard input."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import random
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from gaf_lines import line

from gafreduce.errors import InputError
from gafreduce.inputs import zstd as zstd_module
from gafreduce.inputs.listed_input import InputListing, ListedInput
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.pipeline.run_id import compute_run_id
from gafreduce.storage.resolve import StorageResolver


def text(n_lines: int) -> bytes:
    """Return hardly compressible lines: one block of bzip2 holds more than the sniffed bytes."""
    numbers = random.Random(1)
    return b"".join(line(f"{numbers.getrandbits(400):x}") for _ in range(n_lines))


def listing(*arguments: object, scratch: Path) -> InputListing:
    return list_inputs(
        InputRequest(tuple(str(argument) for argument in arguments)), StorageResolver(), scratch
    )


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets standard input."""
    return lambda data: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


HOSTILE = ["a b", "%41%", "#1", "é☃", "x\ny", "tab\there", "[1]*?", "-", "s3:", "'\"$(x)", "a%0Ab"]


@pytest.mark.parametrize("name", HOSTILE)
def test_files_and_folders_with_hostile_names_are_found(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    path = folder / f"{name}.gaf"
    path.write_bytes(line("P1"))
    for argument in (path, folder):
        (found,) = listing(argument, scratch=tmp_path).inputs
        assert (found.uri, found.source_file) == (str(path), f"{name}.gaf")


def test_name_that_is_not_utf8_is_displayed_as_latin1(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.gaf")
    path.write_bytes(line("P1"))
    (tmp_path / os.fsdecode(b"\xe9.md")).write_bytes(b"message")
    found = listing(tmp_path, scratch=tmp_path)
    assert found.inputs[0].source_file == "café.gaf"
    assert found.inputs[0].uri == str(path)
    assert found.notes == (f"{tmp_path}: not read: é.md",)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd.compress])
def test_format_of_hardly_compressible_text_is_recognised(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "x"
    path.write_bytes(pack(text(9_000)))
    assert listing(path, scratch=tmp_path).inputs[0].format == "gaf"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd.compress])
def test_first_members_may_be_empty_or_hold_only_comments(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "x"
    path.write_bytes(pack(b"") + pack(b"!hello\n") + pack(line("P1")))
    assert listing(path, scratch=tmp_path).inputs[0].format == "gaf"


def test_only_the_beginning_of_highly_compressed_text_is_decompressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(zstd.compress(line("P1") * 200_000))
    lengths = []

    original = zstd_module.ZstdDecompressor

    class Watched:
        def __init__(self) -> None:
            self._own = original()

        def decompress(self, data: bytes, max_length: int = -1) -> bytes:
            lengths.append(max_length)
            return self._own.decompress(data, max_length)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._own, name)

    monkeypatch.setattr(zstd_module, "ZstdDecompressor", Watched)
    listing(path, scratch=tmp_path)
    assert lengths == [1 << 16]


def test_hard_and_symbolic_links_count_as_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(line("P1"))
    os.link(path, tmp_path / "hard.gaf")
    (tmp_path / "soft.gaf").symlink_to(path)
    for other in ("hard.gaf", "soft.gaf"):
        with pytest.raises(InputError, match="expected each file once"):
            listing(path, tmp_path / other, scratch=tmp_path)


def test_copies_are_refused_but_not_files_with_the_same_beginning(tmp_path: Path) -> None:
    long = text(2_000)
    (tmp_path / "a.gaf").write_bytes(long + line("P1"))
    (tmp_path / "b.gaf").write_bytes(long + line("P2"))
    assert len(listing(tmp_path, scratch=tmp_path).inputs) == 2
    (tmp_path / "b.gaf").write_bytes(long + line("P1"))
    with pytest.raises(InputError, match=r"b\.gaf: expected each file once, got the same content"):
        listing(tmp_path, scratch=tmp_path)


def test_files_with_the_same_header_and_no_lines_are_accepted(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.gaf").write_bytes(b"!gaf-version: 2.1\n")
    assert len(listing(tmp_path, scratch=tmp_path).inputs) == 2


def test_pipe_is_refused_with_advice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"got a pipe or device .*gafreduce run -"):
        listing(tmp_path / "pipe", scratch=tmp_path)


def test_pipes_and_broken_links_do_not_match_a_glob(tmp_path: Path) -> None:
    (tmp_path / "a.gaf").write_bytes(line("P1"))
    os.mkfifo(tmp_path / "b.gaf")
    (tmp_path / "c.gaf").symlink_to(tmp_path / "none")
    (found,) = listing(tmp_path / "*.gaf", scratch=tmp_path).inputs
    assert found.source_file == "a.gaf"


def test_glob_that_matches_only_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="got none"):
        listing(tmp_path / "*", scratch=tmp_path)


def test_standard_input_is_copied_and_identified_by_its_content(tmp_path: Path, give: Any) -> None:
    def listed(data: bytes) -> ListedInput:
        give(data)
        (found,) = listing("-", scratch=tmp_path).inputs
        assert Path(found.uri).read_bytes() == data
        return found

    one, other = listed(line("P1")), listed(line("P2"))
    assert one.source_file == "standard-input"
    assert compute_run_id([one], "o", {}, "c") != compute_run_id([other], "o", {}, "c")
    assert compute_run_id([one], "o", {}, "c") == compute_run_id([listed(line("P1"))], "o", {}, "c")


def test_standard_input_named_twice_is_refused(tmp_path: Path, give: Any) -> None:
    give(line("P1"))
    with pytest.raises(InputError, match="expected standard input once"):
        listing("-", "-", scratch=tmp_path)


def test_changed_companion_changes_the_run_id(tmp_path: Path) -> None:
    gpad = "!gpa-version: 1.1\nUniProtKB\tP1\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000314\t\t\t20200102\tX\t\t\n"
    (tmp_path / "x.gpa").write_text(gpad)
    gpi = tmp_path / "x.gpi"
    (tmp_path / "inputs.tsv").write_text("path\tcompanion\nx.gpa\tx.gpi\n")

    def identifier(symbol: str) -> str:
        gpi.write_text(f"!gpi-version: 1.2\nUniProtKB\tP1\t{symbol}\t\t\tprotein\ttaxon:1\t\t\t\n")
        found = listing(tmp_path, scratch=tmp_path).inputs
        assert [each.companion for each in found] == [str(gpi)]
        return compute_run_id(found, "o", {}, "c")

    assert identifier("short") != identifier("a longer one")
    gpi.unlink()
    with pytest.raises(InputError, match=r"x\.gpi: expected a GPI file"):
        listing(tmp_path, scratch=tmp_path)


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """Return a folder with files in folders, in a run folder and in hidden folders."""
    for number, name in enumerate(
        ("b/x.gaf", "a/deep/y.gaf", "a/README.md", ".git/z.gaf", "my-run/tables/t.tsv", "c/w.gaf")
    ):
        path = tmp_path / "top" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(line(f"P{number}"))
    (tmp_path / "top/my-run/MANIFEST.tsv").write_text("")
    (tmp_path / "top/c/inputs.tsv").write_text("path\torganism\nw.gaf\tWild\n")
    (tmp_path / "top/d").symlink_to(tmp_path / "top")  # a circle
    return tmp_path / "top"


def list_below(folder: Path | str, scratch: Path, **options: Any) -> InputListing:
    request = InputRequest((str(folder),), is_recursive=True, **options)
    return list_inputs(request, StorageResolver(), scratch)


def test_folders_in_folders_are_searched_on_request(nested: Path, tmp_path: Path) -> None:
    found = list_below(nested, tmp_path)
    names = {each.uri.removeprefix(f"{nested}/"): each.organism for each in found.inputs}
    assert names == {"a/deep/y.gaf": "", "b/x.gaf": "", "c/w.gaf": "Wild"}
    assert found.notes == (
        f"{nested}: not read: a/README.md",
        f"{nested}: not read: results of gafreduce: my-run",
    )


def test_the_order_of_files_does_not_depend_on_how_the_folder_is_named(
    nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(nested.parent)
    assert list_below("top", tmp_path).inputs == list_below(nested, tmp_path).inputs
    assert list_below("top/", tmp_path).notes[0] == "top: not read: a/README.md"


def test_a_folder_that_has_files_only_in_folders_names_the_option(
    nested: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        InputError,
        match=r"got none, but files in its folders a, b, c \(search them too: --recursive\)$",
    ):
        listing(nested, scratch=tmp_path)
    (tmp_path / "empty/below").mkdir(parents=True)
    with pytest.raises(InputError, match=r"expected annotation files in this folder, got none$"):
        listing(tmp_path / "empty", scratch=tmp_path)


def test_a_run_folder_is_no_input(nested: Path, tmp_path: Path) -> None:
    for is_recursive in (False, True):
        request = InputRequest((str(nested / "my-run"),), is_recursive=is_recursive)
        with pytest.raises(InputError, match=r"got a run folder of gafreduce \(name the inputs"):
            list_inputs(request, StorageResolver(), tmp_path)
