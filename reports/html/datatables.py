"""DataTables, from the offline bundle that the package itables ships (MIT), for the page.

Only its files are read; importing the package would cost half a second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from gafreduce.errors import TransientError

_EXPORTS = re.compile(r"\bexport\s*\{([^{}]*)\};?")
_DEFAULT = re.compile(r"([\w$]+) as default\b")
_BREAKING = re.compile(r"<([!/])(?=--|script)", re.IGNORECASE)


class LibraryError(TransientError):
    """The library of tables is missing, or is not what this program knows."""


@dataclass(frozen=True)
class TableLibrary:
    """A script that leaves `DataTable` in its scope, and its style."""

    script: str
    style: str


def read_table_library() -> TableLibrary:
    """Return the library as the installed package holds it.

    Raises:
        LibraryError: It is not installed, or can't stand inside a page.
    """
    try:
        package = distribution("itables")
        script, style = (
            Path(str(package.locate_file(f"itables/html/dt_bundle.{kind}"))).read_text("utf-8")
            for kind in ("js", "css")
        )
    except (PackageNotFoundError, OSError) as error:
        raise LibraryError(
            f"itables: expected the package with its offline bundle, got {error} (install it)"
        ) from error
    return TableLibrary(as_script(script), style)


def as_script(module: str) -> str:
    r"""Return a module as a script for a page: what it exports by default is called `DataTable`.

    What would end or hide a script element is written otherwise: the same to JavaScript, wherever
    such text can stand (strings, templates, regular expressions).
    Source: https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements

    Raises:
        LibraryError: It exports nothing by default.

    >>> as_script("var a='<!--';export{b as c,a as default};")
    "var a='<\\x21--';const DataTable=a;"
    """
    exports = list(_EXPORTS.finditer(module))
    found = exports[-1] if exports else None
    name = _DEFAULT.search(found[1]) if found else None
    if found is None or name is None:
        raise LibraryError("itables: expected a bundle with a default export, got none")
    script = f"{module[: found.start()]}const DataTable={name[1]};{module[found.end() :]}"
    return _BREAKING.sub(lambda match: f"<\\x{ord(match[1]):02x}", script)
