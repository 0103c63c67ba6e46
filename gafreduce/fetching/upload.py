"""Put a fetched folder into S3: the list of sources last, as the sign that all is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.storage.s3_prefix import Prefix


def check_new_prefix(prefix: Prefix, last: str, ours: Collection[str] | None = None) -> None:
    """Check that a prefix is empty, or that an upload into it broke off.

    Args:
        prefix: The prefix.
        last: The name of the object that is put last.
        ours: Names that the upload puts, if they are known: others are somebody else's.

    Raises:
        InputError: It has other objects, or a complete upload.
        S3Error: A request failed.
    """
    found = set(prefix.list_names())
    if last in found or (ours is not None and not found <= set(ours)):
        raise InputError(
            f"{prefix.uri}: expected an empty prefix, got objects (name another one: -o)"
        )


def upload_folder(folder: Path, prefix: Prefix, last: str) -> None:
    """Put all files of a folder into an empty prefix.

    Raises:
        InputError: The prefix has objects of others.
        S3Error: A request failed; what was put is removed if possible.
    """
    names = sorted(path.name for path in folder.iterdir())
    check_new_prefix(prefix, last, names)
    put: list[str] = []
    try:
        with translate_errors(f"writing {prefix.uri}"):
            for name in (*(each for each in names if each != last), last):
                put.append(name)
                prefix.upload(folder / name, name)
    except BaseException:
        _withdraw(prefix, put)
        raise


def _withdraw(prefix: Prefix, names: Iterable[str]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    for name in names:
        try:
            prefix.remove([name])
        except (BotoCoreError, ClientError):
            return
