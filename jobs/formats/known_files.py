"""Files that are often taken for annotation files, and what to do with them instead."""

from __future__ import annotations

import re
from typing import Sequence

from gafreduce.jobs.formats.gpi import looks_like_gpi
from gafreduce.jobs.formats.interproscan import lacks_go_ids

_GPI_VERSION = re.compile(rb"!\s*gpi[-_]version", re.IGNORECASE)
_WEB_PAGE = (b"<!doctype", b"<html", b"<?xml")


def what_it_is(first_bytes: bytes, lines: Sequence[bytes]) -> str:
    """Return what kind of other file this is, with what to do; empty when it is none of these.

    Args:
        first_bytes: The decompressed beginning of the file.
        lines: Its lines, without line ends.
    """
    if first_bytes.startswith(b"PK\x03\x04"):
        return "a zip archive or a workbook (unpack it, or save the sheet as tab-separated text)"
    if b"\0" in first_bytes:
        return "binary data, not text (is it an annotation file?)"
    stated = [line for line in lines if line.strip()]
    first = stated[0].lstrip().lower()
    if first.startswith(_WEB_PAGE):
        return (
            "a web page or XML (the download failed, or another file type was chosen: get it again)"
        )
    if first.startswith(b"format-version:") or any(line == b"[Term]" for line in stated):
        return "an ontology in OBO format (name it with --ontology)"
    if any(map(_GPI_VERSION.match, stated)) or looks_like_gpi(lines):
        return (
            "a GPI file: it describes gene products and annotates none (name it beside its GPAD "
            "file: --companion, or a sample sheet's column `companion`)"
        )
    if lacks_go_ids(lines):
        return "matches of InterProScan without a GO id in its beginning (run it with --goterms)"
    if first.startswith((b"{", b"[{")):
        return "JSON (get the annotations as GAF, GPAD or tab-separated text)"
    if first.startswith(b">"):
        return "sequences in FASTA format (annotate them first)"
    return ""
