"""Read a tree in Newick, and order organisms by its leaves.

Source of the format: https://phylipweb.github.io/phylip/newicktree.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.regular_file import check_regular_file
from gafreduce.reports.summary.sentences import list_names
from gafreduce.reports.tables.reader import Row

_MOST_BYTES = 16 << 20
#: What may follow each kind of token; labels of branches and their lengths are labels, too.
_FOLLOWERS = {
    **dict.fromkeys("(,", ("(", "label")),
    ")": (",", ")", ":", ";", "label"),
    ":": ("label",),
    "label": (",", ")", ":", ";"),
}
#: Comments, quoted labels (a quote in them is doubled), signs, and other labels.
_TOKEN = re.compile(r"\[[^\]]*\]|'(?:[^']|'')*'|[(),:;]|[^\s\[\]'(),:;]+")


def read_leaves(path: Path) -> list[str]:
    """Return the labels of the leaves of the first tree of a file, in their order.

    Raises:
        InputError: The file cannot be read, or is no tree.
    """
    check_regular_file(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: expected to read it, got {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected a tree in UTF-8, got other bytes") from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"{path}: expected at most {_MOST_BYTES:,} bytes, got more")
    try:
        return _parse(text)
    except ValueError as error:
        raise InputError(
            f"{path}: expected a tree in Newick, such as (a,(b,c));, got {error} (write it again)"
        ) from error


def _parse(text: str) -> list[str]:
    r"""Return the labels of the leaves.

    >>> _parse("((B_subtilis:1,'E. coli'[x]:2)0.9:1,83333)root;")
    ['B subtilis', 'E. coli', '83333']
    """
    rest = _TOKEN.sub("", text).strip()
    if rest:
        raise ValueError(f"the character {rest[0]!r}")
    leaves: list[str] = []
    depth = 0
    before = ","
    for token in _TOKEN.findall(text):
        kind = token if token in "(),:;" else "label"
        if token.startswith("["):
            continue
        depth += {"(": 1, ")": -1}.get(token, 0)
        if kind not in _FOLLOWERS[before] or depth < 0 or (kind == ";" and depth):
            raise ValueError(f"{token[:50]!r} behind {before!r} at depth {depth}")
        if kind == ";":
            return leaves
        if kind == "label" and before in "(,":
            leaves.append(_read_label(token))
        before = kind
    raise ValueError("no ';' at its end")


def _read_label(token: str) -> str:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    return token.replace("_", " ")


def order_by_tree(
    organisms: Sequence[Row], leaves: Sequence[str], path: str
) -> tuple[list[Row], str]:
    """Return organisms in the order of leaves, and a sentence on those without a leaf, if any.

    They come last, in their order. Leaves of other organisms are left out.

    A leaf names an organism by its id, its taxon id, its name, or the stem of its file.

    Raises:
        InputError: Two leaves are of one organism, or no leaf is of any.
    """
    known: dict[str, list[int]] = {}
    for place, row in enumerate(organisms):
        columns = ("organism_id", "taxon_id", "organism", "file_label")
        for name in {_simplify(row[column]) for column in columns if row[column]}:
            known.setdefault(name, []).append(place)
    order: dict[int, str] = {}
    for leaf in leaves:
        for place in known.get(_simplify(leaf), ()):
            if order.setdefault(place, leaf) != leaf:
                raise InputError(
                    f"{path}: expected one leaf for {organisms[place]['organism']}, got "
                    f"{order[place]!r} and {leaf!r} (remove one)"
                )
    if not order:
        wanted = list_names([row["organism"] for row in organisms])
        raise InputError(
            f"{path}: expected leaves with ids or names of organisms ({wanted}), got "
            f"others: {list_names(list(leaves))} (taxon ids always fit)"
        )
    others = [row for place, row in enumerate(organisms) if place not in order]
    note = ""
    if others:
        missing = list_names([row["organism"] for row in others])
        come = "it comes" if len(others) == 1 else "they come"
        note = f"{path}: no leaf has the id or name of {missing}: {come} last"
    return [*(organisms[place] for place in order), *others], note


def _simplify(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()
