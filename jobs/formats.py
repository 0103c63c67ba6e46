"""The annotation formats: one module each, found by content.

A format is a module with

- `NAME`; `HEADER_PREFIX`, the bytes that begin a header or comment line;
- `misfit(lines)`: why a file with these first lines is of another format, "" when it may be of this
  one;
- `parse(line)`: one data line as `Annotation`, or the `Rejection` that says why it is refused;
- `columns(block)` and `read_combination(cells)`: the same for a block of lines at once, for speed;
  `None` where a block is not regular, and then every line goes through `parse`.
"""

from __future__ import annotations

from typing import Any, Dict, List

from jobs import gaf

FORMATS: Dict[str, Any] = {module.NAME: module for module in (gaf,)}

BOM = b"\xef\xbb\xbf"


class FormatError(ValueError):
    """A file is of no known format, or of several."""


def sniff(first_bytes: bytes, name: str) -> str:
    """Return the name of the format of a file.

    Args:
        first_bytes: The decompressed beginning of the file, some tens of kilobytes; the last line
            may be cut.
        name: What to call the file in an error.

    Raises:
        FormatError: No format fits, or several do; the message says what was considered and why
        not.
    """
    lines = _whole_lines(first_bytes)
    if not any(line.strip() for line in lines):
        raise FormatError(f"{name}: expected annotation lines, got an empty file (remove it)")
    if b"\0" in first_bytes:
        raise FormatError(f"{name}: expected text, got binary data (is it an annotation file?)")
    if lines[0].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise FormatError(
            f"{name}: expected annotation lines, got a web page (the download failed: get it again)"
        )
    reasons = {key: module.misfit(lines) for key, module in FORMATS.items()}
    fitting = [key for key, reason in reasons.items() if not reason]
    if len(fitting) == 1:
        return fitting[0]
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


def _whole_lines(first_bytes: bytes) -> List[bytes]:
    """Return the lines without BOM and line ends, without a cut last line unless it is alone."""
    text = first_bytes[len(BOM) :] if first_bytes.startswith(BOM) else first_bytes
    lines = [line.rstrip(b"\r") for line in text.split(b"\n")]
    return lines[:-1] if len(lines) > 1 else lines
