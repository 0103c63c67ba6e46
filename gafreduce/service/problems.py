"""Errors of the service as RFC 9457: `application/problem+json`, without internals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gafreduce.service.formats import encode_json
from gafreduce.service.store import TooSlowError

MEDIA_TYPE = "application/problem+json"
_N_ERRORS = 10
_N_CHARACTERS = 200


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    parameter: str = Field(description="The name of the parameter.")
    detail: str = Field(description="What was expected.")


class Problem(BaseModel):
    """An error, by RFC 9457."""

    type: str = Field(description="about:blank: the status says what it is.")
    title: str = Field(description="The words of the status.")
    status: int = Field(description="The status of HTTP.")
    detail: str = Field(description="What was expected, and what to do.")
    errors: list[Fault] = Field(default=[], description="What is wrong with the request.")


def make_problem(
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": list(errors),
    }
    return Response(encode_json(content), status, dict(headers or {}), MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let an application answer all errors as problems."""

    @app.exception_handler(HTTPException)
    async def answer_http(request: Request, error: HTTPException) -> Response:
        return make_problem(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {
                "parameter": ".".join(str(part) for part in each["loc"][1:]),
                "detail": str(each["msg"])[:_N_CHARACTERS],
            }
            for each in error.errors()[:_N_ERRORS]
        ]
        return make_problem(422, "a parameter of the request is wrong", errors)

    @app.exception_handler(TooSlowError)
    async def answer_slow(request: Request, error: TooSlowError) -> Response:
        detail = "the request takes longer than the limit: name a run, or more filters"
        return make_problem(503, detail, headers={"Retry-After": "60"})

    @app.exception_handler(Exception)
    async def answer_bug(request: Request, error: Exception) -> Response:
        return make_problem(500, "a bug in gafreduce; its log has the details")
