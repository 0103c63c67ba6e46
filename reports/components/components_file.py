"""The machinery: components and orthologs, from files of the user or from the package.

Format of the files: docs/statistics.md#components
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.regular_file import check_regular_file
from gafreduce.reports.tables.evidence_sources import normalise_entry

#: The machinery of competence: the default for this target.
COMPETENCE = Path(__file__).parent / "competence_components.tsv"
COMPETENCE_TARGET = "GO:0030420"

_COMPONENT_HEADER = ("component", "role", "required", "families", "symbols", "source")
_ORTHOLOG_HEADER = ("component", "object_id")


@dataclass(frozen=True)
class Component:
    """One component of a machinery."""

    name: str
    role: str
    required: bool
    families: frozenset[str]  # normalised entries, `InterPro:IPR010461`
    symbols: frozenset[str]  # lower case
    source: str


@dataclass(frozen=True)
class Machinery:
    """The components to look for, and the gene products that are known to be one."""

    components: tuple[Component, ...] = ()
    orthologs: Mapping[str, frozenset[str]] = field(default_factory=dict)  # components by object_id


def load_default_machinery(target: str) -> Machinery:
    """Return the machinery of a target for runs without a components file; it may be empty."""
    return Machinery(read_components(COMPETENCE) if target == COMPETENCE_TARGET else ())


def read_machinery(target: str, components: Path | None, orthologs: Path | None) -> Machinery:
    """Return the machinery of `--components FILE` and `--orthologs FILE`, or the default.

    Args:
        target: GO id of the target.
        components: The components file; None for the default of the target.
        orthologs: The orthologs file, if any.

    Raises:
        InputError: A file is invalid; the message gives path and line.
    """
    if components is None:
        parts = load_default_machinery(target).components
    else:
        parts = read_components(components)
    return Machinery(parts, read_orthologs(orthologs, parts) if orthologs is not None else {})


def read_components(path: Path) -> tuple[Component, ...]:
    """Read a components file: TSV with a header, UTF-8, lists joined by `|`.

    Args:
        path: The file, with the columns component, role, required (true or false), families,
            symbols and source, and at least one family or symbol in each row.

    Raises:
        InputError: The file is invalid; the message gives path and line.
    """
    made: dict[str, Component] = {}
    for number, cells in _read(path, _COMPONENT_HEADER):
        name, role, required, families, symbols, source = cells
        if required not in ("true", "false"):
            raise InputError(
                f"{path}:{number}: expected required to be true or false, got {required[:100]!r}"
            )
        if name in made:
            raise InputError(
                f"{path}:{number}: expected each component once, got {name[:100]!r} again "
                "(join its families and symbols by |)"
            )
        made[name] = Component(
            name,
            role,
            required == "true",
            frozenset(normalise_entry(entry) for entry in families.split("|") if entry.strip()),
            frozenset(symbol.strip().lower() for symbol in symbols.split("|") if symbol.strip()),
            source,
        )
        if not made[name].families | made[name].symbols:
            raise InputError(f"{path}:{number}: expected a family or a symbol, got neither")
    return tuple(made.values())


def read_orthologs(path: Path, components: Sequence[Component]) -> dict[str, frozenset[str]]:
    """Read an orthologs file, which assigns gene products to components.

    Args:
        path: TSV with a header, UTF-8; columns component and object_id (`DB:DB_Object_ID`).
        components: The components that the file may name.

    Returns:
        The names of components by object_id.

    Raises:
        InputError: The file is invalid or names an unknown component.
    """
    names = {component.name for component in components}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for number, (name, object_id) in _read(path, _ORTHOLOG_HEADER):
        if name not in names:
            raise InputError(
                f"{path}:{number}: expected a component of the components file, got {name[:100]!r}"
            )
        if ":" not in object_id:
            raise InputError(f"{path}:{number}: expected DB:DB_Object_ID, got {object_id[:100]!r}")
        found[object_id].add(name)
    return {object_id: frozenset(names) for object_id, names in found.items()}


def _read(path: Path, header: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number (from 1) and the cells of each row; check the header.

    Raises:
        InputError: The file is invalid; the message gives path and line.
    """
    check_regular_file(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8 text, got {error.reason}") from error
    wanted = "\t".join(header)
    if not lines or lines[0] != wanted:
        got = lines[0][:100] if lines else ""
        raise InputError(f"{path}:1: expected the header {wanted!r}, got {got!r}")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != len(header):
            raise InputError(
                f"{path}:{number}: expected {len(header)} tab-separated columns, got {len(cells)}"
            )
        yield number, cells
