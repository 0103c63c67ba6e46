"""The application: resources, search, pages of runs, and their description by OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from gafreduce.service import description, formats, problems
from gafreduce.service.answers import Answers
from gafreduce.service.resources import RESOURCES
from gafreduce.service.store import Store

#: The last part of a path, which may hold slashes.
_ID = "object_id"
_LEAST_GZIP_BYTES = 1000
_GZIP_LEVEL = 5  # 9 takes three times the time for a fiftieth of the size
_METHODS = ["GET", "HEAD"]
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src "
    "'unsafe-inline'; img-src data: 'self'; font-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


class Settings(NamedTuple):
    """What an application serves, and to whom."""

    database: Path
    pages: Mapping[str, Path] = {}  # page of each run, by its id
    origins: Sequence[str] = ()  # that may read it from a browser (CORS)
    seconds: float = 2.0  # limit of a request
    root_path: str = ""  # before all paths, behind a gateway


class _Compression(GZipMiddleware):
    """Compresses answers for clients that accept it; other requests pass without a detour."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and not any(
            b"accept-encoding" in each for each in scope["headers"]
        ):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def make_application(settings: Settings) -> FastAPI:
    """Return the application, which answers GET and HEAD alone."""
    app = FastAPI(
        title="gafreduce",
        version=description.API_VERSION,
        description=description.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        root_path=settings.root_path,
        openapi_tags=description.TAGS,
    )
    problems.add_handlers(app)
    _add_rows(app, Answers(Store(settings.database, settings.seconds)))
    _add_pages(app, settings.pages)
    app.add_middleware(_Compression, minimum_size=_LEAST_GZIP_BYTES, compresslevel=_GZIP_LEVEL)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=_METHODS,
            expose_headers=["ETag", "Link"],
        )
    description.describe_application(app)
    return app


def _add_rows(app: FastAPI, answers: Answers) -> None:
    """Add search, lists and single rows as plain routes: `description` describes them.

    What FastAPI would do for each request - dependencies, models, a thread - takes longer than the
    answer itself.
    """
    for form in ("", *formats.MEDIA_TYPES):
        suffix = f".{form}" if form else ""
        app.add_route(f"/search{suffix}", answers.search(form), _METHODS)
        for resource in RESOURCES:
            endpoint = answers.list_rows(resource, form)
            app.add_route(f"/{resource.name}{suffix}", endpoint, _METHODS)
    for resource in RESOURCES:
        if resource.key:
            path = description.make_key_path(resource).replace(f"{{{_ID}}}", f"{{{_ID}:path}}")
            app.add_route(path, answers.get_row(resource), _METHODS)


def _add_pages(app: FastAPI, pages: Mapping[str, Path]) -> None:
    """Add the pages of runs, the entry, and the page to try requests."""

    @app.head("/runs/{run_id}/page", include_in_schema=False)
    @app.get(
        "/runs/{run_id}/page",
        tags=["runs"],
        summary="Get the page of a run",
        response_class=HTMLResponse,
        responses=description.make_page_responses(),
    )
    def get_page(run_id: str) -> Response:
        page = pages.get(run_id)
        if page is None:
            raise HTTPException(404, "there is no such run, or it has no page")
        return HTMLResponse(page.read_bytes(), headers=_SECURITY)

    @app.head("/", include_in_schema=False)
    @app.get("/", tags=["entry"], summary="List what there is")
    def list_entries(request: Request) -> description.EntryLinks:
        root = request.scope.get("root_path", "")
        names = [resource.name for resource in RESOURCES]
        links = {name: f"{root}/{name}" for name in (*names, "search", "openapi.json", "try")}
        return description.EntryLinks(links=links)

    @app.head("/try", include_in_schema=False)
    @app.get("/try", include_in_schema=False)
    def try_requests() -> Response:
        return HTMLResponse(description.read_try_page(), headers=_SECURITY)
