"""Give inputs as files of this machine: downloaded, unpacked and in UTF-8 where they are not."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import InputError
from gafreduce.inputs import free_space
from gafreduce.inputs.listed_input import ListedInput, list_companions
from gafreduce.jobs.files.file_version import find_version
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.storage.base import Identity, Progress
from gafreduce.storage.resolve import StorageResolver, local_path


class JobInput(NamedTuple):
    """An input as the job reads it."""

    listed: ListedInput
    uri: str  # a path of this machine, or a URI that the cluster can read
    compression: str  # plain, gzip or bzip2
    bytes: int  # of the file at `uri`
    sha256: str = ""  # of the stored bytes, where the job reads others: of zstd files
    version: str = ""  # of the file at `uri`, where tasks open it (`jobs.files.file_version`)
    companion_version: str = ""  # the same of the companion

    def input_file(self) -> InputFile:
        """Return the row of the input list."""
        return self.listed.input_file()._replace(
            uri=self.uri,
            compression=self.compression,
            bytes=self.bytes,
            version=self.version,
            companion_version=self.companion_version,
        )


def read_in_place(listed: ListedInput) -> JobInput:
    """Return an input that the job reads where it is."""
    return JobInput(listed, listed.uri, listed.compression, listed.bytes)


@contextlib.contextmanager
def local_inputs(
    inputs: Sequence[ListedInput], resolver: StorageResolver, scratch: Path, progress: Progress
) -> Iterator[tuple[JobInput, ...]]:
    """Yield every input as a file of this machine; downloads are removed at the end of the block.

    Raises:
        S3Error: An object can't be read, or changed since it was listed.
        InputError: A zstd file is damaged, or there is no space for the downloads.
    """
    with tempfile.TemporaryDirectory(prefix="inputs-", dir=scratch) as name:
        folder = Path(name)
        wanted = list_companions(inputs) | {each.uri: each.identity for each in inputs}
        paths = _download(wanted, folder, resolver, progress)
        yield tuple(
            _unpack(_localise(listed, paths), folder / f"{number:06d}.text")
            for number, listed in enumerate(inputs)
        )


def download_companions(
    inputs: Sequence[ListedInput], resolver: StorageResolver, folder: Path
) -> dict[str, Path]:
    """Return the companions of inputs as files of this machine, by path or URI.

    Args:
        inputs: As listed.
        resolver: Finds the storage of each.
        folder: A new folder for downloads.

    Raises:
        S3Error: One can't be read, or changed since it was listed.
    """
    folder.mkdir()
    return _download(list_companions(inputs), folder, resolver, lambda done, total: None)


def _download(
    wanted: Mapping[str, Identity], folder: Path, resolver: StorageResolver, progress: Progress
) -> dict[str, Path]:
    """Return files of this machine by path or URI; the others are downloaded."""
    paths = {uri: path for uri in wanted if (path := local_path(uri)) is not None}
    remote = {uri: identity for uri, identity in wanted.items() if uri not in paths}
    free_space.check_space(sum(identity.bytes for identity in remote.values()), folder)
    for number, (storage, uris) in enumerate(resolver.group(remote)):
        target = folder / f"storage-{number}"
        target.mkdir()
        paths |= storage.download({uri: remote[uri] for uri in uris}, target, progress)
    return paths


def _localise(listed: ListedInput, paths: Mapping[str, Path]) -> JobInput:
    """Return an input with its companion, both on this machine."""
    companion_version = ""
    if listed.companion:
        companion = paths[listed.companion].as_posix()
        companion_version = listed.companion_version or find_version(companion)
        listed = listed._replace(companion=companion)
    path = paths[listed.uri].as_posix()
    return JobInput(
        listed,
        path,
        listed.compression,
        listed.bytes,
        version=listed.identity.file_version or find_version(path),  # of a download
        companion_version=companion_version,
    )


def _unpack(found: JobInput, target: Path) -> JobInput:
    """Return an input as the job can read it: zstd is unpacked, other encodings converted."""
    label = found.listed.uri
    if found.listed.encoding:
        from gafreduce.inputs import encoding

        sha256 = encoding.convert(
            encoding.StoredText(Path(found.uri), found.compression, found.version, label),
            target,
            found.listed.encoding,
        )
    elif found.compression == "zstd":
        sha256 = _unpack_zstd(Path(found.uri), target, found.version, label)
    else:
        return found
    return found._replace(
        uri=str(target),
        compression="plain",
        bytes=target.stat().st_size,
        sha256=sha256,
        version=find_version(str(target)),
    )


def _unpack_zstd(path: Path, target: Path, version: str, label: str) -> str:
    """Unpack a file, and return the sha256 of the stored bytes."""
    from gafreduce.inputs import zstd

    try:
        return zstd.unpack(path, target, version, label)
    except ValueError as error:
        raise InputError(
            f"{label}: expected whole zstd frames and nothing else, got a damaged file ({error}; "
            "get it again)"
        ) from error
