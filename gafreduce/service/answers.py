"""Answers to requests for lists, single rows and search, by one database."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gafreduce.service import formats
from gafreduce.service.library import Library
from gafreduce.service.list_requests import (
    find_run,
    make_links,
    read_list_request,
    read_search_request,
)
from gafreduce.service.resources import (
    MATCH_NAMES,
    Resource,
    make_count,
    make_decoder,
    make_list,
    make_one,
    make_search,
)
from gafreduce.service.store import Reading, Store, TooSlowError

#: Most requests take a millisecond; one that takes longer than this goes on in a thread, where it
#: lets the others pass.
_HASTY_SECONDS = 0.02
#: Bytes of answers that are kept, of one of them at most, and what one takes beside its body.
_MOST_KEPT = 16 << 20
_MOST_OF_ONE = 1 << 18
_N_OWN_BYTES = 1 << 10
_CACHING = "public, max-age=60, must-revalidate"
_KIND = "kind"

Endpoint = Callable[[Request], Awaitable[Response]]


class _Content(NamedTuple):
    """What is special about an answer."""

    body: bytes
    headers: Mapping[str, str] = {}


#: Makes the content of the answer to a request, in a format, with what one reading finds.
_Make = Callable[[Request, str, Reading], _Content]


class _KeptAnswers:
    """Contents of answers by their ETag, those that were asked for last; the file never changes."""

    def __init__(self) -> None:
        self._contents: dict[str, _Content] = {}
        self._n_bytes = 0

    def find(self, etag: str) -> _Content | None:
        """Return a content, which is now the youngest."""
        found = self._contents.pop(etag, None)
        if found is not None:
            self._contents[etag] = found
        return found

    def add(self, etag: str, content: _Content) -> None:
        """Keep a content, unless it is large, and forget the oldest ones."""
        n_bytes = len(content.body) + _N_OWN_BYTES
        if n_bytes > _MOST_OF_ONE or etag in self._contents:
            return
        self._contents[etag] = content
        self._n_bytes += n_bytes
        while self._n_bytes > _MOST_KEPT:
            oldest = self._contents.pop(next(iter(self._contents)))
            self._n_bytes -= len(oldest.body) + _N_OWN_BYTES


class Answers:
    """Endpoints over runs.

    Args:
        library: The runs.
        root_path: What is before all paths, behind a gateway.
    """

    def __init__(self, library: Library, root_path: str) -> None:
        self._library = library
        self._root_path = root_path
        self._kept = _KeptAnswers()

    def list_rows(self, resource: Resource, form: str) -> Endpoint:
        """Return the endpoint of a list; with a format that of its suffix."""
        return self._make_endpoint(functools.partial(_make_list, resource, self._root_path), form)

    def get_row(self, resource: Resource) -> Endpoint:
        """Return the endpoint of one row."""
        return self._make_endpoint(functools.partial(_make_one, resource), "")

    def search(self, form: str) -> Endpoint:
        """Return the endpoint of the search; with a format that of its suffix."""
        return self._make_endpoint(_make_matches, form)

    def _make_endpoint(self, make: _Make, form: str) -> Endpoint:
        async def answer(request: Request) -> Response:
            chosen = form or _choose_format(request)
            store = self._library.choose_store(find_run(request))
            etag = _make_etag(request, store, chosen)
            if etag in _list_etags(request):
                return Response(status_code=304, headers=_make_headers(etag))
            content = self._kept.find(etag)
            if content is None:
                try:
                    content = make(request, chosen, store.begin(_HASTY_SECONDS))
                except TooSlowError:
                    content = await run_in_threadpool(lambda: make(request, chosen, store.begin()))
                self._kept.add(etag, content)
            headers = {**_make_headers(etag), **content.headers}
            return Response(content.body, 200, headers, formats.MEDIA_TYPES[chosen])

        return answer


def _make_etag(request: Request, store: Store, form: str) -> str:
    place = f"{store.version}\n{form}\n{request.scope['path']}\n"
    known = hashlib.sha256(place.encode("utf-8", "surrogateescape") + request.scope["query_string"])
    return f'W/"{known.hexdigest()[:32]}"'


def _make_list(
    resource: Resource, root_path: str, request: Request, form: str, reading: Reading
) -> _Content:
    asked = read_list_request(request, resource)
    total = reading.count(make_count(resource, asked.filters))
    rows = reading.read(make_list(asked))
    known = {column.name: column for column in resource.columns}
    items = list(map(make_decoder([known[name] for name in asked.fields]), rows))
    links = make_links(request, root_path, asked, total)
    headers = {"Link": ", ".join(f'<{target}>; rel="{name}"' for name, target in links.items())}
    if form == formats.JSON:
        found = {"total": total, "links": links, "items": items}
        return _Content(formats.encode_json(found), headers)
    return _Content(formats.encode_rows(form, asked.fields, items), headers)


def _make_one(resource: Resource, request: Request, form: str, reading: Reading) -> _Content:
    key = [str(request.path_params[name]) for name in resource.key]
    rows = reading.read(make_one(resource, key))
    if not rows:
        raise HTTPException(404, f"there is no such {resource.title}")
    found = make_decoder(resource.columns)(rows[0])
    return _Content(_encode(form, resource.column_names, [found], found))


def _make_matches(request: Request, form: str, reading: Reading) -> _Content:
    asked = read_search_request(request)
    items: list[dict[str, Any]] = []
    for kind in asked.kinds:
        statement = make_search(kind, asked.text, asked.run, asked.limit)
        if statement.values[0]:
            items += [
                {_KIND: kind, **dict(zip(MATCH_NAMES, row, strict=True))}
                for row in reading.read(statement)
            ]
    return _Content(_encode(form, (_KIND, *MATCH_NAMES), items, {"items": items}))


def _encode(
    form: str, columns: Sequence[str], items: Sequence[dict[str, Any]], whole: Any
) -> bytes:
    """Return rows as CSV or TSV, or the whole answer as JSON."""
    if form == formats.JSON:
        return formats.encode_json(whole)
    return formats.encode_rows(form, columns, items)


def _choose_format(request: Request) -> str:
    form = formats.choose_format(request.headers.get("accept", ""))
    if form is None:
        allowed = ", ".join(formats.MEDIA_TYPES.values())
        raise HTTPException(406, f"expected an Accept header with one of {allowed}")
    return form


def _list_etags(request: Request) -> list[str]:
    given = request.headers.get("if-none-match")
    return [part.strip() for part in given.split(",")] if given else []


def _make_headers(etag: str) -> dict[str, str]:
    return {
        "ETag": etag,
        "Cache-Control": _CACHING,
        "Vary": "Accept, Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
