"""The application: resources, search, pages of runs, and their description by OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gafreduce.service import description, formats, problems
from gafreduce.service.answers import Answers
from gafreduce.service.library import Library
from gafreduce.service.resources import RESOURCES

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
    """To whom an application answers, and where."""

    origins: Sequence[str] = ()  # that may read it from a browser (CORS)
    root_path: str = ""  # before all paths, behind a gateway


class _Compression(GZipMiddleware):
    """Compresses answers for clients that accept it; other requests pass without a detour."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and all(
            b"accept-encoding" not in each for each in scope["headers"]
        ):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def make_application(library: Library, settings: Settings | None = None) -> Starlette:
    """Return the application, which answers GET and HEAD alone.

    Args:
        library: The runs.
        settings: Of the answers.
    """
    settings = settings or Settings()
    middleware = [
        Middleware(_Compression, minimum_size=_LEAST_GZIP_BYTES, compresslevel=_GZIP_LEVEL)
    ]
    if settings.origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=_METHODS,
            expose_headers=["ETag", "Link"],
        )
        middleware.insert(0, cors)
    app = Starlette(
        routes=[
            *_list_rows(Answers(library, settings.root_path)),
            *_list_pages(library, settings.root_path),
        ],
        middleware=middleware,
        exception_handlers=problems.HANDLERS,
    )
    app.router.redirect_slashes = False  # to an address that the client's header Host names
    return app


def _list_rows(answers: Answers) -> Iterator[Route]:
    """Yield the routes of search, lists and single rows."""
    for form in ("", *formats.MEDIA_TYPES):
        suffix = f".{form}" if form else ""
        yield Route(f"/search{suffix}", answers.search(form), methods=_METHODS)
        for resource in RESOURCES:
            endpoint = answers.list_rows(resource, form)
            yield Route(f"/{resource.name}{suffix}", endpoint, methods=_METHODS)
    for resource in RESOURCES:
        if resource.key:
            path = description.make_key_path(resource).replace(f"{{{_ID}}}", f"{{{_ID}:path}}")
            yield Route(path, answers.get_row(resource), methods=_METHODS)


def _list_pages(library: Library, root_path: str) -> Iterator[Route]:
    """Yield the routes of the pages of runs, the entry, the description, and the page to try."""
    described = formats.encode_json(description.make_description(root_path))
    entry = formats.encode_json(description.make_entry(root_path))
    tried = description.read_try_page()

    async def get_page(request: Request) -> Response:
        page = await run_in_threadpool(library.find_page, request.path_params["run_id"])
        if page is None:
            raise HTTPException(404, "there is no such run, or it has no page")
        if isinstance(page, str):
            return RedirectResponse(page, headers={"Cache-Control": "no-store"})
        return HTMLResponse(await run_in_threadpool(page.read_bytes), headers=_SECURITY)

    async def list_entries(request: Request) -> Response:
        return Response(entry, media_type=formats.MEDIA_TYPES[formats.JSON])

    async def describe(request: Request) -> Response:
        return Response(described, media_type=formats.MEDIA_TYPES[formats.JSON])

    async def try_requests(request: Request) -> Response:
        return HTMLResponse(tried, headers=_SECURITY)

    for path, endpoint in (
        ("/runs/{run_id}/page", get_page),
        ("/", list_entries),
        ("/openapi.json", describe),
        ("/try", try_requests),
    ):
        yield Route(path, endpoint, methods=_METHODS)
