"""The service on AWS Lambda, behind an HTTP API of API Gateway (payload format 2.0).

`gafreduce.cloud.api.handler` is the function's handler. Its environment:

GAFREDUCE_RUNS       s3:// URI below which runs are published
GAFREDUCE_CORS       web sites whose scripts may read the answers, separated by blanks; none
GAFREDUCE_ROOT_PATH  what is before all paths, as /prod for a stage of this name; empty

It reads `s3:ListBucket` and `s3:GetObject` of these runs, and writes to the temporary folder only.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mangum import Mangum

from gafreduce.errors import GafreduceError, UsageError
from gafreduce.service.application import Settings, make_application
from gafreduce.service.published_library import PublishedLibrary
from gafreduce.storage.resolve import local_path
from gafreduce.storage.s3 import Access

_RUNS = "GAFREDUCE_RUNS"
_CORS = "GAFREDUCE_CORS"
_ROOT_PATH = "GAFREDUCE_ROOT_PATH"
#: Lambda sets it where functions run.
_FUNCTION = "AWS_LAMBDA_FUNCTION_NAME"


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an event of API Gateway."""
    return make_handler()(event, context)


@functools.cache
def make_handler() -> Mangum:
    """Return what answers events, made once for each process.

    Raises:
        UsageError: The environment does not say where the runs are.
    """
    return make_handler_of(os.environ)


def make_handler_of(environment: Mapping[str, str]) -> Mangum:
    """Return what answers events, by an environment.

    Raises:
        UsageError: It does not say where the runs are.
    """
    place = environment.get(_RUNS, "")
    if not place or local_path(place) is not None:
        raise UsageError(f"{_RUNS}: expected s3://bucket/prefix, got {place or 'nothing'}")
    root_path = environment.get(_ROOT_PATH, "").rstrip("/")
    scratch = Path(tempfile.mkdtemp(prefix="gafreduce-api-"))
    library = PublishedLibrary(place, Access(), scratch)
    with contextlib.suppress(GafreduceError):  # the first request says it in words
        library.choose_store(None)
    settings = Settings(tuple(environment.get(_CORS, "").split()), root_path)
    return Mangum(
        make_application(library, settings),
        lifespan="off",
        api_gateway_base_path=root_path or "/",
        text_mime_types=["text/", "application/json", "application/problem+json"],
    )


if _FUNCTION in os.environ:  # the time before the first event is free
    make_handler()
