"""Compare inputs with the versions that were listed or that a run read, and with each other."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.inputs import content
from gafreduce.inputs.listed_input import InputListing, ListedInput, list_companions
from gafreduce.jobs.files.file_version import ChangedError
from gafreduce.storage.base import Identity
from gafreduce.storage.resolve import StorageResolver, local_path
from gafreduce.storage.s3 import Access

_SHOWN = 10
_NS_PER_S = 1_000_000_000


def check_unchanged(inputs: Sequence[ListedInput], access: Access) -> None:
    """Check that the inputs that a cluster read are still the versions that were listed.

    Files of this machine are left out, but not their companions: a cluster reads copies, those of
    files are made once for all jobs, those of companions for each job.

    Raises:
        ChangedError: One changed or was removed; the message names it.
        S3Error: A request to S3 failed.
        HadoopError: A call of Hadoop failed.
    """
    listed = {each.uri: each.identity for each in inputs if local_path(each.uri) is None}
    _check_changes(listed | list_companions(inputs), StorageResolver(access, has_hadoop=True))


def check_unchanged_here(inputs: Sequence[ListedInput]) -> None:
    """Check that the files of this machine are still the versions that were listed.

    Raises:
        ChangedError: One changed or was removed; the message names it.
    """
    listed = {each.uri: each.identity for each in inputs} | list_companions(inputs)
    here = {uri: each for uri, each in listed.items() if local_path(uri) is not None}
    _check_changes(here, StorageResolver())


def _check_changes(listed: Mapping[str, Identity], resolver: StorageResolver) -> None:
    changes = list(_find_changes(listed, resolver))
    if changes:
        more = f"; and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
        raise ChangedError(
            "expected the inputs as they were listed, got others while they were read: "
            f"{'; '.join(changes[:_SHOWN])}{more} (nothing was published: run again)"
        )


def check_copied(inputs: Iterable[ListedInput]) -> None:
    """Check that files are still the versions that were listed, after they were copied into HDFS.

    Raises:
        ChangedError: One changed or was removed.
    """
    listed = {each.uri: each.identity for each in inputs}
    for change in _find_changes(listed, StorageResolver()):
        raise ChangedError(f"{change} while it was copied into HDFS (run again)")


def _find_changes(listed: Mapping[str, Identity], resolver: StorageResolver) -> Iterator[str]:
    """Yield a sentence for each input that changed or was removed since it was listed."""
    for storage, uris in resolver.group(listed):
        entries = storage.stat(uris)
        for uri in uris:
            if uri not in entries:
                yield f"{uri} is gone"
            elif not listed[uri].matches(entries[uri].identity):
                yield f"{uri} was replaced{_describe_change(listed[uri], entries[uri].identity)}"


def _describe_change(before: Identity, after: Identity) -> str:
    size = f" (size {after.bytes:,}, not {before.bytes:,})" if after.bytes != before.bytes else ""
    if after.mtime_ns is None:
        return size
    changed = datetime.fromtimestamp(after.mtime_ns // _NS_PER_S, UTC)
    return f" at {changed:%Y-%m-%d %H:%M:%S %Z}{size}"


def check_distinct(
    inputs: Sequence[ListedInput], first_lines: Sequence[str], resolver: StorageResolver
) -> None:
    """Check that no two inputs have the same lines: they would count twice.

    Compression, headers and line ends make no difference between files of this machine. Elsewhere
    the checksums of the storage are compared. Only files with the same first lines are read for it.

    Args:
        inputs: As listed.
        first_lines: A digest of the first lines of each; empty for none.
        resolver: Finds the storage of each.

    Raises:
        InputError: Two inputs have the same lines.
    """
    groups: dict[str, list[ListedInput]] = defaultdict(list)
    for found, digest in zip(inputs, first_lines, strict=True):
        if digest:
            groups[digest].append(found)
    for group in groups.values():
        if len(group) > 1:
            check_distinct_contents(_digest_contents(group, resolver))


def _digest_contents(
    inputs: Sequence[ListedInput], resolver: StorageResolver
) -> Iterator[tuple[str, str]]:
    """Yield the URI of each input with a digest of its lines, in the order of the inputs."""
    identities = {each.uri: each.identity for each in inputs}
    checksums: dict[str, str] = {}
    for storage, uris in resolver.group(identities):
        checksums |= storage.checksums({uri: identities[uri] for uri in uris})
    for each in inputs:
        known = checksums.get(each.uri)
        yield (
            each.uri,
            known
            or content.hash_lines(Path(each.uri), each.bytes, each.compression, each.encoding),
        )


def check_distinct_contents(contents: Iterable[tuple[str, str]]) -> None:
    """Check that no two inputs have the same content: their lines would count twice.

    Args:
        contents: The name of each input, and a digest of its content.

    Raises:
        InputError: Two inputs have the same content.
    """
    names: dict[str, str] = {}
    for name, digest in contents:
        if digest in names:
            raise InputError(
                f"{name}: expected each file once, got the same content as {names[digest]} "
                "(leave one out)"
            )
        names[digest] = name


def select_files_of_run(
    recorded: Sequence[Mapping[str, Any]], listing: InputListing
) -> list[ListedInput]:
    """Return the files of an earlier run, in its order, when they are unchanged.

    Args:
        recorded: The inputs of the run, as in run.json.
        listing: The files that are there now.

    Raises:
        InputError: The run read other files, or one has changed.
    """
    by_name = {found.source_file: found for found in listing.inputs}
    known = {str(each["source_file"]): each for each in recorded}
    if by_name.keys() != known.keys():
        missing = ", ".join(sorted(known.keys() - by_name.keys())) or "none missing"
        more = ", ".join(sorted(by_name.keys() - known.keys())) or "none more"
        raise InputError(f"expected the files of the run, got others ({missing}; {more})")
    for name, each in known.items():
        if not _is_file_of_run(by_name[name], each):
            raise InputError(
                f"{by_name[name].uri}: expected the file that the run read, it has changed"
            )
    return [by_name[name] for name in known]


def _is_file_of_run(found: ListedInput, recorded: Mapping[str, Any]) -> bool:
    """Compare checksums; sizes and times where the run took no checksum."""
    if not recorded.get("sha256"):
        known = Identity(recorded["bytes"], recorded.get("mtime_ns"))
        return found.identity == known
    with Path(found.uri).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == str(recorded["sha256"])
