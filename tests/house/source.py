"""The sources of the product, parsed once for the tests of layout, names and wording."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
FOLDERS = ("gafreduce", "jobs", "ontology", "reports")


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax tree of each module by its path relative to the repository."""
    found: dict[str, ast.Module] = {}
    for folder in FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            name = path.relative_to(REPOSITORY).as_posix()
            if not name.startswith(tuple(f"gafreduce/{linked}/" for linked in FOLDERS[1:])):
                found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def definitions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Yield functions, methods and classes, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node


def docstrings() -> Iterator[str]:
    """Yield the docstrings of modules, classes and functions."""
    for tree in modules().values():
        for node in (tree, *definitions(tree)):
            yield ast.get_docstring(node) or ""


def strings(tree: ast.Module) -> Iterator[str]:
    """Yield the text constants of a module, without docstrings."""
    ignored = set()
    for node in (tree, *definitions(tree)):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            ignored.add(id(first.value))
    for each in ast.walk(tree):
        if (
            isinstance(each, ast.Constant)
            and isinstance(each.value, str)
            and id(each) not in ignored
        ):
            yield each.value
