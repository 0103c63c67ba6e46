from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gafreduce.jobs.files import sorting

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
def test_ranges_are_the_sorted_lines_and_cut_no_key(
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
def test_ranges_of_what_is_sorted_in_pieces_are_the_same(
    files: list[list[bytes]], n_ranges: int, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    paths = _written(folder, files)
    bounds = sorting.range_bounds(paths, n_ranges)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sorting, "PIECE_BYTES", size)
        pieces = list(sorting.pieces(paths))
    runs = [
        [str(folder / f"run-{n}-{m}") for m in range(len(bounds) + 1)] for n in range(len(pieces))
    ]
    for piece, of_piece in zip(pieces, runs, strict=True):
        sorting.write_runs(piece, bounds, of_piece)
    ranges: list[list[bytes]] = []
    for of_range in zip(*runs, strict=True):
        output = folder / f"range-{len(ranges)}"
        sorting.merge_files(of_range, str(output), str(folder))
        ranges.append(output.read_bytes().splitlines(keepends=True))
    _check(ranges, files)
    assert not list(folder.glob("run-*"))


def test_ranges_are_about_equal(tmp_path: Path) -> None:
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
