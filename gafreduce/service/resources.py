"""The resources of the service: their tables, filters and orders; and the SQL that reads them.

SQL is made of the names below alone; values of a request are parameters, never a part of the text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.tables import schema
from gafreduce.reports.tables.schema import Column, Table
from gafreduce.reports.tables.verdicts import VERDICTS
from gafreduce.service.search_database import list_columns

_STATUSES = (
    *("conflicting", "positive", "other_relation", "negated"),
    *("regulator", "not_understood", "listed"),
)
_MEMBERSHIPS = ("core", "unique", "shared", "partial_only")
Decoder = Callable[[Sequence[Any]], dict[str, Any]]


class Filter(NamedTuple):
    """A parameter that selects rows."""

    name: str
    condition: str  # SQL with one `?`
    description: str
    values: tuple[str, ...] = ()  # allowed ones; empty for any text
    is_boolean: bool = False


class Resource(NamedTuple):
    """A list of rows."""

    name: str  # in paths
    title: str  # of one row
    table: Table
    key: tuple[str, ...]  # of one row, in its path
    filters: tuple[Filter, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""
        return list_columns(self.table)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return _list_names(self.table)


@functools.cache
def _list_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in list_columns(table))


def _equal(name: str, column: str, description: str, values: Iterable[str] = ()) -> Filter:
    return Filter(name, f'"{column}" = ?', description, tuple(values))


_RUN = _equal("run", "run_id", "Id of a run.")
_ORGANISM = _equal("organism", "organism_id", "Id of an organism: a taxon id or a sample.")

RUNS = Resource(
    "runs",
    "run",
    schema.RUNS,
    ("run_id",),
    (_equal("target", "target", "Primary id of the target term."),),
)
ORGANISMS = Resource(
    "organisms",
    "organism",
    schema.ORGANISMS,
    ("run_id", "organism_id"),
    (
        _RUN,
        _ORGANISM,
        _equal("verdict", "verdict", "Verdict word.", VERDICTS),
        _equal("complete", "complete", "Whether its files are complete.",
               ("true", "false", "suspect")),
        Filter("compared", '"compared" = ?', "Whether it is compared.", is_boolean=True),
    ),
)  # fmt: skip
GENE_PRODUCTS = Resource(
    "gene-products",
    "gene product",
    schema.GENE_PRODUCTS,
    ("run_id", "organism_id", "object_id"),
    (
        _RUN,
        _ORGANISM,
        _equal("status", "status", "Status of the gene product.", _STATUSES),
        _equal("evidence_group", "best_group", "Strongest evidence group.", GROUPS),
        Filter("term", "instr('|' || go_ids || '|', '|' || ? || '|')",
               "A term of its rows in `annotations`."),
        _equal("symbol", "symbol", "Symbol, as written."),
    ),
)  # fmt: skip
ANNOTATIONS = Resource(
    "annotations",
    "annotation",
    schema.ANNOTATIONS,
    (),
    (
        _RUN,
        _ORGANISM,
        _equal("gene_product", "object_id", "Identifier: `DB:DB_Object_ID`."),
        _equal("term", "go_id", "Primary id of the term."),
        _equal("evidence_group", "evidence_group", "Evidence group of the code.",
               (*GROUPS, "no_data")),
        _equal("evidence_code", "evidence_code", "Evidence code, as written."),
        _equal("assigned_by", "assigned_by", "Assigning group, as written."),
        Filter("negated", '"negated" = ?', "Whether the line has a NOT.", is_boolean=True),
    ),
)  # fmt: skip
TERMS = Resource(
    "terms",
    "term",
    schema.TERMS,
    ("run_id", "go_id"),
    (
        _RUN,
        _equal("term", "go_id", "Primary id of the term."),
        _equal("aspect", "aspect", "Aspect.", ("P", "F", "C")),
        _equal("membership", "membership", "Membership by direct annotation.", _MEMBERSHIPS),
        _equal("membership_propagated", "membership_propagated",
               "Membership by propagated annotation.", _MEMBERSHIPS),
        Filter("organism", "instr('|' || organism_ids || '|', '|' || ? || '|')",
               "Id of an organism with the term itself."),
    ),
)  # fmt: skip
RESOURCES = (RUNS, ORGANISMS, GENE_PRODUCTS, ANNOTATIONS, TERMS)


class Statement(NamedTuple):
    """A statement of SQL and the values of its parameters."""

    text: str
    values: tuple[Any, ...]


class ListRequest(NamedTuple):
    """A request for a page of rows; every name in it has been checked."""

    resource: Resource
    filters: Mapping[str, str | bool]
    fields: Sequence[str]
    order: Sequence[tuple[str, bool]]  # column, whether descending
    limit: int
    offset: int


def make_list(request: ListRequest) -> Statement:
    """Return the statement for a page of rows."""
    where, values = _make_conditions(request.resource, request.filters)
    order = ", ".join(
        [f'"{name}" {"DESC" if is_descending else "ASC"}' for name, is_descending in request.order]
        + ["rowid"]
    )
    text = (
        f"SELECT {_list(request.fields)} FROM {request.resource.table.name}{where} "
        f"ORDER BY {order} LIMIT ? OFFSET ?"
    )
    return Statement(text, (*values, request.limit, request.offset))


def make_count(resource: Resource, filters: Mapping[str, str | bool]) -> Statement:
    """Return the statement for the number of rows."""
    where, values = _make_conditions(resource, filters)
    return Statement(f"SELECT count(*) FROM {resource.table.name}{where}", values)


def make_one(resource: Resource, key: Sequence[str]) -> Statement:
    """Return the statement for the row of a key."""
    conditions = " AND ".join(f'"{name}" = ?' for name in resource.key)
    names = _list(resource.column_names)
    return Statement(
        f"SELECT {names} FROM {resource.table.name} WHERE {conditions} LIMIT 1", tuple(key)
    )


def _make_conditions(
    resource: Resource, filters: Mapping[str, str | bool]
) -> tuple[str, tuple[Any, ...]]:
    used = [each for each in resource.filters if each.name in filters]
    text = " AND ".join(each.condition for each in used)
    return f" WHERE {text}" if text else "", tuple(filters[each.name] for each in used)


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


_SEARCHES = {
    "gene-products": (
        "gene_product_search",
        "gene_products",
        "found.run_id, found.organism_id, found.object_id, found.symbol, found.name, found.status",
    ),
    "terms": (
        "term_search",
        "terms",
        "found.run_id, NULL, found.go_id, NULL, found.name, found.term_class",
    ),
}
KINDS = tuple(_SEARCHES)
#: The names of the cells of a match.
MATCH_NAMES = ("run_id", "organism_id", "id", "symbol", "name", "state")


def make_search(kind: str, text: str, run: str | None, limit: int) -> Statement:
    """Return the statement that finds gene products or terms, the best first.

    Args:
        kind: One of KINDS.
        text: Words of the user; each is a text, never an operator of the search.
        run: Id of a run; None for all.
        limit: Rows at most.
    """
    search, table, columns = _SEARCHES[kind]
    of_run = " AND found.run_id = ?" if run is not None else ""
    statement = (
        f"SELECT {columns} FROM {search} JOIN {table} AS found ON found.rowid = {search}.rowid "
        f"WHERE {search} MATCH ?{of_run} ORDER BY {search}.rank, {search}.rowid LIMIT ?"
    )
    return Statement(statement, (quote_words(text), *([run] if run is not None else []), limit))


def quote_words(text: str) -> str:
    """Return words as a query of FTS5: all of them, the last one as a beginning.

    >>> quote_words('com NEAR("k')
    '"com" "NEAR(""k"*'
    """
    words = [f'"{word}"' for word in text.replace("\x00", " ").replace('"', '""').split()]
    return " ".join(words) + "*" if words else ""


def make_decoder(columns: Sequence[Column]) -> Decoder:
    """Return what makes a row of the database values of JSON by column: lists are lists."""
    names = [column.name for column in columns]
    special = [
        (column.name, _DECODERS[column.type]) for column in columns if column.type in _DECODERS
    ]

    def decode(row: Sequence[Any]) -> dict[str, Any]:
        found = dict(zip(names, row, strict=True))
        for name, read in special:
            value = found[name]
            if value is not None:
                found[name] = read(value)
        return found

    return decode


def _read_texts(cell: str) -> list[str]:
    items = cell.split("|")
    if "%" in cell:
        return [item.replace("%7C", "|").replace("%25", "%") for item in items]
    return items


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "texts": _read_texts,
    "integers": lambda cell: [int(item) for item in str(cell).split("|") if item != "..."],
}
