"""Publishing a run folder to S3: claimed first, the manifest last, nothing left after a failure.

A prefix belongs to whoever put the claim there first (a conditional put). Readers take a run for
published when its manifest is there; that is put last, on the condition that none is there.
"""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports import manifest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CLAIM = ".gafreduce-claim.json"
#: A claim that is older than this was left by a run that died.
STALE_SECONDS = 6 * 3600
_CONFLICT_TRIES = 5

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values; charset=utf-8",
}
_OTHER_TYPE = "application/octet-stream"


class PublishError(ValueError):
    """The place is another run's, or another attempt publishes there."""


def publish(folder: Path, bucket: str, prefix: str, run_id: str, client: S3Client) -> bool:
    """Put a whole run folder under a prefix.

    Args:
        folder: With its manifest.
        bucket: Where to.
        prefix: Keys begin with it and a slash.
        run_id: Of the run.
        client: boto3's.

    Returns:
        False when the same run is published there already, and nothing was done.

    Raises:
        PublishError: Another run is there, or another attempt is publishing.
        botocore.exceptions.ClientError: S3 says no; what this attempt had put is removed.
    """
    place = _Place(client, bucket, prefix.strip("/"))
    found = place.published_run()
    if found == run_id:
        return False
    if found is not None:
        raise PublishError(
            f"{place.uri}: expected an empty prefix or run {run_id}, got run {found} "
            "(name another with -o)"
        )
    attempt = uuid.uuid4().hex
    place.claim(run_id, attempt)
    put: list[str] = []
    try:
        for path in manifest.files_of(folder):
            name = str(path.relative_to(folder))
            put.append(name)
            place.upload(path, name)
        place.put_once(manifest.NAME, (folder / manifest.NAME).read_bytes(), attempt)
    except BaseException:
        place.remove([*put, CLAIM])
        raise
    place.remove([CLAIM])
    return True


class _Place:
    """A prefix in a bucket."""

    def __init__(self, client: S3Client, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self.uri = f"s3://{bucket}/{prefix}"

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _read(self, name: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and ETag; None when there is none."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return answer["Body"].read(), answer["ETag"]

    def published_run(self) -> str | None:
        """Return the id of the run that is published here."""
        if self._read(manifest.NAME) is None:
            return None
        record = self._read("run.json")
        found = json.loads(record[0]).get("run_id") if record else None
        return str(found or "of unknown id")

    def claim(self, run_id: str, attempt: str) -> None:
        """Claim the prefix for an attempt; a stale claim is taken over.

        Raises:
            PublishError: Another attempt holds it.
        """
        body = json.dumps({"attempt": attempt, "run_id": run_id, "heartbeat": time.time()}).encode()
        try:
            self.put_once(CLAIM, body, attempt)
        except PublishError:
            held = self._read(CLAIM)
            since = json.loads(held[0])["heartbeat"] if held else 0
            if held is not None and time.time() - since < STALE_SECONDS:
                raise
            self._put_if(CLAIM, body, {"IfMatch": held[1]} if held else {"IfNoneMatch": "*"})

    def put_once(self, name: str, body: bytes, attempt: str) -> None:
        """Put an object where none is.

        Raises:
            PublishError: Somebody else's is there. (One of this attempt, put by a try whose answer
                was lost, is its own.)
        """
        if self._put_if(name, body, {"IfNoneMatch": "*"}):
            return
        found = self._read(name)
        if found is None or (found[0] != body and attempt.encode() not in found[0]):
            raise PublishError(
                f"{self.uri}: expected to be alone, got another run publishing there "
                "(wait for it, or name another place with -o)"
            )

    def _put_if(self, name: str, body: bytes, condition: dict[str, Any]) -> bool:
        """Put an object on a condition; tell whether it held. A conflict is tried again."""
        from botocore.exceptions import ClientError

        for number in range(_CONFLICT_TRIES):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(name),
                    Body=body,
                    ContentType=content_type(name),
                    **condition,
                )
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in ("PreconditionFailed", "412"):
                    return False
                if code not in ("ConditionalRequestConflict", "409"):
                    raise
                time.sleep(0.1 * 2**number)
            else:
                return True
        return False

    def upload(self, path: Path, name: str) -> None:
        """Put a file, by boto3's own transfer: in parts when it is large, with checksums."""
        self._client.upload_file(
            str(path),
            self._bucket,
            self._key(name),
            ExtraArgs={"ContentType": content_type(name)},
        )

    def remove(self, names: list[str]) -> None:
        """Remove objects; one that isn't there is no error."""
        for name in names:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))


def content_type(name: str) -> str:
    """Return the content type of a file of a run folder.

    >>> content_type("report.html"), content_type("x")
    ('text/html; charset=utf-8', 'application/octet-stream')
    """
    return CONTENT_TYPES.get(Path(name).suffix, _OTHER_TYPE)
