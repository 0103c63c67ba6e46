"""Small objects in S3 that outlast the function: which folders wait, which jobs were submitted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gafreduce.storage import s3
from gafreduce.storage.s3_errors import translate_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class State:
    """Small objects below a prefix.

    Args:
        client: Of boto3, for S3.
        address: The s3:// URI of the prefix.
    """

    def __init__(self, client: S3Client, address: str) -> None:
        self._client = client
        self._bucket, self._prefix = s3.parse(f"{address}/")

    def read(self, name: str) -> dict[str, Any] | None:
        """Return an object, or None when there is none."""
        with translate_errors(f"reading the state {name}"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
            except self._client.exceptions.NoSuchKey:
                return None
            found = json.loads(answer["Body"].read())
        return {**found, "_modified": answer["LastModified"]}

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write an object, or replace it."""
        with translate_errors(f"writing the state {name}"):
            self._client.put_object(
                Bucket=self._bucket, Key=self._key(name), Body=json.dumps(content).encode()
            )

    def write_first(self, name: str, content: dict[str, Any]) -> bool:
        """Write an object unless there is one; return whether it was written.

        Of several that write at the same time, one does.
        """
        from botocore.exceptions import ClientError

        with translate_errors(f"writing the state {name}"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(name),
                    Body=json.dumps(content).encode(),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code")
                if code in ("PreconditionFailed", "ConditionalRequestConflict"):
                    return False
                raise
        return True

    def remove(self, name: str) -> None:
        """Remove an object; none of this name is no error."""
        with translate_errors(f"removing the state {name}"):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._prefix.rstrip('/')}/{name}.json"
