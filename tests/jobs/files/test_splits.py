from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.files import splits
from gafreduce.jobs.files.file_version import ChangedError
from gafreduce.jobs.files.splits import Split

TEXT = b"".join(b"line %d\n" % number for number in range(60_000))


def read(path: Path) -> bytes:
    return b"".join(splits.read_split(Split(str(path), 0, path.stat().st_size)).blocks)


def test_file_that_shrank_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(TEXT)
    with pytest.raises(ChangedError, match="changed during the run"):
        list(splits.read_split(Split(str(path), 0, len(TEXT) + 1)).blocks)


@given(
    st.binary(max_size=200).map(lambda data: data.replace(b"\xef", b"")),
    st.lists(st.integers(1, 20), max_size=30),
    st.booleans(),
)
def test_blocks_are_whole_lines_for_chunks_of_any_size(
    data: bytes, sizes: list[int], bom: bool
) -> None:
    stored = (b"\xef\xbb\xbf" if bom else b"") + data
    chunks, position = [], 0
    for size in [*sizes, len(stored) + 1]:
        if position < len(stored):
            chunks.append(stored[position : position + size])
            position += size
    blocks = list(splits.read_whole_lines(iter(chunks), at_start=True))
    assert all(block.endswith(b"\n") for block in blocks)
    expected = data if data.endswith(b"\n") or not data else data + b"\n"
    assert b"".join(blocks) == expected


@given(
    files=st.lists(st.binary(max_size=400), min_size=1, max_size=5),
    n_workers=st.integers(1, 4),
    least=st.integers(1, 60),
)
def test_splits_end_at_line_ends_and_cover_the_file(
    files: list[bytes], n_workers: int, least: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    paths = [folder / str(number) for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(b"-" + data)  # never a compressed one
    listed = [(str(path), path.stat().st_size) for path in paths]
    tasks = splits.plan_tasks(listed, n_workers, least)
    assert all(tasks)
    for path in paths:
        data = path.read_bytes()
        parts = sorted(split for task in tasks for split in task if split.path == str(path))
        assert [part.start for part in parts] == [
            0,
            *(part.start + part.length for part in parts[:-1]),
        ]
        assert sum(part.length for part in parts) == len(data)
        assert all(data[: part.start].endswith(b"\n") for part in parts[1:])
        assert len(parts) == 1 or len(data) > least


def test_last_tasks_are_small(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.gaf" for number in range(7)]
    for path in paths:
        path.write_bytes(b"x" * 99 + b"\n")
        path.write_bytes(path.read_bytes() * 1000)
    tasks = splits.plan_tasks([(str(path), 100_000) for path in paths], 2, 1000)
    sizes = [sum(split.length for split in task) for task in tasks]
    assert sum(sizes) == 700_000
    assert len(sizes) < 20
    assert max(sizes) < 300_000
    assert max(sizes[-2:]) < 60_000


@pytest.mark.parametrize(
    ("n_lines", "lengths"),
    [(9, [900]), (10, [1000]), (15, [1500]), (16, [1000, 600]), (30, [1000, 1000, 1000])],
)
def test_no_part_of_a_file_is_smaller_than_half_a_task(
    tmp_path: Path, n_lines: int, lengths: list[int]
) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes((b"x" * 99 + b"\n") * n_lines)
    tasks = splits.plan_tasks([(str(path), 100 * n_lines)], 2, 1000)
    assert [[split.length for split in task] for task in tasks] == [[n] for n in lengths]


def test_split_list_preserves_hostile_paths(tmp_path: Path) -> None:
    listed = [Split("/a b\t%0A\n\udcff", 3, 4), Split("/c", 0, 1)]
    path = tmp_path / "list"
    with path.open("wb") as stream:
        splits.write_split_list(listed, stream)
    with path.open("rb") as stream:
        assert splits.read_split_list(stream) == listed


def test_small_files_share_a_task_and_large_files_are_cut(tmp_path: Path) -> None:
    small = [tmp_path / f"{number}.gaf" for number in range(100)]
    for path in small:
        path.write_bytes(TEXT[:999] + b"\n")
    large = tmp_path / "large.gaf"
    large.write_bytes(TEXT)
    files = [(str(path), path.stat().st_size) for path in [*small, large]]
    tasks = splits.plan_tasks(files, n_workers=2, min_split_bytes=1)
    assert 6 <= len(tasks) <= 12
    read_back = b"".join(
        b"".join(splits.read_split(split).blocks) for task in tasks for split in task
    )
    assert len(read_back) == sum(size for _, size in files)


def test_gzip_file_is_never_cut(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(gzip.compress(TEXT))
    tasks = splits.plan_tasks([(str(path), path.stat().st_size)], n_workers=2, min_split_bytes=1)
    assert tasks == [[Split(str(path), 0, path.stat().st_size)]]
