"""Inputs that this machine's runners can read: objects brought from S3, zstd unpacked."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.inputs.listing import ListedInput
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.storage import s3
from gafreduce.storage.s3_errors import translate_errors

#: Called with bytes brought so far and bytes in all.
Progress = Callable[[int, int], None]

#: Left free of what is brought: the job and its tables need room too.
_SPARE_BYTES = 64 << 20


@dataclass(frozen=True)
class Fetched:
    """An input as the job reads it."""

    listed: ListedInput
    uri: str  # a path of this machine, or a URI that the cluster can read
    compression: str  # plain, gzip or bzip2
    bytes: int  # of the file at `uri`
    sha256: str = ""  # of the stored bytes, where the job reads others: of zstd files

    def input_file(self) -> InputFile:
        """Return what a reader of its lines needs to know of it."""
        listed = self.listed
        return InputFile(
            uri=self.uri,
            source_file=listed.source_file,
            format=listed.format,
            compression=self.compression,
            bytes=self.bytes,
            taxon_id=listed.taxon_id,
            companion=listed.companion,
            layout=listed.layout,
        )


@contextlib.contextmanager
def fetched(
    inputs: Sequence[ListedInput], access: s3.Access, scratch: Path, progress: Progress
) -> Iterator[tuple[Fetched, ...]]:
    """Give every input as a file of this machine; what was brought is removed at the end.

    Raises:
        S3Error: An object can't be read, or changed since it was listed.
        InputError: A zstd file is damaged, or there is no room for what is to be brought.
    """
    with tempfile.TemporaryDirectory(prefix="inputs-", dir=scratch) as name:
        folder = Path(name)
        paths = _download(_wanted(inputs), folder, access, progress)
        yield tuple(
            _unpacked(_brought(found, paths), folder / f"{number:06d}.text")
            for number, found in enumerate(inputs)
        )


def companions_here(
    inputs: Sequence[ListedInput], access: s3.Access, folder: Path
) -> dict[str, Path]:
    """Return the companions of inputs as files of this machine; those in S3 are brought.

    Raises:
        S3Error: One can't be read, or changed since it was listed.
    """
    folder.mkdir()
    brought = _download(_companions(inputs), folder, access, lambda done, total: None)
    named = dict.fromkeys(found.companion for found in inputs if found.companion)
    return {name: brought.get(name, Path(name)) for name in named}


@dataclass(frozen=True)
class _Object:
    """What is known of an object that is to be brought."""

    etag: str
    bytes: int | None = None  # of an input; of its companion the ETag is enough


def _wanted(inputs: Sequence[ListedInput]) -> dict[str, _Object]:
    """Return the objects to bring by their URIs: inputs in S3, and companions there."""
    return _companions(inputs) | {
        found.uri: _Object(str(found.etag), found.bytes) for found in inputs if found.is_in_s3
    }


def _companions(inputs: Sequence[ListedInput]) -> dict[str, _Object]:
    return {
        found.companion: _Object(found.companion_version)
        for found in inputs
        if found.companion.startswith(s3.SCHEME)
    }


def _download(
    wanted: Mapping[str, _Object], folder: Path, access: s3.Access, progress: Progress
) -> dict[str, Path]:
    """Bring objects, by boto3's own transfer manager; they must be the ones that were listed."""
    if not wanted:
        return {}
    from boto3.s3.transfer import ProgressCallbackInvoker, TransferConfig, create_transfer_manager

    places = {uri: s3.parse(uri) for uri in wanted}
    paths = {uri: folder / f"{number:06d}.stored" for number, uri in enumerate(wanted)}
    counter = _Counter(sum(each.bytes or 0 for each in wanted.values()), progress)
    _check_room(counter.total, folder)
    client = access.client()
    # not its other one, in C, which knows nothing of the client's events
    classic = TransferConfig(preferred_transfer_client="classic")
    etags = {places[uri]: each.etag for uri, each in wanted.items()}
    with (
        s3.only_unchanged(client, etags),
        create_transfer_manager(client, classic) as manager,
    ):
        transfers = {
            uri: manager.download(
                *(place.bucket, place.key, str(paths[uri])),
                subscribers=[ProgressCallbackInvoker(counter.add)],
            )
            for uri, place in places.items()
        }
        for uri, transfer in transfers.items():
            with translate_errors(f"reading {uri}"):
                transfer.result()
            _check_size(uri, wanted[uri], paths[uri])
    return paths


def _check_room(n_bytes: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if n_bytes + _SPARE_BYTES > free:
        raise InputError(
            f"{folder.parent}: expected room for {n_bytes:,} bytes of inputs in S3, got {free:,} "
            "(set TMPDIR to another disk, or run where they lie: -r emr)"
        )


def _check_size(uri: str, expected: _Object, path: Path) -> None:
    size = path.stat().st_size
    if expected.bytes not in (None, size):
        raise InputError(f"{uri}: expected {expected.bytes} bytes, got {size} (run again)")


class _Counter:
    """Adds up what the threads of the transfer manager bring."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.total = total
        self._done = 0
        self._progress = progress
        self._lock = threading.Lock()

    def add(self, n_bytes: int) -> None:
        """Count bytes; fewer than none when a part is brought again."""
        with self._lock:
            self._done += n_bytes
            self._progress(min(self._done, self.total), self.total)


def _brought(found: ListedInput, paths: Mapping[str, Path]) -> Fetched:
    """Return an input with its companion, both on this machine."""
    companion = paths.get(found.companion)
    return Fetched(
        listed=replace(found, companion=str(companion)) if companion else found,
        uri=str(paths.get(found.uri, found.uri)),
        compression=found.compression,
        bytes=found.bytes,
    )


def _unpacked(fetched: Fetched, target: Path) -> Fetched:
    """Return an input as the job can read it: zstd is unpacked."""
    if fetched.compression != "zstd":
        return fetched
    from gafreduce.inputs import zstd

    try:
        sha256 = zstd.unpack(Path(fetched.uri), target)
    except ValueError as error:
        raise InputError(
            f"{fetched.listed.uri}: expected whole zstd frames and nothing else, got a damaged "
            f"file ({error}; get it again)"
        ) from error
    return replace(
        fetched, uri=str(target), compression="plain", bytes=target.stat().st_size, sha256=sha256
    )
