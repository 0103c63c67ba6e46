"""Read what a request for a list asks for, and make the links to its other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from fastapi import HTTPException, Request

from gafreduce.service.resources import Filter, ListRequest, Resource

#: Rows of a page, and rows that can be skipped.
MOST_ROWS = 1000
MOST_SKIPPED = 1_000_000
#: Characters of a value.
MOST_CHARACTERS = 200
_USUAL_ROWS = 100
_FIELDS, _SORT, _LIMIT, _OFFSET = _COMMON = ("fields", "sort", "limit", "offset")
_LISTS = (_FIELDS, _SORT)


def read_list_request(request: Request, resource: Resource) -> ListRequest:
    """Return what a request asks for.

    Raises:
        HTTPException: A parameter is wrong.
    """
    faults: list[str] = []
    known = {each.name: each for each in resource.filters}
    given = _read_given(request, known, faults)
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


def _read_given(request: Request, known: Mapping[str, Filter], faults: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known and name not in _COMMON:
            faults.append(f"{name[:50]}: expected one of {', '.join((*known, *_COMMON))}")
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


def make_links(request: Request, asked: ListRequest, total: int) -> dict[str, str]:
    """Return the targets of the links to this page and to others, by their relation."""
    others = [item for item in request.query_params.multi_items() if item[0] != "offset"]
    path = quote(request.scope.get("root_path", "") + request.url.path, safe="/:@")

    def link(offset: int) -> str:
        parameters = [*others, *([("offset", str(offset))] if offset else [])]
        query = urlencode(parameters, safe=",:")
        return f"{path}?{query}" if query else path

    offset, limit = asked.offset, asked.limit
    links = {"self": link(offset), "first": link(0)}
    if offset:
        links["prev"] = link(max(offset - limit, 0))
    if offset + limit < total and offset + limit <= MOST_SKIPPED:
        links["next"] = link(offset + limit)
    return links
