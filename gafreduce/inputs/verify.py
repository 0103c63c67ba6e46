"""The inputs of a cluster's job, told again before anything is published: they must be the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gafreduce.errors import TransientError
from gafreduce.inputs.listing import ListedInput
from gafreduce.storage import hdfs, s3
from gafreduce.storage.s3 import Access
from gafreduce.storage.s3_errors import translate_errors

_THREADS = 32
_SHOWN = 10


class ChangedError(TransientError):
    """Inputs changed while they were read."""


def check(inputs: Sequence[ListedInput], access: Access) -> None:
    """Check that every input that the cluster read in its place is what was listed.

    Told by ETag and size in S3, by size and time in HDFS.

    Raises:
        ChangedError: One is not, or is gone; the message names it.
        S3Error: S3 says no.
        HadoopError: Hadoop does.
    """
    found = [*_in_s3(inputs, access), *_in_hdfs(inputs)]
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise ChangedError(
            "expected the inputs as they were listed, got others while they were read: "
            f"{'; '.join(found[:_SHOWN])}{more} (nothing was published: run again)"
        )


def check_here(inputs: Iterable[ListedInput]) -> None:
    """Check the files of this machine alone, after they were put elsewhere.

    Raises:
        ChangedError: One is not what was listed.
    """
    found = list(_here(inputs))
    if found:
        raise ChangedError(f"{found[0]} while it was put into HDFS (run again)")


def _in_s3(inputs: Iterable[ListedInput], access: Access) -> Iterator[str]:
    wanted = [each for each in inputs if each.is_in_s3]
    if not wanted:
        return
    client = access.client()

    def look(each: ListedInput) -> str:
        from botocore.exceptions import ClientError

        place = s3.parse(each.uri)
        with translate_errors(f"looking at {each.uri} again"):
            try:
                now = client.head_object(Bucket=place.bucket, Key=place.key)
            except ClientError as error:
                if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                    return f"{each.uri} is gone"
                raise
        if now["ETag"] == each.etag and now["ContentLength"] == each.bytes:
            return ""
        return f"{each.uri} was replaced at {now['LastModified']:%Y-%m-%d %H:%M:%S %Z}"

    with ThreadPoolExecutor(min(_THREADS, len(wanted))) as pool:
        yield from filter(None, pool.map(look, wanted))


def _in_hdfs(inputs: Iterable[ListedInput]) -> Iterator[str]:
    wanted = [each for each in inputs if each.is_in_hdfs]
    now = {each.uri: each for each in hdfs.exactly([each.uri for each in wanted])}
    for each in wanted:
        if each.uri not in now:
            yield f"{each.uri} is gone"
        elif (now[each.uri].bytes, now[each.uri].mtime_ns) != (each.bytes, each.mtime_ns):
            yield f"{each.uri} was replaced"


def _here(inputs: Iterable[ListedInput]) -> Iterator[str]:
    for each in inputs:
        if each.is_in_s3 or each.is_in_hdfs:
            continue
        try:
            status = Path(each.uri).stat()
        except OSError:
            yield f"{each.uri} is gone"
            continue
        if status.st_size != each.bytes or each.mtime_ns not in (None, status.st_mtime_ns):
            yield f"{each.uri} was changed"
