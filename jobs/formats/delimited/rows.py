"""Rows of delimited text: the separator of the columns, quoted cells, and cells with GO ids.

Columns are separated by tabs, commas, semicolons, bars or blanks. A cell in double quotes may hold
the separator, and a quote as two of them (RFC 4180); a quote anywhere else is data.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Sequence

from gafreduce.jobs.model.go_terms import is_go_id

#: The separators of columns by name, the likeliest first.
DELIMITERS: Dict[str, str] = {
    "tab": "\t",
    "comma": ",",
    "semicolon": ";",
    "bar": "|",
    "blank": " ",
}
#: Words that say that a gene product has no term, in lower case.
NO_TERM = frozenset(
    {
        *("", "-", "--", "---", ".", "?", "na", "n/a", "#n/a", "n.a.", "nan", "---na---"),
        *("none", "null", "unknown", "not available", "not annotated"),
        *(f"no {word}" for word in ("go", "go term", "go terms", "term", "terms", "hit", "hits")),
        *("no annotation", "no annotations", "no ips match", "[]"),
    }
)

_QUOTED = {
    name: re.compile(
        rf' *"([^"]*(?:""[^"]*)*)" *(?:{re.escape(char)}|$)|([^{char}]*)(?:{re.escape(char)}|$)'
    )
    for name, char in DELIMITERS.items()
}
_QUOTED["blank"] = re.compile(r'"([^"]*(?:""[^"]*)*)"(?=\s|$)|(\S+)')
#: A first line by which Excel knows the separator of a CSV file.
_STATEMENT = re.compile(rb'"?sep=([\t,;|])"?[ ,;|]*', re.IGNORECASE)
_SEPARATOR = re.compile(r"(?:[;,|\s]|//)+")
#: What surrounds GO ids where a program wrote its list as it is: `['GO:1', 'GO:2']`, `c("GO:1")`.
_WRAPPING = re.compile(r"^c\(|[\[\](){}'\"]")
#: A cell with nothing but GO ids.
_ONLY_GO_IDS = re.compile(r"[;,|\s]*GO:[0-9]{7}(?:[;,|\s]+GO:[0-9]{7})*[;,|\s]*")
_GO_ID = re.compile(r"GO:[0-9]{7}")
#: A GO id between other text, such as a name, up to what ends it in any known format.
_GO_TOKEN = re.compile(r"GO:[^\s,;|\])(\"'\[^`~{}/]*")
_GO_TOKEN_IN_ANY_CASE = re.compile(f"(?<![a-z]){_GO_TOKEN.pattern}", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,7}")
_LONE_ID = re.compile(r"[^\s,;|]+")
#: A score beside a GO id, as DeepGOPlus writes it: `GO:0030420|0.612`.
_SCORE = re.compile(r"[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE]-[0-9]+")
#: Lines that are looked at to find the separator.
_SAMPLE = 100


def find_stated_delimiter(line: bytes) -> str:
    """Return the name of the separator that a line states for Excel; "" for another line.

    >>> find_stated_delimiter(b"sep=;"), find_stated_delimiter(b"sep=x")
    ('semicolon', '')
    """
    found = _STATEMENT.fullmatch(line)
    char = found[1].decode() if found else ""
    return next((name for name, each in DELIMITERS.items() if each == char), "")


def split_cells(text: str, delimiter: str) -> List[str]:
    r"""Return the cells of a row, without quotes and surrounding blanks.

    Args:
        text: The row.
        delimiter: The name of the separator.

    >>> split_cells('g1, "a, \"\"b\"\"" ,x', "comma"), split_cells('g1  "GO 1" x', "blank")
    (['g1', 'a, "b"', 'x'], ['g1', 'GO 1', 'x'])
    """
    if '"' not in text:
        if delimiter == "blank":
            return text.split()
        return [cell.strip(" ") for cell in text.split(DELIMITERS[delimiter])]
    if delimiter == "tab" and "\t" not in text:
        return [_unquote(text)]
    char = DELIMITERS[delimiter]
    if text.startswith('"') and text.endswith('"') and delimiter != "blank":
        cells = text[1:-1].split(f'"{char}"')
        if 2 * len(cells) == text.count('"'):  # each cell is quoted, none holds a quote
            return cells
    found = [
        quoted.replace('""', '"').strip(" ") if quoted else plain.strip(" ")
        for quoted, plain in _QUOTED[delimiter].findall(text)
    ]
    if delimiter != "blank" and not text.endswith(char):
        found.pop()  # the empty match behind the last cell
    return found


def _unquote(text: str) -> str:
    text = text.strip(" ")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"').strip(" ")
    return text


def is_no_term(cell: str) -> bool:
    """Return whether a cell means no term: empty, or a word such as `NA`."""
    return cell.lower() in NO_TERM


def is_lone_id(cell: str) -> bool:
    """Return whether the only cell of a row may be a gene product without a term.

    >>> is_lone_id("g4"), is_lone_id("g4 GO:0030420"), is_lone_id("g4,0030420"), is_lone_id("")
    (True, False, False, False)
    """
    return _LONE_ID.fullmatch(cell) is not None and "GO:" not in cell


def has_only_go_ids(cell: str) -> bool:
    """Return whether a cell has GO ids, and nothing else but words for none."""
    if _ONLY_GO_IDS.fullmatch(cell):
        return True
    return "GO:" in cell and all(map(is_go_id, list_go_ids(cell)))


def has_only_digits(cell: str) -> bool:
    """Return whether a cell has the digits of a GO id and nothing else."""
    return _NUMBER.fullmatch(cell) is not None


def list_go_ids(cell: str) -> List[str]:
    """Return what a list of GO ids holds, each once.

    Words for none, EC numbers and scores are left out.

    >>> list_go_ids("GO:0030420; GO:0005886|GO:0030420"), list_go_ids("unknown"), list_go_ids("x")
    (['GO:0030420', 'GO:0005886'], [], ['x'])
    >>> list_go_ids("GO:0030420|0.612"), list_go_ids("30420;0.5")
    (['GO:0030420'], ['30420'])
    >>> list_go_ids("['GO:0030420', 'GO:0005886']"), list_go_ids("no GO terms")
    (['GO:0030420', 'GO:0005886'], [])
    """
    if len(cell) == 10 and cell.startswith("GO:"):
        return [cell]
    if _ONLY_GO_IDS.fullmatch(cell):  # a third of the time
        found = _GO_ID.findall(cell)
        return found if len(set(found)) == len(found) else list(dict.fromkeys(found))
    if is_no_term(cell):
        return []
    if cell.endswith(("]", ")", "}")) and ("'" in cell or '"' in cell):
        cell = _WRAPPING.sub(" ", cell)
    return [
        token
        for token in dict.fromkeys(_SEPARATOR.split(cell))
        if not (is_no_term(token) or token.startswith("EC:") or _SCORE.fullmatch(token))
    ]


def find_go_ids(cell: str) -> List[str]:
    """Return the GO ids between other text, each once; damaged ones as they are written.

    >>> find_go_ids("GO:0005524^molecular_function^ATP binding`GO:0016020^x^y")
    ['GO:0005524', 'GO:0016020']
    >>> find_go_ids("P:GO:0006355; F:GO:12"), find_go_ids("GO:0005524~ATP binding")
    (['GO:0006355', 'GO:12'], ['GO:0005524'])
    """
    pattern = _GO_TOKEN  # five times faster
    if "go:" in cell or "Go:" in cell:
        pattern = _GO_TOKEN_IN_ANY_CASE
    found = pattern.findall(cell)
    return found if len(found) < 2 else list(dict.fromkeys(found))


def list_bare_ids(cell: str) -> List[str]:
    """Return the GO ids that a cell has as numbers without their prefix, each once.

    >>> list_bare_ids("0030420"), list_bare_ids("30420;5886"), list_bare_ids("NA")
    (['GO:0030420'], ['GO:0030420', 'GO:0005886'], [])
    """
    if len(cell) == 7 and has_only_digits(cell):
        return [f"GO:{cell}"]
    return list(dict.fromkeys(map(complete_go_id, list_go_ids(cell))))


def complete_go_id(cell: str) -> str:
    """Return the GO id of a number without its prefix; another text unchanged.

    >>> complete_go_id("0030420"), complete_go_id("30420"), complete_go_id("x")
    ('GO:0030420', 'GO:0030420', 'x')
    """
    return f"GO:{cell:0>7}" if has_only_digits(cell) else cell


class _Score(NamedTuple):
    """How well rows are split by a separator; the larger, the better."""

    n_rows_with_go_ids: int  # in cells of their own, less those with GO ids and other text
    n_equal_rows: int  # with the most frequent number of cells, of two or more
    preference: int


def find_delimiter(lines: Sequence[str]) -> str:
    """Return the name of the separator that splits rows best; "" if none splits any.

    Tabs come first where most rows have them. Else it is the separator that leaves most cells with
    nothing but GO ids, or that gives most rows one number of cells.
    """
    lines = lines[:_SAMPLE]
    if sum("\t" in line for line in lines) * 2 > len(lines):
        return "tab"
    scores = {}
    for place, (name, char) in enumerate(DELIMITERS.items()):
        if any(char in line for line in lines):
            scores[name] = _score([split_cells(line, name) for line in lines], -place)
    best = max(scores, key=lambda name: scores[name], default="")
    return best if best and scores[best].n_equal_rows else ""


def _score(rows: Sequence[Sequence[str]], preference: int) -> _Score:
    n_pure = n_mixed = 0
    for cells in rows:
        with_ids = [cell for cell in cells if "GO:" in cell]
        is_pure = len(cells) > 1 and any(map(has_only_go_ids, with_ids))
        n_pure += is_pure
        n_mixed += not all(map(has_only_go_ids, with_ids))
    widths = [len(cells) for cells in rows if len(cells) > 1]
    n_equal = max(map(widths.count, set(widths)), default=0)
    return _Score(n_pure - n_mixed, n_equal, preference)
