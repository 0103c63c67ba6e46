"""The detection of a file's format by its content."""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional, Sequence

from gafreduce.jobs.formats import gaf
from gafreduce.jobs.formats.base import FormatError
from gafreduce.jobs.formats.column_choice import NO_CHOICE, ColumnChoice
from gafreduce.jobs.formats.header_facts import find_header_facts
from gafreduce.jobs.formats.registry import FORMATS, GENERAL, TABLE, find_format

#: Data lines for a first attempt to detect a format.
_FIRST_DATA_LINES = 8

#: Bytes by which text in UTF-16 without a mark is recognised.
_SIGNS = 1000
BOM = b"\xef\xbb\xbf"
_GPI_VERSION = re.compile(rb"!\s*gpi[-_]version", re.IGNORECASE)
#: A line of GO's mappings of other classifications (external2go).
_MAPPING = re.compile(rb"[\w.-]+:\S.* > go:.* ; go:[0-9]{7}\s*$")
_WEB_PAGE = (b"<!doctype", b"<html", b"<?xml")


class Sniffed(NamedTuple):
    """The format of a file, by its first lines."""

    format: str
    layout: str  # see `Format.find_layout`


def read_header_facts(first_bytes: bytes) -> Dict[str, str]:
    """Return what the header of a file states: when it was made, by whom, from which ontology.

    Args:
        first_bytes: The decompressed beginning of the file.
    """
    return find_header_facts(_split_lines(first_bytes)) if b"!" in first_bytes[:4] else {}


def sniff(
    first_bytes: bytes,
    name: str,
    forced: Optional[str] = None,
    choice: ColumnChoice = NO_CHOICE,
) -> Sniffed:
    """Return the format of a file and its layout.

    Args:
        first_bytes: The decompressed beginning of the file, some tens of kilobytes; the last line
            may be cut.
        name: The name of the file in an error.
        forced: The format that the user named; it is taken without a check.
        choice: The separator and the columns of delimited text that the user named.

    Raises:
        FormatError: Lines have no LF; or no format fits, or several do; or there is no column that
            the user named. The message describes the file and the formats that are nearest.
    """
    if b"\n" not in first_bytes and b"\r" in first_bytes.rstrip(b"\r"):
        raise FormatError(
            f"{name}: expected lines ended by LF, got CR alone "
            "(convert them: tr '\\r' '\\n' < OLD > NEW)"
        )
    lines = _split_lines(first_bytes)
    if choice != NO_CHOICE:
        from gafreduce.jobs.formats.delimited.table import find_chosen_layout

        return Sniffed(forced or TABLE, find_chosen_layout(lines, choice, name))
    if forced:
        return Sniffed(forced, find_format(forced).find_layout(lines))
    if not any(line.strip() for line in lines):
        raise FormatError(f"{name}: expected annotation lines, got an empty file (remove it)")
    if b"\0" not in first_bytes and gaf.is_plain_gaf(_select_first_lines(lines)):
        return Sniffed(gaf.FORMAT.name, gaf.find_layout(lines))  # no other format is imported
    return _recognise(first_bytes, lines, name)


def _recognise(first_bytes: bytes, lines: List[bytes], name: str) -> Sniffed:
    """Return the one format that lines fit, and its layout; `sniff` has arguments and errors."""
    from gafreduce.jobs.formats import nearest

    formats = {key: find_format(key) for key in FORMATS}
    mismatches: Dict[str, str] = {}
    fitting: List[str] = []
    # The first data lines are a tenth of the cost, and mostly enough.
    for some in (_select_first_lines(lines), lines):
        other = _identify_other_file(first_bytes, some)
        mismatches = {
            key: each.find_mismatch(some) for key, each in formats.items() if key not in GENERAL
        }
        fitting = [key for key, mismatch in mismatches.items() if not mismatch]
        if len(fitting) == 1 and not other:
            break
    else:
        if other:
            raise FormatError(f"{name}: expected annotation lines, got {other}")
        if not fitting and not any(map(nearest.is_incomplete, mismatches.values())):
            mismatches.update((key, formats[key].find_mismatch(lines)) for key in GENERAL)
            fitting = [key for key in GENERAL if not mismatches[key]]
    if len(fitting) == 1:
        return Sniffed(fitting[0], formats[fitting[0]].find_layout(lines))
    if fitting:
        raise FormatError(
            f"{name}: expected one format, got one that fits {', '.join(fitting)} "
            "(name it: --format)"
        )
    raise nearest.make_error(lines, name, mismatches)


def _select_first_lines(lines: List[bytes]) -> List[bytes]:
    """Return the lines up to the first few that are neither blank nor begin like a comment."""
    n_data_lines = 0
    for number, line in enumerate(lines, 1):
        n_data_lines += bool(line) and not line.startswith((b"!", b"#"))
        if n_data_lines == _FIRST_DATA_LINES:
            return lines[:number]
    return lines


def _split_lines(first_bytes: bytes) -> List[bytes]:
    """Return the lines without BOM and line ends; a cut last line only if there is no other."""
    text = first_bytes[len(BOM) :] if first_bytes.startswith(BOM) else first_bytes
    lines = text.split(b"\n")
    if b"\r" in text:
        lines = [line.rstrip(b"\r") for line in lines]
    return lines[:-1] if len(lines) > 1 else lines


def _identify_encoding(first_bytes: bytes) -> str:
    """Return the name of an encoding with zeros in it, by the first bytes; empty for none."""
    if first_bytes.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    if first_bytes.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    for name, zeros in (("UTF-16LE", first_bytes[1::2]), ("UTF-16BE", first_bytes[::2])):
        if len(zeros) > 1 and zeros.count(b"\0") * 10 > len(zeros) * 9:
            return name
    return ""


def _identify_binary(first_bytes: bytes) -> str:
    """Return what a file with zeros is: text in an encoding with zeros, or no text."""
    encoding = _identify_encoding(first_bytes)
    if encoding:
        return f"text in {encoding} (convert it: iconv -f {encoding} -t UTF-8 OLD > NEW)"
    return "binary data, not text (is it an annotation file?)"


def _identify_other_file(first_bytes: bytes, lines: Sequence[bytes]) -> str:
    """Return the kind of a file that is often taken for an annotation file, with advice.

    Args:
        first_bytes: The decompressed beginning of the file.
        lines: Its lines, without line ends.

    Returns:
        Words for an error message; empty if the file is of no such kind.
    """
    from gafreduce.jobs.formats.gpi import looks_like_gpi
    from gafreduce.jobs.formats.predictions.interproscan import lacks_go_ids

    if first_bytes.startswith(b"PK\x03\x04"):
        return "a zip archive or a workbook (unpack it, or save the sheet as tab-separated text)"
    if b"\0" in first_bytes:
        return _identify_binary(first_bytes[:_SIGNS])
    not_blank = [line for line in lines if line.strip()]
    first = not_blank[0].lstrip().lower()
    content = next((line for line in not_blank if not line.startswith(b"!")), b"").lower()
    if first.startswith(_WEB_PAGE):
        return (
            "a web page or XML (the download failed, or another file type was chosen: get it again)"
        )
    if first.startswith(b"format-version:") or any(line == b"[Term]" for line in not_blank):
        return "an ontology in OBO format (name it with --ontology)"
    if any(map(_GPI_VERSION.match, not_blank)) or looks_like_gpi(lines):
        return (
            "a GPI file: it describes gene products and annotates none (name it together with its "
            "GPAD file: --companion, or a sample sheet's column `companion`)"
        )
    if lacks_go_ids(lines):
        return "matches of InterProScan without a GO id in its beginning (run it with --goterms)"
    if _MAPPING.match(content):
        return "a mapping of other entries to GO terms: it has no gene products (annotate with it)"
    return _identify_sequences(first, not_blank)


def _identify_sequences(first: bytes, not_blank: Sequence[bytes]) -> str:
    """Return the kind of a file of sequences, entries or features, or of JSON; empty for none.

    Args:
        first: Its first line, in lower case.
        not_blank: Its lines.
    """
    if first.startswith((b"{", b"[{")):
        return "JSON (get the annotations as GAF, GPAD or tab-separated text)"
    if first.startswith(b">"):
        return "sequences in FASTA format (annotate them first)"
    is_entry = first.startswith(b"id   ") and any(line.startswith(b"DR   ") for line in not_blank)
    if is_entry or first.startswith(b"##gff"):
        return "entries or features of sequences (get their GO ids as a table)"
    return ""
