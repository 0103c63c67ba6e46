"""Read what a request for a list or a search asks for, and make the links to other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from gafreduce.service.resources import KINDS, Filter, ListRequest, Resource

#: Rows of a page, and rows that can be skipped.
MOST_ROWS = 1000
MOST_SKIPPED = 1_000_000
#: Characters of a value.
MOST_CHARACTERS = 200
_USUAL_ROWS = 100
_FIELDS, _SORT, _LIMIT, _OFFSET = _COMMON = ("fields", "sort", "limit", "offset")
_LISTS = (_FIELDS, _SORT)
_PARSED = "gafreduce.query"
#: Matches of each kind.
MOST_MATCHES = 100
_USUAL_MATCHES = 20
_WORDS, _KIND, _RUN = "q", "kind", "run"


class SearchRequest(NamedTuple):
    """A request for matches."""

    text: str
    kinds: Sequence[str]
    run: str | None  # None: all runs
    limit: int  # of each kind


def find_run(request: Request) -> str | None:
    """Return the only run that a request is about; None when it is about all."""
    of_path: str | None = request.path_params.get("run_id")
    if of_path is not None:
        return of_path
    given = [value for name, value in _parse_query(request) if name == _RUN]
    return given[0] if given else None


def read_list_request(request: Request, resource: Resource) -> ListRequest:
    """Return what a request asks for.

    Raises:
        HTTPException: A parameter is wrong.
    """
    faults: list[str] = []
    known = {each.name: each for each in resource.filters}
    given = _read_given(request, (*known, *_COMMON), faults)
    filters = {
        name: _read_filter(known[name], value, faults)
        for name, value in given.items()
        if name in known
    }
    names = resource.column_names
    fields = given[_FIELDS].split(",") if _FIELDS in given else list(names)
    parts = given[_SORT].split(",") if _SORT in given else []
    order = [(part.removeprefix("-"), part.startswith("-")) for part in parts]
    _check_columns(_FIELDS, fields, names, faults)
    _check_columns(_SORT, [name for name, _ in order], names, faults)
    limit = _read_number(given, _LIMIT, _USUAL_ROWS, 1, MOST_ROWS, faults)
    offset = _read_number(given, _OFFSET, 0, 0, MOST_SKIPPED, faults)
    if faults:
        raise HTTPException(422, "; ".join(faults))
    fields, order = list(dict.fromkeys(fields)), list(dict.fromkeys(order))
    return ListRequest(resource, filters, fields, order, limit, offset)


def read_search_request(request: Request) -> SearchRequest:
    """Return what a request for a search asks for.

    Raises:
        HTTPException: A parameter is wrong.
    """
    faults: list[str] = []
    given = _read_given(request, (_WORDS, _KIND, _RUN, _LIMIT), faults)
    text, kind = given.get(_WORDS, ""), given.get(_KIND)
    if not text:
        faults.append(f"{_WORDS}: expected words, got none")
    if kind is not None and kind not in KINDS:
        faults.append(f"{_KIND}: expected one of {', '.join(KINDS)}")
    limit = _read_number(given, _LIMIT, _USUAL_MATCHES, 1, MOST_MATCHES, faults)
    if faults:
        raise HTTPException(422, "; ".join(faults))
    return SearchRequest(text, (kind,) if kind else KINDS, given.get(_RUN), limit)


def _read_given(request: Request, known: Sequence[str], faults: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in _parse_query(request):
        if name not in known:
            faults.append(f"{name[:50]}: expected one of {', '.join(known)}")
        elif name in given:
            faults.append(f"{name}: expected it once")
        elif len(value) > MOST_CHARACTERS and name not in _LISTS:
            faults.append(f"{name}: expected at most {MOST_CHARACTERS} characters")
        given[name] = value
    return given


def _read_filter(each: Filter, value: str, faults: list[str]) -> str | bool:
    allowed = ("true", "false") if each.is_boolean else each.values
    if allowed and value not in allowed:
        faults.append(f"{each.name}: expected one of {', '.join(allowed)}")
    return value == "true" if each.is_boolean else value


def _check_columns(what: str, used: Sequence[str], names: Sequence[str], faults: list[str]) -> None:
    if not set(used) <= set(names):
        faults.append(f"{what}: expected columns, of {', '.join(names)}")


def _read_number(
    given: Mapping[str, str], name: str, usual: int, least: int, most: int, faults: list[str]
) -> int:
    text = given.get(name, str(usual))
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    faults.append(f"{name}: expected a number from {least} to {most}")
    return usual


def make_links(request: Request, root_path: str, asked: ListRequest, total: int) -> dict[str, str]:
    """Return the targets of the links to this page and to others, by their relation."""
    others = [item for item in _parse_query(request) if item[0] != _OFFSET]
    path = quote(root_path + request.scope["path"], safe="/:@")
    query = urlencode(others, safe=",:")
    first = f"{path}?{query}" if query else path
    joined = f"{path}?{query}&" if query else f"{path}?"

    def link(offset: int) -> str:
        return f"{joined}{_OFFSET}={offset}" if offset else first

    offset, limit = asked.offset, asked.limit
    links = {"self": link(offset), "first": first}
    if offset:
        links["prev"] = link(max(offset - limit, 0))
    if offset + limit < total and offset + limit <= MOST_SKIPPED:
        links["next"] = link(offset + limit)
    return links


def _parse_query(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of a request in their order, and keep them with it."""
    found: list[tuple[str, str]] | None = request.scope.get(_PARSED)
    if found is None:
        text = request.scope["query_string"].decode("latin-1")
        found = request.scope[_PARSED] = parse_qsl(text, keep_blank_values=True)
    return found
