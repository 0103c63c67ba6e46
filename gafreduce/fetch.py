"""Inputs that this machine's runners can read: objects brought from S3, zstd unpacked."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gafreduce import s3
from gafreduce.inputs import InputError, ListedInput

#: Called with bytes brought so far and bytes in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fetched:
    """An input as the job reads it."""

    listed: ListedInput
    uri: str  # a path of this machine, or a URI that the cluster can read
    compression: str  # plain, gzip or bzip2
    bytes: int  # of the file at `uri`


@contextlib.contextmanager
def fetched(
    inputs: Sequence[ListedInput], access: s3.Access, scratch: Path, progress: Progress
) -> Iterator[tuple[Fetched, ...]]:
    """Give every input as a file of this machine; what was brought is removed at the end.

    Raises:
        S3Error: An object can't be read, or changed since it was listed.
        InputError: A zstd file is damaged.
    """
    remote = [found for found in inputs if found.is_remote]
    total = sum(found.bytes for found in remote)
    with tempfile.TemporaryDirectory(prefix="inputs-", dir=scratch) as folder:
        done = 0
        brought = []
        for number, found in enumerate(inputs):
            path = Path(found.uri)
            if found.is_remote:
                path = Path(folder) / f"{number:06d}"
                _download(found, path, access)
                done += found.bytes
                progress(done, total)
            compression, size = found.compression, found.bytes
            if compression == "zstd":
                path = _unpack(path, found, Path(folder) / f"{number:06d}.gaf")
                compression, size = "plain", path.stat().st_size
            brought.append(Fetched(found, str(path), compression, size))
        yield tuple(brought)


def _download(found: ListedInput, path: Path, access: s3.Access) -> None:
    """Bring an object, by boto3's own transfer; it must be the one that was listed."""
    location = s3.parse(found.uri)
    with s3.in_words(f"reading {found.uri}"):
        client = access.client()
        # the transfer takes no IfMatch of its own: every request that it makes gets it
        client.meta.events.register(
            "before-parameter-build.s3.GetObject",
            lambda params, **_: params.update(IfMatch=found.etag),
        )
        client.download_file(location.bucket, location.key, str(path))
    if path.stat().st_size != found.bytes:
        raise InputError(
            f"{found.uri}: expected {found.bytes} bytes, got {path.stat().st_size} (run again)"
        )


def _unpack(path: Path, found: ListedInput, target: Path) -> Path:
    """Unpack all frames of a zstd file."""
    import zstandard

    with path.open("rb") as stored, target.open("wb") as text:
        reader = zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True)
        try:
            shutil.copyfileobj(reader, text)
        except zstandard.ZstdError as error:
            raise InputError(
                f"{found.uri}: expected zstd frames and nothing else, got damaged data ({error}; "
                "get the file again)"
            ) from error
    _check_last_frame(path, found)
    return target


def _check_last_frame(path: Path, found: ListedInput) -> None:
    """Check that the last frame is whole: the reader above ends quietly where a file is cut."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor().decompressobj()
    with path.open("rb") as stored:
        while chunk := stored.read(1 << 20):
            while chunk:
                if decompressor.eof:
                    decompressor = zstandard.ZstdDecompressor().decompressobj()
                decompressor.decompress(chunk)
                chunk = decompressor.unused_data if decompressor.eof else b""
    if not decompressor.eof:
        raise InputError(
            f"{found.uri}: expected a whole zstd file, got one cut short (get it again)"
        )
