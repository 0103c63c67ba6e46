"""Errors of the service as RFC 9457: `application/problem+json`, without internals."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gafreduce.errors import GafreduceError
from gafreduce.service.formats import encode_json
from gafreduce.service.store import TooSlowError

MEDIA_TYPE = "application/problem+json"
#: The schema of an error in the description.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An error, by RFC 9457.",
    "properties": {
        "type": {"type": "string", "description": "about:blank: the status says what it is."},
        "title": {"type": "string", "description": "The words of the status."},
        "status": {"type": "integer", "description": "The status of HTTP."},
        "detail": {"type": "string", "description": "What was expected, and what to do."},
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
    "example": {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "limit: expected a number from 1 to 1000",
    },
}

log = logging.getLogger("gafreduce")

Handler = Callable[[Request, Exception], Awaitable[Response]]


def make_problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return Response(encode_json(content), status, dict(headers or {}), MEDIA_TYPE)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return make_problem(error.status_code, str(error.detail), error.headers)


async def _answer_slow(request: Request, error: Exception) -> Response:
    detail = "the request takes longer than the limit: name a run, or more filters"
    return make_problem(503, detail, {"Retry-After": "60"})


async def _answer_unavailable(request: Request, error: Exception) -> Response:
    log.error("%s", error)
    detail = "the runs cannot be read at the moment: try again later"
    return make_problem(503, detail, {"Retry-After": "60"})


async def _answer_bug(request: Request, error: Exception) -> Response:
    return make_problem(500, "a bug in gafreduce; its log has the details")


#: What answers each kind of error.
HANDLERS: dict[Any, Handler] = {
    HTTPException: _answer_http,
    TooSlowError: _answer_slow,
    GafreduceError: _answer_unavailable,
    Exception: _answer_bug,
}
