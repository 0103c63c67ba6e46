"""Script and style of DataTables, from the offline bundle in the package itables (MIT).

Only the files are read, because importing the package takes half a second.
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


@dataclass(frozen=True)
class TableLibrary:
    """The script, which defines `DataTable`, and the style."""

    script: str
    style: str


def read_table_library() -> TableLibrary:
    """Return the library from the installed package.

    Raises:
        TransientError: It is not installed, or its script cannot be embedded in a page.
    """
    try:
        package = distribution("itables")
        script, style = (
            Path(str(package.locate_file(f"itables/html/dt_bundle.{kind}"))).read_text("utf-8")
            for kind in ("js", "css")
        )
    except (PackageNotFoundError, OSError) as error:
        raise TransientError(
            f"itables: expected the package with its offline bundle, got {error} (install it)"
        ) from error
    return TableLibrary(convert_module(script), style)


def convert_module(module: str) -> str:
    r"""Return a JavaScript module as an inline script with its default export as `DataTable`.

    Text that would end or hide a script element is escaped. JavaScript reads it as the same text
    in strings, templates and regular expressions.
    Source: https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements

    Raises:
        TransientError: It has no default export.

    >>> convert_module("var a='<!--';export{b as c,a as default};")
    "var a='<\\x21--';const DataTable=a;"
    """
    exports = list(_EXPORTS.finditer(module))
    found = exports[-1] if exports else None
    name = _DEFAULT.search(found[1]) if found else None
    if found is None or name is None:
        raise TransientError("itables: expected a bundle with a default export, got none")
    script = f"{module[: found.start()]}const DataTable={name[1]};{module[found.end() :]}"
    return _BREAKING.sub(lambda match: f"<\\x{ord(match[1]):02x}", script)
