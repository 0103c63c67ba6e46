"""Split input files for map tasks, and read the splits in blocks of whole lines.

On one machine the standard input of a task is a split list: lines of `start<TAB>length<TAB>path`,
so that many small files share a task and nothing is copied. On a cluster it is the text itself.
Compressed files are decompressed and verified by compression.py.
"""

from __future__ import annotations

import hashlib
import os
from operator import itemgetter
from typing import IO, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from gafreduce.errors import InputError
from gafreduce.jobs.files import read_meter
from gafreduce.jobs.files.batching import BLOCK_BYTES, seek_line
from gafreduce.jobs.files.compression import decompress, find_compression
from gafreduce.jobs.files.file_version import ChangedError, open_version

#: The longest line that is read, without its LF. Longer ones have no place in annotation files: the
#: file is refused at once, since what has no line ends cannot be counted line by line.
MAX_LINE_BYTES = 64 << 20
#: Files up to this size are never cut; whole files are hashed while they are read.
MIN_SPLIT_BYTES = 1 << 20
#: Divisors of a task's share: of the remaining bytes for each worker, and of all bytes for each
#: worker, which is the smallest share.
_SHARE, _LEAST_SHARE = 2, 16
#: The largest share, in stored bytes.
_MOST_TASK_BYTES = 256 << 20
#: The environment variable that is set if standard input is a split list.
SPLIT_LIST_VARIABLE = "gafreduce_split_list"


class Split(NamedTuple):
    """A part of a file: the lines that begin in [start, start + length) of the stored bytes."""

    path: str
    start: int
    length: int


def write_split_list(splits: Sequence[Split], stream: IO[bytes]) -> None:
    """Write splits, one on each line; line ends and percent signs in paths are escaped."""
    for split in splits:
        path = split.path.replace("%", "%25").replace("\n", "%0A")
        stream.write(f"{split.start}\t{split.length}\t{path}\n".encode("utf-8", "surrogateescape"))


def read_split_list(stream: IO[bytes]) -> List[Split]:
    """Read a split list that `write_split_list` wrote."""
    splits = []
    for line in stream:
        start, length, path = line.decode("utf-8", "surrogateescape")[:-1].split("\t", 2)
        splits.append(Split(path.replace("%0A", "\n").replace("%25", "%"), int(start), int(length)))
    return splits


class ReadBytes:
    """The stored bytes of a split that were read; complete when all its blocks were."""

    def __init__(self) -> None:
        self.n_bytes = 0
        self.sha256 = ""  # of the stored bytes, if the split is a whole file


class SplitBlocks(NamedTuple):
    """The blocks of a split."""

    blocks: Iterator[bytes]  # whole lines, each ended by LF
    read_bytes: ReadBytes


def read_split(split: Split, version: str = "") -> SplitBlocks:
    """Return the blocks of a split.

    Args:
        split: A part of a file of this machine.
        version: Of the file when it was listed; empty when that is not known.

    Raises:
        InputError: The file is damaged; raised when its blocks are read.
        ChangedError: The file is another version, or changed while it was read; raised as above.
    """
    read_bytes = ReadBytes()
    return SplitBlocks(_read_blocks(split, version, read_bytes), read_bytes)


def _read_blocks(split: Split, version: str, read_bytes: ReadBytes) -> Iterator[bytes]:
    with open_version(split.path, version) as stream:
        stream.seek(split.start)
        first = stream.read(4)
        stream.seek(split.start)
        compression = find_compression(first) if split.start == 0 else "plain"
        whole = split.start == 0 and split.length == os.fstat(stream.fileno()).st_size
        digest = hashlib.sha256() if whole else None
        stored = _read_stored(stream, split, digest, read_bytes)
        chunks = decompress(stored, compression, split.path)
        yield from read_whole_lines(chunks, split.start == 0, split.path, split.start)
        if digest is not None:
            read_bytes.sha256 = digest.hexdigest()


def _read_stored(
    stream: IO[bytes], split: Split, digest: Optional[hashlib._Hash], read_bytes: ReadBytes
) -> Iterator[bytes]:
    """Yield, hash and count the stored bytes of a split; a shorter file is an error."""
    left = split.length
    while left:
        chunk = stream.read(min(BLOCK_BYTES, left))
        if not chunk:
            raise ChangedError(
                f"{split.path}: expected {split.length} bytes from {split.start}, got "
                f"{split.length - left} (it changed during the run: run again)"
            )
        left -= len(chunk)
        read_bytes.n_bytes += len(chunk)
        read_meter.count(len(chunk))
        if digest is not None:
            digest.update(chunk)
        yield chunk


def read_whole_lines(
    chunks: Iterator[bytes], at_start: bool, path: str = "", position: int = 0
) -> Iterator[bytes]:
    r"""Yield blocks of whole lines, each line ended by LF, from chunks that end anywhere.

    A BOM at the start of the file is removed. An LF is added to the last line if it has none.

    Args:
        chunks: Bytes of the text, at most `MAX_LINE_BYTES` each.
        at_start: Whether the first chunk is the start of a file.
        path: The file, for messages.
        position: The position of the first chunk in the text, for messages.

    Raises:
        InputError: A line is longer than `MAX_LINE_BYTES`.

    >>> list(read_whole_lines(iter([b"\xef\xbb\xbfa\nb", b"c\nd"]), at_start=True))
    [b'a\n', b'bc\n', b'd\n']
    """
    held: List[bytes] = []
    n_held = 0
    for chunk in chunks:
        position += len(chunk)
        if at_start:
            chunk = b"".join([*held, chunk])
            held = []
            if len(chunk) < 3 and b"\xef\xbb\xbf".startswith(chunk):
                held = [chunk]
                continue
            if chunk.startswith(b"\xef\xbb\xbf"):
                chunk = chunk[3:]
            at_start = False
        end = chunk.rfind(b"\n") + 1
        if n_held + (chunk.find(b"\n") if end else len(chunk)) > MAX_LINE_BYTES:
            raise InputError(
                f"{path}: expected lines of at most {MAX_LINE_BYTES:,} bytes, got a longer one "
                f"from byte {position - len(chunk) - n_held:,} of the text on (is it an annotation "
                "file with a line end, LF, behind each line?)"
            )
        if end:
            yield b"".join([*held, memoryview(chunk)[:end]])
            held = [chunk[end:]]
            n_held = len(chunk) - end
        else:
            held.append(chunk)
            n_held += len(chunk)
    rest = b"".join(held)
    if rest:
        yield rest + b"\n"


def read_stream(stream: IO[bytes], path: str, start: int) -> Iterator[bytes]:
    """Yield blocks of whole lines from the standard input of a cluster's task.

    Args:
        stream: The text of a split.
        path: The file, for messages.
        start: Where the split begins in the file; its first line may begin later.

    Raises:
        InputError: A line is longer than `MAX_LINE_BYTES`.
    """
    chunks = iter(lambda: stream.read(BLOCK_BYTES), b"")
    return read_whole_lines(chunks, start == 0, path, start)


def plan_tasks(
    files: Sequence[Tuple[str, int]], n_workers: int, min_split_bytes: int = MIN_SPLIT_BYTES
) -> List[List[Split]]:
    """Return the splits of each map task: small files share a task, large plain files are cut.

    A task is a share of the bytes that the tasks before it left, and the largest files are first:
    the last tasks are small, and the workers end at about the same time.

    Args:
        files: Path, as the command line names it, and stored size of each input.
        n_workers: Number of tasks that run at a time.
        min_split_bytes: Smallest size of a task but the last, and of a file that is cut.
    """
    left = sum(size for _, size in files)
    least = max(left // (n_workers * _LEAST_SHARE), min_split_bytes)

    def share() -> int:
        return max(min(left // (n_workers * _SHARE), _MOST_TASK_BYTES), least)

    def fits(n_bytes: int) -> bool:
        return n_bytes <= max(room * 3 // 2, min_split_bytes)

    tasks: List[List[Split]] = []
    room = 0  # bytes that the last task still needs
    for path, size in sorted(files, key=itemgetter(1), reverse=True):
        with open(path, "rb") as stream:
            is_plain = find_compression(stream.read(4)) == "plain"
            start, end = 0, -1
            while end < size:
                if room <= 0 or not (is_plain or fits(size)):
                    tasks.append([])
                    room = share()
                is_cut = is_plain and not fits(size - start)
                end = seek_line(stream, start + max(room, min_split_bytes)) if is_cut else size
                tasks[-1].append(Split(path, start, end - start))
                room -= end - start
                left -= end - start
                start = end
    return tasks
