"""The annotation formats: one module each, found by content.

A format is a module with

- `NAME`;
- `misfit(lines)`: why a file with these first lines is of another format, "" when it may be of this
  one;
- `layout(lines)`: what a single line does not show and `reader` needs, or what people want to know:
  versions, which column is which; "" for nothing;
- `reader(source)`: the `LineReader` of a file; FormatError when the input list lacks what it needs.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import (
    amigo,
    eggnog,
    gaf,
    gene2go,
    gpad,
    id_list,
    interproscan,
    known_files,
    quickgo,
    uniprot_tsv,
)
from gafreduce.jobs.formats.base import FormatError, LineReader

__all__ = ["FORMATS", "FormatError", "Sniffed", "reader", "sniff"]

FORMATS: Dict[str, Any] = {
    module.NAME: module
    for module in (
        gaf,
        gpad,
        gene2go,
        quickgo,
        amigo,
        uniprot_tsv,
        interproscan,
        eggnog,
        id_list,
    )
}

#: Lines that say something, by which a format is first looked for.
_LINES_LOOKED_AT = 8

BOM = b"\xef\xbb\xbf"


class Sniffed(NamedTuple):
    """What the beginning of a file shows."""

    format: str
    layout: str


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file's lines.

    Raises:
        FormatError: The format needs what the input list doesn't say.
    """
    found: LineReader = FORMATS[source.format].reader(source)
    return found


def sniff(first_bytes: bytes, name: str, forced: Optional[str] = None) -> Sniffed:
    """Return the format of a file and its layout.

    Args:
        first_bytes: The decompressed beginning of the file, some tens of kilobytes; the last line
            may be cut.
        name: What to call the file in an error.
        forced: A format that was named, and is taken without asking whether it fits.

    Raises:
        FormatError: Lines have no LF; or no format fits, or several do, and the message says what
            was considered and why not.
    """
    if b"\n" not in first_bytes and b"\r" in first_bytes.rstrip(b"\r"):
        raise FormatError(
            f"{name}: expected lines ended by LF, got CR alone "
            "(mend it: tr '\\r' '\\n' < OLD > NEW)"
        )
    lines = _whole_lines(first_bytes)
    if forced:
        return Sniffed(forced, FORMATS[forced].layout(lines))
    if not any(line.strip() for line in lines):
        raise FormatError(f"{name}: expected annotation lines, got an empty file (remove it)")
    for some in (_first_that_say(lines), lines):  # a tenth of the cost, and mostly enough
        other = known_files.what_it_is(first_bytes, some)
        reasons = {key: module.misfit(some) for key, module in FORMATS.items()}
        fitting = [key for key, reason in reasons.items() if not reason]
        if len(fitting) == 1 and not other:
            return Sniffed(fitting[0], FORMATS[fitting[0]].layout(lines))
    if other:
        raise FormatError(f"{name}: expected annotation lines, got {other}")
    if fitting:
        raise FormatError(
            f"{name}: expected one format, got one that fits {', '.join(fitting)} "
            "(say which: --format)"
        )
    considered = "; ".join(f"{key}: {reason}" for key, reason in reasons.items())
    raise FormatError(
        f"{name}: expected annotation lines, got none of the known formats: {considered} "
        "(say which: --format, or remove the file)"
    )


def _first_that_say(lines: List[bytes]) -> List[bytes]:
    """Return the lines up to some that are neither blank nor begin like a comment."""
    n_said = 0
    for number, line in enumerate(lines, 1):
        n_said += bool(line) and not line.startswith((b"!", b"#"))
        if n_said == _LINES_LOOKED_AT:
            return lines[:number]
    return lines


def _whole_lines(first_bytes: bytes) -> List[bytes]:
    """Return the lines without BOM and line ends, without a cut last line unless it is alone."""
    text = first_bytes[len(BOM) :] if first_bytes.startswith(BOM) else first_bytes
    lines = text.split(b"\n")
    if b"\r" in text:
        lines = [line.rstrip(b"\r") for line in lines]
    return lines[:-1] if len(lines) > 1 else lines
