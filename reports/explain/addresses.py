"""Addresses of cells: what can be asked of a run, and the rows that a key names.

An address is `TABLE/KEY/COLUMN`. The key columns are in the order of the table, joined by `/`.
Cells may contain `/` themselves, so a key is compared as a whole with the keys of the rows. When no
row has the key, it may name organisms by name and gene products by symbol.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gafreduce.errors import InputError
from gafreduce.ontology.obo_text import read_go_id
from gafreduce.reports.explain.run_sources import RunSources
from gafreduce.reports.tables.reader import Row, split_list
from gafreduce.reports.tables.schema import TABLES, TAXON_COLUMNS, Table

#: Key columns of an address, if they are not all of the table's: p-values only sort rows.
_ADDRESS_KEYS = {"enrichment": ("organism_id", "variant", "aspect", "go_id")}
#: Keys that a message names.
_MAX_SUGGESTIONS = 5
_ORGANISMS = ("organism_id", "organism_a", "organism_b")
_GO_ID = re.compile(r"\bgo[:_]?[0-9]{1,7}\b", re.IGNORECASE)


class Offer(NamedTuple):
    """An address, or the beginning of one, that can be asked."""

    address: str
    value: str  # of the cell, or the name of the organism; empty for none
    description: str


def get_key_columns(table: Table) -> tuple[str, ...]:
    """Return the columns of a table that are in an address."""
    return _ADDRESS_KEYS.get(table.name, table.key)


def make_key(table: Table, row: Row) -> str:
    """Return the key of a row as in an address."""
    return "/".join(row[column] for column in get_key_columns(table))


def find_rows(sources: RunSources, table: Table, key: str) -> list[Row]:
    """Return the rows with a key, else those that it describes by names and symbols."""
    rows = sources.read_rows(table.name)
    exact = [row for row in rows if make_key(table, row) == key]
    if exact:
        return exact
    wanted = _write_go_ids(key).casefold()
    return [row for row in rows if wanted in _list_aliases(sources, table, row)]


def _write_go_ids(key: str) -> str:
    """Return a key with its ids of GO as tables have them.

    >>> _write_go_ids("go:30420/224308")
    'GO:0030420/224308'
    """
    return _GO_ID.sub(lambda found: read_go_id(found[0]), key)


def _list_aliases(sources: RunSources, table: Table, row: Row) -> Iterator[str]:
    """Yield the keys of a row with names and symbols, without capital letters."""
    parts = []
    for column in get_key_columns(table):
        cell = row[column]
        names = [cell]
        if column in _ORGANISMS:
            names += [each[cell] for each in _list_names(sources) if cell in each]
        elif column == "object_id":
            names.append(sources.symbols.get((row.get("organism_id", ""), cell), cell))
        parts.append([name.casefold() for name in names])
    return map("/".join, itertools.product(*parts))


def _list_names(sources: RunSources) -> tuple[Mapping[str, str], ...]:
    """Return the names of organisms by id: those of the run, and those of NCBI."""
    return sources.organism_names, sources.ncbi_names


def suggest_columns(table: Table, name: str) -> str:
    """Return the columns most like a name, for a message.

    >>> suggest_columns(TABLES["organisms"], "n_target_products")
    'similar: n_target_gene_products, n_gene_products, n_filtered_target_gene_products; '
    """
    similar = difflib.get_close_matches(name, table.column_names)
    return f"similar: {', '.join(similar)}; " if similar else ""


def suggest_keys(sources: RunSources, table: Table, key: str) -> str:
    """Return keys that contain a text, or the first ones, for a message."""
    keys = [make_key(table, row) for row in sources.read_rows(table.name)]
    near = [other for other in keys if key and key.lower() in other.lower()] or keys
    return f"for example {', '.join(near[:_MAX_SUGGESTIONS])}" if near else "the table is empty"


def find_gene_products(sources: RunSources, name: str, organism: str | None = None) -> list[Row]:
    """Return the rows of gene products with an id, accession, symbol or synonym.

    Args:
        sources: The run.
        name: Of the gene product; the first of these that fits any gene product decides.
        organism: Id or name of the only organism that is meant; None for all.

    Raises:
        InputError: There is none, or no such organism.
    """
    rows = sources.read_rows("gene_products")
    if organism is not None:
        organism_ids = _find_organisms(sources, organism)
        rows = [row for row in rows if row["organism_id"] in organism_ids]
    folded = name.casefold()
    for fits in (
        lambda row: row["object_id"] == name,
        lambda row: row["object_id"].rpartition(":")[2].casefold() == folded,
        lambda row: row["symbol"].casefold() == folded,
        lambda row: folded in (each.casefold() for each in split_list(row["synonyms"])),
    ):
        found = [row for row in rows if fits(row)]
        if found:
            return found
    near = sorted({row["symbol"] for row in rows if folded[:3] in row["symbol"].casefold()})
    known = near or sorted({row["symbol"] for row in rows})
    raise InputError(
        f"{name}: expected an id, symbol or synonym of gene_products "
        f"(for example {', '.join(known[:_MAX_SUGGESTIONS])}; it has only gene products with a "
        "line on the term, its descendants or regulators, or a NOT on an ancestor)"
    )


def _find_organisms(sources: RunSources, name: str) -> set[str]:
    """Return the ids of the organisms with an id or name.

    Raises:
        InputError: There is none.
    """
    for known in _list_names(sources):
        found = {key for key, each in known.items() if name.casefold() in (key, each.casefold())}
        if found:
            return found
    names = list(sources.organism_names.values())[:_MAX_SUGGESTIONS]
    raise InputError(f"{name}: expected an organism of the run, got none of {', '.join(names)}")


def list_offers(sources: RunSources, address: str) -> list[Offer]:
    """Return what can be asked, for an address that names no cell yet.

    Args:
        sources: The run.
        address: Nothing, for the tables; a table and the beginning of a key, for its rows; a table
            and a key, for the cells of the row. Empty for an address of a cell.
    """
    name, _, rest = address.rstrip("/").partition("/")
    if not name:
        return [_offer_table(sources, TABLES[each]) for each in TABLES if sources.has_rows(each)]
    if name not in TABLES or not sources.folder.has_table(name):
        return []
    table = TABLES[name]
    if rest:
        found = find_rows(sources, table, rest)
        if found:
            return [
                Offer(
                    f"{name}/{make_key(table, row)}/{column.name}",
                    row[column.name],
                    column.description,
                )
                for row in found
                for column in sorted(table.columns, key=lambda each: each.name in TAXON_COLUMNS)
                if column.name not in table.key
            ]
        if rest.rpartition("/")[2] in table.column_names:
            return []
    return [
        Offer(f"{name}/{make_key(table, row)}", "", _describe_row(sources, row))
        for row in sources.read_rows(name)
        if f"{make_key(table, row)}/".startswith(f"{_write_go_ids(rest)}/" if rest else "")
    ]


def _offer_table(sources: RunSources, table: Table) -> Offer:
    """Return a table with the address of one of its cells, as an example."""
    row = sources.read_rows(table.name)[0]
    columns = [
        each.name
        for each in table.columns
        if each.name not in table.key and each.name not in TAXON_COLUMNS
    ]
    counts = [name for name in columns if name.startswith("n_")] or columns
    address = f"{table.name}/{make_key(table, row)}/{counts[0]}"
    n_rows = f"{len(sources.read_rows(table.name)):,}"
    return Offer(address, "", f"{n_rows} rows: {'/'.join(get_key_columns(table))}")


def _describe_row(sources: RunSources, row: Row) -> str:
    """Return names for the ids in a row's key."""
    names: Sequence[str] = (
        *(sources.organism_names.get(row.get(column, ""), "") for column in _ORGANISMS),
        row.get("symbol", ""),
        row.get("name", "") if "go_id" in row else "",
    )
    return ", ".join(filter(None, names))
