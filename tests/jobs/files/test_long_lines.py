"""Lines have a longest length: files with longer ones are refused in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from gafreduce.errors import InputError
from gafreduce.jobs.files import sorting, splits, task_input
from gafreduce.jobs.files.batching import BLOCK_BYTES
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.files.splits import Split
from gafreduce.jobs.formats import gpi

LIMIT = BLOCK_BYTES * 2
LINE = b"DB\tP1\ts\t\tGO:0030420\tREF:1\tIEA\t\tP\tname\t\tprotein\ttaxon:1\t20200101\tX\t\t\n"
BEFORE = b"".join(b"line %d\n" % number for number in range(9_999))
PACKINGS = {"plain": bytes, "gzip": gzip.compress, "bzip2": bz2.compress}


@pytest.fixture(autouse=True)
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "MAX_LINE_BYTES", LIMIT)


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
@pytest.mark.parametrize("before", [b"", b"\n", BEFORE], ids=["first", "second", "later"])
@pytest.mark.parametrize("after", [b"", b"\n", b"\nmore\n"], ids=["no LF", "last", "more"])
def test_the_longest_line_is_read_and_a_longer_one_is_located(
    tmp_path: Path, pack: Callable[[bytes], bytes], before: bytes, after: bytes
) -> None:
    path = tmp_path / "x.gaf"

    def read(n_bytes: int) -> bytes:
        path.write_bytes(pack(before + b"x" * n_bytes + after))
        return b"".join(splits.read_split(Split(str(path), 0, path.stat().st_size)).blocks)

    assert read(LIMIT) == before + b"x" * LIMIT + (after or b"\n")
    with pytest.raises(InputError, match=rf"x\.gaf: expected lines .* byte {len(before):,} of"):
        read(LIMIT + 1)


def test_the_position_in_a_part_of_a_file_is_that_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(BEFORE + b"abc\n" + b"x" * (LIMIT + 1))
    start = len(BEFORE)
    with pytest.raises(InputError, match=rf"from byte {start + 4:,} of the text"):
        list(splits.read_split(Split(str(path), start, path.stat().st_size - start)).blocks)


def test_a_task_on_a_cluster_refuses_a_long_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("mapreduce_map_input_file", "hdfs://namenode/x.gaf")
    monkeypatch.setenv("mapreduce_map_input_start", "1000000")
    inputs = [InputFile("hdfs:/x.gaf", "x.gaf", "gaf", "plain", 1)]
    (part,) = task_input.read_task_input(io.BytesIO(b"ab\n" + b"x" * (LIMIT + 1)), inputs)
    with pytest.raises(InputError, match=r"x\.gaf: .* from byte 1,000,003 of the text"):
        list(part.blocks)


def test_a_companion_with_a_long_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gpi.gz"
    path.write_bytes(gzip.compress(b"!gpi-version: 2.0\n" + b"x" * (LIMIT + 1)))
    with pytest.raises(InputError, match=r"x\.gpi\.gz: expected lines of at most"):
        gpi.read_gene_products(str(path))


class CountingFile:
    """A file that counts the bytes that are read."""

    n_bytes = 0

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def __enter__(self) -> CountingFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def readline(self, size: int = -1) -> bytes:
        line = self._stream.readline(size)
        CountingFile.n_bytes += len(line)
        return line


def test_the_time_to_find_ranges_does_not_grow_with_the_length_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = []
    for name in ("one", "other"):
        path = tmp_path / name
        lines = [b"%06d\tx\n" % number for number in range(3_000)]
        lines[1_000:1_000] = [b"001000\t" + b"y" * 2_000_000 + b"\n"] * 2
        path.write_bytes(b"".join(lines))
        paths.append(str(path))
    monkeypatch.setattr(
        sorting,
        "open",
        lambda path, mode: CountingFile(io.BufferedReader(io.FileIO(path))),
        raising=False,
    )
    assert sorting.range_bounds(paths, 12)
    assert CountingFile.n_bytes < 3 * sum(Path(path).stat().st_size for path in paths)


def test_parts_of_files_are_found_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(BEFORE + b"x" * 3_000_000 + b"\n" + BEFORE)
    longest = 0

    class Stream(io.BufferedReader):
        def readline(self, size: int | None = -1) -> bytes:
            nonlocal longest
            line = super().readline(size)
            longest = max(longest, len(line))
            return line

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(splits, "open", lambda *_: Stream(io.FileIO(path)), raising=False)
        tasks = splits.plan_tasks([(str(path), path.stat().st_size)], 2, 10_000)
    assert len(tasks) > 1
    assert longest <= BLOCK_BYTES


@pytest.mark.skipif("GAFREDUCE_SANITIZED" in os.environ, reason="a sanitizer reserves terabytes")
@pytest.mark.parametrize("runner", ["inline", "local"])
def test_a_small_file_with_a_huge_line_is_refused_in_little_memory(
    tmp_path: Path, samples: Path, runner: str
) -> None:
    path = tmp_path / "x.gaf.bz2"
    huge = bz2.compress(b"x" * 40_000_000)
    path.write_bytes(bz2.compress(LINE) + huge * 125)  # 5 GB
    assert path.stat().st_size < 10_000
    memory = 3 << 30
    done = subprocess.run(
        [sys.executable, "-m", "gafreduce", "run", str(path), "-q", "-r", runner, "-o",
         str(tmp_path / "out"), "--ontology", str(samples / "go-samples.obo")],
        capture_output=True, check=False, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "x.gaf.bz2: expected lines of at most 67,108,864 bytes, got" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
