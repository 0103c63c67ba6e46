"""The application: resources, search, pages of runs, and their description by OpenAPI 3.1."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import HTMLResponse, Response

from gafreduce.service import description, formats, problems
from gafreduce.service.list_requests import MOST_CHARACTERS, make_links, read_list_request
from gafreduce.service.resources import (
    KINDS,
    MATCH_NAMES,
    RESOURCES,
    Resource,
    decode_cells,
    make_count,
    make_list,
    make_one,
    make_search,
)
from gafreduce.service.store import Store

#: A part of a path that may hold slashes.
_ID = "object_id"
#: Matches of a kind.
_MOST_MATCHES = 100
_LEAST_GZIP_BYTES = 1000
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
    service = _Service(Store(settings.database, settings.seconds), settings.pages)
    problems.add_handlers(app)
    for resource in RESOURCES:
        for name in ("", *formats.MEDIA_TYPES):
            service.add_list(app, resource, name)
        if resource.key:
            service.add_one(app, resource)
    service.add_others(app)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_GZIP_BYTES)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "HEAD"],
            expose_headers=["ETag", "Link"],
        )
    description.describe_application(app)
    return app


class _Service:
    """Answers requests by one database."""

    def __init__(self, store: Store, pages: Mapping[str, Path]) -> None:
        self._store = store
        self._pages = pages

    # Lists

    def add_list(self, app: FastAPI, resource: Resource, form: str) -> None:
        """Add the path of a list; with a format the one with its suffix."""

        def answer(request: Request) -> Response:
            return self._answer_list(request, resource, form)

        suffix = f".{form}" if form else ""
        app.add_api_route(
            f"/{resource.name}{suffix}",
            answer,
            methods=["GET"],
            name=f"list {resource.name}{suffix}",
            tags=[resource.name],
            include_in_schema=not form,
            summary=f"List {resource.title}s",
            openapi_extra={"parameters": description.make_list_parameters(resource)},
            responses=description.make_list_responses(resource),
        )

    def _answer_list(self, request: Request, resource: Resource, form: str) -> Response:
        form = form or self._choose_format(request)
        asked = read_list_request(request, resource)
        etag = self._make_etag(request, form)
        if etag in _list_etags(request):
            return Response(status_code=304, headers=_make_headers(etag))
        (total,) = self._store.read(make_count(resource, asked.filters))[0]
        known = {column.name: column for column in resource.columns}
        columns = [known[name] for name in asked.fields]
        items = [decode_cells(columns, row) for row in self._store.read(make_list(asked))]
        links = make_links(request, asked, total)
        headers = _make_headers(etag) | {
            "Link": ", ".join(f'<{target}>; rel="{name}"' for name, target in links.items())
        }
        if form == formats.JSON:
            content = formats.encode_json({"total": total, "links": links, "items": items})
        else:
            content = formats.encode_rows(form, [each.name for each in columns], items)
        return Response(content, 200, headers, formats.MEDIA_TYPES[form])

    def _choose_format(self, request: Request) -> str:
        form = formats.choose_format(request.headers.get("accept", ""))
        if form is None:
            allowed = ", ".join(formats.MEDIA_TYPES.values())
            raise HTTPException(406, f"expected an Accept header with one of {allowed}")
        return form

    def _make_etag(self, request: Request, form: str) -> str:
        text = f"{self._store.version}\n{request.url.path}\n{request.url.query}\n{form}"
        return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'

    # Single rows

    def add_one(self, app: FastAPI, resource: Resource) -> None:
        """Add the path of one row."""

        def answer(request: Request) -> Response:
            return self._answer_one(request, resource)

        path = "/".join(f"{{{name}}}" for name in resource.key)
        if resource.key[-1] == _ID:
            path = path.replace(f"{{{_ID}}}", f"{{{_ID}:path}}")
        app.add_api_route(
            f"/{resource.name}/{path}",
            answer,
            methods=["GET"],
            name=f"get {resource.name}",
            tags=[resource.name],
            summary=f"Get one {resource.title}",
            openapi_extra={"parameters": description.make_key_parameters(resource)},
            responses=description.make_one_responses(resource),
        )

    def _answer_one(self, request: Request, resource: Resource) -> Response:
        etag = self._make_etag(request, formats.JSON)
        if etag in _list_etags(request):
            return Response(status_code=304, headers=_make_headers(etag))
        key = [str(request.path_params[name]) for name in resource.key]
        rows = self._store.read(make_one(resource, key))
        if not rows:
            raise HTTPException(404, f"there is no such {resource.title}")
        content = formats.encode_json(decode_cells(resource.columns, rows[0]))
        return Response(content, 200, _make_headers(etag), formats.MEDIA_TYPES[formats.JSON])

    # Search and pages

    def add_others(self, app: FastAPI) -> None:
        """Add search, the pages of runs, and the entry."""

        @app.get(
            "/search",
            tags=["search"],
            summary="Find gene products and terms by words",
            responses=description.make_search_responses(),
        )
        def search(
            request: Request,
            q: Annotated[
                str,
                Query(min_length=1, max_length=MOST_CHARACTERS, description="Words; all must be "
                      "in the id, symbol, name or synonyms, the last one as a beginning.",
                      examples=["comK"]),
            ],
            kind: Annotated[
                description.Kind | None, Query(description="Search one kind only.")
            ] = None,
            run: Annotated[
                str | None, Query(max_length=MOST_CHARACTERS, description="Id of a run.")
            ] = None,
            limit: Annotated[
                int, Query(ge=1, le=_MOST_MATCHES, description="Matches of each kind at most.")
            ] = 20,
        ) -> Response:  # fmt: skip
            etag = self._make_etag(request, formats.JSON)
            if etag in _list_etags(request):
                return Response(status_code=304, headers=_make_headers(etag))
            items = []
            for name in (kind,) if kind else KINDS:
                statement = make_search(name, q, run, limit)
                if statement.values[0]:
                    for row in self._store.read(statement):
                        items.append({"kind": name, **dict(zip(MATCH_NAMES, row, strict=True))})
            content = formats.encode_json({"items": items})
            return Response(content, 200, _make_headers(etag), formats.MEDIA_TYPES[formats.JSON])

        @app.get(
            "/runs/{run_id}/page",
            tags=["runs"],
            summary="Get the page of a run",
            response_class=HTMLResponse,
            responses=description.make_page_responses(),
        )
        def get_page(run_id: str) -> Response:
            page = self._pages.get(run_id)
            if page is None:
                raise HTTPException(404, "there is no such run, or it has no page")
            return HTMLResponse(page.read_bytes(), headers=_SECURITY)

        @app.get("/", tags=["entry"], summary="List what there is")
        def list_entries(request: Request) -> description.EntryLinks:
            root = request.scope.get("root_path", "")
            names = [resource.name for resource in RESOURCES]
            links = {name: f"{root}/{name}" for name in (*names, "search", "openapi.json", "try")}
            return description.EntryLinks(links=links)

        @app.get("/try", include_in_schema=False)
        def try_requests() -> Response:
            return HTMLResponse(description.read_try_page(), headers=_SECURITY)


def _list_etags(request: Request) -> list[str]:
    return [part.strip() for part in request.headers.get("if-none-match", "").split(",")]


def _make_headers(etag: str) -> dict[str, str]:
    return {
        "ETag": etag,
        "Cache-Control": "public, max-age=60, must-revalidate",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
