"""Events of S3, as EventBridge delivers them: which sample sheet a new object is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gafreduce.errors import InputError

#: The name of a sample sheet, which is uploaded after the files that it names.
SHEET = "inputs.tsv"
#: The folder of all inputs in the bucket.
INPUTS = "in/"
_MOST_ID = 128


class NewObject(NamedTuple):
    """A new object below `in/NAME/`."""

    bucket: str
    key: str
    name: str  # of the folder, without `in/`: that of the runs
    correlation_id: str

    @property
    def is_sheet(self) -> bool:
        """Whether it is a sample sheet: others only complete a folder that waits for them."""
        return self.key == self.sheet_key

    @property
    def sheet_key(self) -> str:
        """The key of the sample sheet of the folder."""
        return f"{INPUTS}{self.name}/{SHEET}"

    @property
    def sheet(self) -> str:
        """The s3:// URI of the sample sheet."""
        return f"s3://{self.bucket}/{self.sheet_key}"


def read_event(event: Mapping[str, Any]) -> NewObject:
    """Return the new object of an event of EventBridge, "Object Created".

    Keys of EventBridge are as they are, not URL-encoded as those of S3's own notifications.

    Raises:
        InputError: The event is another.

    >>> detail = {"bucket": {"name": "b"}, "object": {"key": "in/seven/inputs.tsv"}}
    >>> found = read_event({"id": "1", "detail-type": "Object Created", "detail": detail})
    >>> found.name, found.is_sheet, found.sheet
    ('seven', True, 's3://b/in/seven/inputs.tsv')
    """
    try:
        kind, detail = event["detail-type"], event["detail"]
        bucket, key = str(detail["bucket"]["name"]), str(detail["object"]["key"])
    except (KeyError, TypeError) as error:
        raise InputError(
            f"event: expected EventBridge's event of a new object in S3, got one without {error}"
        ) from error
    folder = key.rpartition("/")[0]
    if kind != "Object Created" or not folder.startswith(INPUTS):
        raise InputError(f"event: expected a new object below {INPUTS}NAME/, got {kind} of {key!r}")
    name = folder[len(INPUTS) :]
    if not name or "" in name.split("/"):
        raise InputError(f"event: expected a new object below {INPUTS}NAME/, got {key!r}")
    return NewObject(bucket, key, name, str(event.get("id", ""))[:_MOST_ID])
