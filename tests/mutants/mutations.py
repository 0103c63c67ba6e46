"""Small changes of a module, each of which a test should notice.

Operators: comparisons, and/or, not, arithmetic, numbers and booleans, conditions negated. Left out:
texts, annotations, and arguments that only guard the program against itself (`frozen`, `strict`...).
A change keeps the lines of the module, so that line numbers mean the same before and after it.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

#: What each operator becomes.
_OPERATORS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "is": ("is not",),
    "is not": ("is",),
    "in": ("not in",),
    "not in": ("in",),
    "and": ("or",),
    "or": ("and",),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "/": ("*",),
    "//": ("*",),
    "%": ("*",),
    "**": ("*",),
    "|": ("&",),
    "&": ("|",),
    "^": ("|",),
    "<<": (">>",),
    ">>": ("<<",),
}
_TOKEN = re.compile(
    r"is\s+not\b|not\s+in\b|\b(?:is|in|and|or|not)\b|<=|>=|==|!=|\*\*|//|<<|>>|[<>+\-*/%|&^@]"
)
#: Keyword arguments without an effect on results.
_GUARDS = {"strict", "frozen", "slots", "kw_only", "repr"}


@dataclass(frozen=True)
class Mutation:
    """A change of one place of a module."""

    module: str  # path relative to the repository
    function: str  # qualified name, empty at the top of the module
    line: int
    end_line: int
    start: int  # offsets in the UTF-8 text
    end: int
    new: str
    text: str  # the line, with the change
    is_in_body: bool  # of a function; other lines run when the module is imported

    @property
    def key(self) -> str:
        """Return a name that does not change with other parts of the module."""
        return f"{self.module}\t{self.function}\t{self.text}"

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: {self.text}"

    def rank(self, seed: str) -> str:
        """Return where the mutation is in the random order of a seed."""
        return hashlib.sha256(f"{seed}\t{self.key}".encode()).hexdigest()

    def apply(self, source: bytes) -> bytes:
        """Return the changed module."""
        return source[: self.start] + self.new.encode() + source[self.end :]


class _Finder:
    def __init__(self, module: str, source: bytes) -> None:
        self.module, self.source = module, source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def find(self, node: ast.AST, function: str = "", in_body: bool = False) -> Iterator[Mutation]:
        """Yield the mutations of a node and of the nodes in it."""
        for start, end, new in self._change(node):
            yield self._make(function, in_body, start, end, new)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            function = f"{function}.{node.name}".lstrip(".")
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_comment"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_left_out(child):
                    is_body = isinstance(node, ast.FunctionDef) and name == "body"
                    yield from self.find(child, function, in_body or is_body)

    def _change(self, node: ast.AST) -> Iterator[tuple[int, int, str]]:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield self._start(node), self._start(node) + len("not"), ""
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
            new = str(not node.value) if isinstance(node.value, bool) else repr(node.value + 1)
            yield self._start(node), self._end(node), new
        elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
            yield self._negate(node.test)
        elif isinstance(node, ast.comprehension):
            yield from (self._negate(each) for each in node.ifs)
        for left, right in pairwise(_list_operands(node)):
            start, end, token = self._token(self._end(left), self._start(right))
            yield from ((start, end, new) for new in _OPERATORS.get(token, ()))

    def _negate(self, test: ast.expr) -> tuple[int, int, str]:
        start, end = self._start(test), self._end(test)
        return start, end, f"(not ({self.source[start:end].decode()}))"

    def _token(self, start: int, end: int) -> tuple[int, int, str]:
        # a comment between the operands may contain words: blank it, keeping offsets
        between = re.sub(rb"#[^\n]*", lambda m: b" " * len(m[0]), self.source[start:end])
        found = _TOKEN.search(between.decode("latin-1"))
        assert found, between
        return start + found.start(), start + found.end(), " ".join(found[0].split())

    def _start(self, node: ast.AST) -> int:
        return self.starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]

    def _end(self, node: ast.AST) -> int:
        return self.starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def _make(self, function: str, in_body: bool, start: int, end: int, new: str) -> Mutation:
        new += "\n" * (self.source.count(b"\n", start, end) - new.count("\n"))
        line, last = (self.source.count(b"\n", 0, at) + 1 for at in (start, end))
        before, after = self.starts[line - 1], self.starts[last]
        whole = self.source[before:start].decode() + new + self.source[end:after].decode()
        text = " ".join(whole.split())
        return Mutation(self.module, function, line, last, start, end, new, text, in_body)


def _list_operands(node: ast.AST) -> list[ast.expr]:
    """Return the operands of a comparison, of and/or, or of arithmetic; otherwise none."""
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    return [node.target, node.value] if isinstance(node, ast.AugAssign) else []


def _is_left_out(node: ast.AST) -> bool:
    """Return whether a part of a module is not changed: see the text at the top."""
    if isinstance(node, ast.keyword):
        return node.arg in _GUARDS
    if isinstance(node, (ast.If, ast.IfExp)):
        return bool(re.search(r"TYPE_CHECKING|__name__|version_info", ast.unparse(node.test)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return bool(re.search(r"\bNone\b|\]|\b(str|int|bytes|Path)$", ast.unparse(node)))  # a type
    return isinstance(node, ast.JoinedStr)


def find_mutations(module: str, source: bytes) -> list[Mutation]:
    """Return all mutations of a module, in the order of its text.

    Args:
        module: Its path relative to the repository.
        source: Its text.
    """
    finder = _Finder(module, source)
    unique = {each.key: each for each in finder.find(ast.parse(source))}
    return sorted(unique.values(), key=lambda each: (each.start, each.end, each.new))


def list_body_lines(source: bytes) -> set[int]:
    """Return the numbers of the lines in the bodies of functions."""
    return {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        for statement in node.body
        for line in range(statement.lineno, (statement.end_lineno or 0) + 1)
    }
