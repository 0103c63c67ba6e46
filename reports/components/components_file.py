"""The machinery that is looked for: components and orthologs, read from files of the user or ours.

Layout of the files: docs/statistics.md#components
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.reports.statistics.evidence_sources import normalise

#: The machinery of competence, used when the target is the founding one and no file is given.
COMPETENCE = Path(__file__).parent / "competence_components.tsv"
COMPETENCE_TARGET = "GO:0030420"

_COMPONENT_HEADER = ("component", "role", "required", "families", "symbols", "source")
_ORTHOLOG_HEADER = ("component", "object_id")


class ComponentsError(InputError):
    """A components or orthologs file is not as described."""


@dataclass(frozen=True)
class Component:
    """One part of a machinery."""

    name: str
    role: str
    required: bool
    families: frozenset[str]  # normalised entries, `InterPro:IPR010461`
    symbols: frozenset[str]  # lower case
    source: str


@dataclass(frozen=True)
class Machinery:
    """The components that are looked for, and who is known to be one."""

    components: tuple[Component, ...] = ()
    orthologs: Mapping[str, frozenset[str]] = field(default_factory=dict)  # object_id -> components


def default_machinery(target: str) -> Machinery:
    """Return the machinery that is looked for when no components file is given."""
    return Machinery(read_components(COMPETENCE) if target == COMPETENCE_TARGET else ())


def read_machinery(target: str, components: Path | None, orthologs: Path | None) -> Machinery:
    """Return the machinery of `--components FILE` and `--orthologs FILE`, or the target's own.

    Raises:
        ComponentsError: A file is not as described; the message gives path and line.
    """
    if components is None:
        parts = default_machinery(target).components
    else:
        parts = read_components(components)
    return Machinery(parts, read_orthologs(orthologs, parts) if orthologs is not None else {})


def read_components(path: Path) -> tuple[Component, ...]:
    """Read a components file: TSV with a header, UTF-8, lists joined by `|`.

    Args:
        path: Columns component, role, required (true or false), families, symbols, source; at least
            one family or symbol in each row.

    Raises:
        ComponentsError: It is not such a file; the message gives path and line.
    """
    made: dict[str, Component] = {}
    for number, cells in _read(path, _COMPONENT_HEADER):
        name, role, required, families, symbols, source = cells
        if required not in ("true", "false"):
            raise ComponentsError(
                f"{path}:{number}: expected required to be true or false, got {required[:100]!r}"
            )
        if name in made:
            raise ComponentsError(
                f"{path}:{number}: expected each component once, got {name[:100]!r} again "
                "(join its families and symbols by |)"
            )
        made[name] = Component(
            name,
            role,
            required == "true",
            frozenset(normalise(entry) for entry in families.split("|") if entry.strip()),
            frozenset(symbol.strip().lower() for symbol in symbols.split("|") if symbol.strip()),
            source,
        )
        if not made[name].families | made[name].symbols:
            raise ComponentsError(f"{path}:{number}: expected a family or a symbol, got neither")
    return tuple(made.values())


def read_orthologs(path: Path, components: Sequence[Component]) -> dict[str, frozenset[str]]:
    """Read an orthologs file: which gene products are which component.

    Args:
        path: TSV with a header, UTF-8; columns component and object_id (`DB:DB_Object_ID`).
        components: Those that may be named.

    Raises:
        ComponentsError: It is not such a file, or names an unknown component.
    """
    names = {component.name for component in components}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for number, (name, object_id) in _read(path, _ORTHOLOG_HEADER):
        if name not in names:
            raise ComponentsError(
                f"{path}:{number}: expected a component of the components file, got {name[:100]!r}"
            )
        if ":" not in object_id:
            raise ComponentsError(
                f"{path}:{number}: expected DB:DB_Object_ID, got {object_id[:100]!r}"
            )
        found[object_id].add(name)
    return {object_id: frozenset(names) for object_id, names in found.items()}


def _read(path: Path, header: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Return line numbers (from 1) and cells of a small TSV, header checked and left out."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ComponentsError(f"{path}: expected UTF-8 text, got {error.reason}") from error
    wanted = "\t".join(header)
    if not lines or lines[0] != wanted:
        got = lines[0][:100] if lines else ""
        raise ComponentsError(f"{path}:1: expected the header {wanted!r}, got {got!r}")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != len(header):
            raise ComponentsError(
                f"{path}:{number}: expected {len(header)} tab-separated columns, got {len(cells)}"
            )
        yield number, cells
