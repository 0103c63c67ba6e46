from __future__ import annotations

import os
from itertools import chain
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gafreduce.jobs.files import sorting
from gafreduce.jobs.files.sorting import LineSorter
from gafreduce.jobs.native import loader

KEYS = st.sampled_from([b"000000000562.00", b"000000000562.01", b"F000000", b"PGO:0000001", b"T"])
LINES = st.lists(
    st.builds(lambda key, rest: b"%s\t%d\n" % (key, rest), KEYS, st.integers(0, 99)), max_size=60
)


FILES = st.lists(LINES, min_size=1, max_size=4)


def _written(folder: Path, files: list[list[bytes]]) -> list[str]:
    paths = []
    for number, lines in enumerate(files):
        path = folder / f"mapped-{number}"
        path.write_bytes(b"".join(lines))
        paths.append(str(path))
    return paths


def _check(ranges: list[list[bytes]], files: list[list[bytes]]) -> None:
    assert [line for lines in ranges for line in lines] == sorted(chain.from_iterable(files))
    keys = [{line.split(b"\t")[0] for line in lines} for lines in ranges]
    assert sum(map(len, keys)) == len(set().union(*keys))


@given(files=FILES, n_ranges=st.integers(1, 5))
def test_ranges_are_sorted_lines_with_whole_keys(
    files: list[list[bytes]], n_ranges: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ranges")
    paths = _written(folder, files)
    bounds = sorting.range_bounds(paths, n_ranges)
    assert len(bounds) < n_ranges
    ranges: list[list[bytes]] = []
    for low, high in zip([b"", *bounds], [*bounds, None], strict=True):
        output = folder / f"range-{len(ranges)}"
        sorting.sort_range(paths, low, high, str(output))
        ranges.append(output.read_bytes().splitlines(keepends=True))
    _check(ranges, files)


@settings(max_examples=30)  # each starts the `sort` program for each range
@given(files=FILES, n_ranges=st.integers(1, 3), size=st.integers(9, 200))
def test_sorting_in_parts_gives_the_same_ranges(
    files: list[list[bytes]], n_ranges: int, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    paths = _written(folder, files)
    bounds = sorting.range_bounds(paths, n_ranges)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sorting, "PART_BYTES", size)
        parts = list(sorting.split_files(paths))
    runs = [
        [str(folder / f"run-{n}-{m}") for m in range(len(bounds) + 1)] for n in range(len(parts))
    ]
    for part, of_part in zip(parts, runs, strict=True):
        sorting.write_ranges(part, bounds, of_part)
    ranges: list[list[bytes]] = []
    for of_range in zip(*runs, strict=True):
        output = folder / f"range-{len(ranges)}"
        sorting.merge_files(of_range, str(output), str(folder))
        ranges.append(output.read_bytes().splitlines(keepends=True))
    _check(ranges, files)
    assert not list(folder.glob("run-*"))


def test_ranges_are_about_equal_in_size(tmp_path: Path) -> None:
    lines = [b"%06d\t%s\n" % (number, b"x" * (number % 50)) for number in range(20_000)]
    paths = [tmp_path / "odd", tmp_path / "even"]
    paths[0].write_bytes(b"".join(lines[1::2][::-1]))
    paths[1].write_bytes(b"".join(lines[::2]))
    names = list(map(str, paths))
    bounds = sorting.range_bounds(names, 4)
    sizes = []
    for low, high in zip([b"", *bounds], [*bounds, None], strict=True):
        sorting.sort_range(names, low, high, str(tmp_path / "range"))
        sizes.append((tmp_path / "range").stat().st_size)
    assert len(sizes) == 4
    assert max(sizes) < 1.15 * min(sizes)


#: Lines of few letters, with and without long shared prefixes: some are equal.
FEW_LETTERS = st.lists(
    st.builds(
        lambda shared, rest: shared + rest + b"\n",
        st.sampled_from([b"", b"0000001", b"x" * 8, b"x" * 30]),
        st.text("ab\t\x00é", max_size=12).map(str.encode),
    ),
    max_size=80,
)
BOUNDS = st.none() | st.sampled_from([b"a", b"0000001a", b"x" * 9, b"\xff"])


@given(FEW_LETTERS, FEW_LETTERS, BOUNDS, BOUNDS, st.lists(BOUNDS.filter(bool), max_size=3))
def test_c_extension_sorts_the_same_lines(
    lines: list[bytes],
    more: list[bytes],
    low: bytes | None,
    high: bytes | None,
    bounds: list[bytes],
) -> None:
    expected = sorted(
        line
        for line in [*lines, *more]
        if (low is None or line >= low) and (high is None or line < high)
    )
    for module in (None, loader.module):
        with patch.object(loader, "module", module):
            found = LineSorter()
        found.add(b"".join(lines), low, high)
        found.add(b"".join(more), low, high)
        taken = []
        for bound in [*sorted(bounds), None]:
            before = b"".join(taken)
            taken += found.take_below(bound)
            own = b"".join(taken)[len(before) :].splitlines(keepends=True)
            assert bound is None or all(line < bound for line in own)
        assert b"".join(taken) == b"".join(expected)
        assert not list(found.take_below(None))


def test_long_shared_prefixes_need_no_deep_stack() -> None:
    lines = [b"x" * (8 * number) + b"\n" for number in range(900, 0, -1) for _ in range(2)]
    found = LineSorter()
    found.add(b"".join(lines))
    assert b"".join(found.take_below(None)) == b"".join(sorted(lines))


def test_lines_without_an_end_are_refused() -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    with pytest.raises(ValueError, match="whole lines"):
        loader.module.LineSorter().add(b"a\nb")


@pytest.mark.parametrize("entry", ["", ".", "bin"])
def test_no_sort_program_of_the_working_folder_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """An unset variable in a PATH (`$TOOLS:/usr/bin`) names the working folder."""
    planted = tmp_path / entry / "sort"
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/executed\n")
    planted.chmod(0o755)
    (tmp_path / "lines").write_bytes(b"b\na\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([entry, os.environ["PATH"]]))
    sorting.sort_files(["lines"], "sorted", str(tmp_path))
    assert (tmp_path / "sorted").read_bytes() == b"a\nb\n"
    assert not (tmp_path / "executed").exists()


def test_without_the_program_sort_lines_are_sorted_by_bytes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "PART_BYTES", 100)
    monkeypatch.setattr(sorting, "_MOST_MERGED", 3)  # so that merged files are merged
    lines = [b"%d\t\xff\n" % (number * 7919 % 1000) for number in range(400)] + [
        b"\xc3\xa4\n",
        b"A\n",
    ]
    paths = [tmp_path / "a", tmp_path / "b"]
    paths[0].write_bytes(b"".join(lines[:150]))
    paths[1].write_bytes(b"".join(lines[150:]))
    sorting.sort_here([str(path) for path in paths], str(tmp_path / "sorted"), str(tmp_path))
    assert (tmp_path / "sorted").read_bytes() == b"".join(sorted(lines))
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "sorted"}


@pytest.mark.parametrize("most", [2, 3, 7])
def test_more_files_than_are_merged_at_once_are_merged_in_steps(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [sorted(b"%d\n" % (n * m % 97) for m in range(1, 20)) for n in range(7)]
    paths = _written(tmp_path, files)
    monkeypatch.setattr(sorting, "_MOST_MERGED", most)
    sorting.merge_here(paths, str(tmp_path / "merged"))
    merged = (tmp_path / "merged").read_bytes().splitlines(keepends=True)
    assert merged == sorted(chain.from_iterable(files))
    assert [each.name for each in tmp_path.iterdir()] == ["merged"]
