"""The description of the service by OpenAPI 3.1, made of the one definition of columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gafreduce.reports.tables.schema import Column
from gafreduce.service import problems
from gafreduce.service.formats import MEDIA_TYPES
from gafreduce.service.list_requests import MOST_CHARACTERS, MOST_MATCHES, MOST_ROWS, MOST_SKIPPED
from gafreduce.service.resources import KINDS, RESOURCES, Resource

API_VERSION = "1"
DESCRIPTION = (
    "Runs of gafreduce, read-only: which organisms are annotated with a GO term, by which gene "
    "products, on what evidence. Lists come as JSON, CSV or TSV, by the Accept header or by the "
    "suffix of the path (`/organisms.csv`). Absence of an annotation is no absence of a function."
)
TAGS = [
    *({"name": resource.name, "description": resource.table.description} for resource in RESOURCES),
    {"name": "search", "description": "Full-text search."},
    {"name": "entry", "description": "Where to begin."},
]

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "float": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "texts": {"type": ["array", "null"], "items": {"type": "string"}},
    "integers": {"type": ["array", "null"], "items": {"type": "integer"}},
}
_TEXT = {"type": "string", "maxLength": MOST_CHARACTERS}
_EXAMPLES = {
    "q": "comK",
    "run": "5bb06d8a5c4e",
    "run_id": "5bb06d8a5c4e",
    "organism": "224308",
    "organism_id": "224308",
    "term": "GO:0030420",
    "go_id": "GO:0030420",
    "target": "GO:0030420",
    "gene_product": "UniProtKB:P40396",
    "object_id": "UniProtKB:P40396",
    "symbol": "comK",
    "evidence_code": "IDA",
    "assigned_by": "UniProt",
}


def make_entry(root_path: str) -> dict[str, Any]:
    """Return the beginning: links to everything."""
    names = [*(resource.name for resource in RESOURCES), "search", "openapi.json", "try"]
    return {"links": {name: f"{root_path}/{name}" for name in names}}


def make_list_parameters(resource: Resource) -> list[dict[str, Any]]:
    """Return the parameters of a list."""
    found = []
    for each in resource.filters:
        schema: dict[str, Any] = dict(_TEXT)
        if each.is_boolean:
            schema = {"type": "boolean"}
        elif each.values:
            schema = {"type": "string", "enum": list(each.values)}
        found.append(_make_parameter(each.name, each.description, schema))
    columns = list(resource.column_names)
    of_columns = {"type": "string", "enum": columns}
    of_order = {"type": "string", "enum": [*columns, *(f"-{name}" for name in columns)]}
    for name, what, item in (
        ("fields", "Columns of the answer, separated by commas.", of_columns),
        ("sort", "Columns to sort by, separated by commas; `-` before one reverses it.", of_order),
    ):
        schema = {"type": "array", "items": item, "minItems": 1}
        found.append(_make_parameter(name, what, schema) | {"style": "form", "explode": False})
    found.append(
        _make_parameter(
            "limit",
            "Rows of a page.",
            {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 100},
        )
    )
    found.append(
        _make_parameter(
            "offset",
            "Rows to skip.",
            {"type": "integer", "minimum": 0, "maximum": MOST_SKIPPED, "default": 0},
        )
    )
    return found


def _make_parameter(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    made = {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
    return made | ({"example": _EXAMPLES[name]} if name in _EXAMPLES else {})


def make_key_path(resource: Resource) -> str:
    """Return the path of one row, with its parameters in braces."""
    return "/".join([f"/{resource.name}", *(f"{{{name}}}" for name in resource.key)])


def make_search_parameters() -> list[dict[str, Any]]:
    """Return the parameters of the search."""
    words = _make_parameter(
        "q",
        "Words; all must be in the id, symbol, name or synonyms, the last one as a beginning.",
        {**_TEXT, "minLength": 1},
    )
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_MATCHES, "default": 20}
    return [
        words | {"required": True},
        _make_parameter("kind", "Search one kind only.", {"type": "string", "enum": list(KINDS)}),
        _make_parameter("run", "Id of a run.", dict(_TEXT)),
        _make_parameter("limit", "Matches of each kind at most.", limit),
    ]


def make_key_parameters(resource: Resource) -> list[dict[str, Any]]:
    """Return the parameters of the path of one row."""
    descriptions = {column.name: column.description for column in resource.columns}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": descriptions[name],
            "schema": {"type": "string", "minLength": 1},
            "example": _EXAMPLES[name],
        }
        for name in resource.key
    ]


def _make_row_schema(resource: Resource, *, is_whole: bool) -> dict[str, Any]:
    def describe(column: Column) -> dict[str, Any]:
        return {**_TYPES[column.type], "description": column.description}

    made: dict[str, Any] = {
        "type": "object",
        "properties": {column.name: describe(column) for column in resource.columns},
        "additionalProperties": False,
    }
    return made | ({"required": list(resource.column_names)} if is_whole else {})


def _refer_to_problem(status: int, text: str) -> dict[str, dict[str, Any]]:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {"description": text, "content": {problems.MEDIA_TYPE: {"schema": reference}}}
    }


def _list_common(*statuses: int) -> dict[str, dict[str, Any]]:
    texts = {
        404: "There is no such thing.",
        406: "No format of the Accept header is known.",
        422: "A parameter is wrong.",
        503: "The request takes longer than the limit.",
    }
    found: dict[str, dict[str, Any]] = {
        "304": {"description": "Nothing has changed (If-None-Match)."}
    }
    for status in (*statuses, 422, 503):
        found |= _refer_to_problem(status, texts[status])
    return found


def make_list_responses(resource: Resource) -> dict[str, dict[str, Any]]:
    """Return the answers of a list."""
    page = {
        "type": "object",
        "properties": {
            "total": {"type": "integer", "minimum": 0, "description": "Rows of all pages."},
            "links": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "This page, and the first, previous and next ones.",
            },
            "items": {"type": "array", "items": _make_row_schema(resource, is_whole=False)},
        },
        "required": ["total", "links", "items"],
        "additionalProperties": False,
    }
    names = [name for name in resource.column_names if name in _EXAMPLES]
    query = f"?fields={','.join(names)}&limit=1"
    links = {
        "self": f"/{resource.name}{query}",
        "first": f"/{resource.name}{query}",
        "next": f"/{resource.name}{query}&offset=1",
    }
    items = [{name: _EXAMPLES[name] for name in names}]
    content = _make_content(page, {"total": 7, "links": links, "items": items})
    headers = {
        "ETag": {"description": "Of this answer.", "schema": {"type": "string"}},
        "Link": {"description": "Other pages, by RFC 8288.", "schema": {"type": "string"}},
    }
    found: dict[str, dict[str, Any]] = {
        "200": {"description": "A page of rows.", "content": content, "headers": headers}
    }
    return found | _list_common(406)


def _make_content(schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    """Return the content of an answer with rows: its schema in JSON, text in other formats."""
    json, *others = MEDIA_TYPES.values()
    described = {"schema": schema} | ({} if example is None else {"example": example})
    return {json: described} | {each: {"schema": {"type": "string"}} for each in others}


def make_one_responses(resource: Resource) -> dict[str, dict[str, Any]]:
    """Return the answers of one row."""
    content = _make_content(_make_row_schema(resource, is_whole=True))
    return {"200": {"description": "The row.", "content": content}, **_list_common(404, 406)}


def make_search_responses() -> dict[str, dict[str, Any]]:
    """Return the answers of the search."""
    text = {"type": ["string", "null"]}
    match = {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": list(KINDS)},
            "run_id": {"type": "string", "description": "The run."},
            "organism_id": {**text, "description": "The organism; null for a term."},
            "id": {"type": "string", "description": "Identifier of the gene product or term."},
            "symbol": {**text, "description": "The symbol; null for a term."},
            "name": {**text, "description": "The name."},
            "state": {**text, "description": "Status of the gene product, or class of the term."},
        },
        "required": ["kind", "run_id", "id"],
        "additionalProperties": False,
    }
    found = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": match}},
        "required": ["items"],
        "additionalProperties": False,
    }
    example = {
        "kind": KINDS[0],
        "run_id": _EXAMPLES["run_id"],
        "organism_id": _EXAMPLES["organism_id"],
        "id": _EXAMPLES["object_id"],
        "symbol": _EXAMPLES["symbol"],
        "name": "Competence transcription factor",
        "state": "positive",
    }
    content = _make_content(found, {"items": [example]})
    return {
        "200": {"description": "Matches, the best first.", "content": content},
        **_list_common(406),
    }


def make_page_responses() -> dict[str, dict[str, Any]]:
    """Return the answers of the page of a run."""
    content = {"text/html": {"schema": {"type": "string"}}}
    found: dict[str, dict[str, Any]] = {"200": {"description": "The page.", "content": content}}
    common = _list_common(404)
    found["307"] = {"description": "It is there: a large page, on AWS Lambda."}
    return found | {"404": common["404"], "503": common["503"]}


def make_description(root_path: str) -> dict[str, Any]:
    """Return the description of all that is served.

    Args:
        root_path: What is before all paths, behind a gateway.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "gafreduce", "version": API_VERSION, "description": DESCRIPTION},
        "servers": [{"url": root_path or "/"}],
        "tags": TAGS,
        "paths": _make_paths(),
        "components": {"schemas": {"Problem": problems.SCHEMA}},
    }


def _make_paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}

    def add(path: str, tag: str, summary: str, parameters: object, responses: object) -> None:
        operation = {
            "tags": [tag],
            "summary": summary,
            "operationId": summary.lower().replace(" ", "_").replace("-", "_"),
            "parameters": parameters,
            "responses": responses,
        }
        paths[path] = {"get": operation}

    for resource in RESOURCES:
        add(
            f"/{resource.name}",
            resource.name,
            f"List {resource.title}s",
            make_list_parameters(resource),
            make_list_responses(resource),
        )
        if resource.key:
            add(
                make_key_path(resource),
                resource.name,
                f"Get one {resource.title}",
                make_key_parameters(resource),
                make_one_responses(resource),
            )
    summary = "Find gene products and terms by words"
    add("/search", "search", summary, make_search_parameters(), make_search_responses())
    key = [each for each in make_key_parameters(RESOURCES[0]) if each["name"] == "run_id"]
    add("/runs/{run_id}/page", "runs", "Get the page of a run", key, make_page_responses())
    add("/", "entry", "List what there is", [], _make_entry_responses())
    return paths


def _make_entry_responses() -> dict[str, dict[str, Any]]:
    entry = make_entry("")
    links = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Paths by name.",
    }
    schema = {
        "type": "object",
        "properties": {"links": links},
        "required": ["links"],
        "additionalProperties": False,
    }
    content = {"application/json": {"schema": schema, "example": entry}}
    return {"200": {"description": "Links to everything.", "content": content}}


def read_try_page() -> bytes:
    """Return the page to try requests, which loads nothing but the description and the answers."""
    return Path(__file__).with_name("templates").joinpath("try.html").read_bytes()
