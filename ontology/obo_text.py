"""The text of an ontology file, and its terms by id, name or synonym.

This reads no graph and does not import goatools: all of GO takes half a second.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import InputError
from gafreduce.ontology.termfile import ASPECTS
from gafreduce.regular_file import check_regular_file

_GZIP = b"\x1f\x8b"
#: Bound for what the release of GO has: 35 MB of text.
_MOST_BYTES = 1 << 30
_PURL = "https://purl.obolibrary.org/obo/go/go-basic.obo"
_STANZA = b"\n[Term]"
_WRITTEN_ID = re.compile(r"(?:GO[:_ ]?)?([0-9]{1,7})", re.IGNORECASE)
_TAG = re.compile(r"^(id|name|namespace|alt_id|is_obsolete|synonym):(.*)$", re.MULTILINE)
_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*)" *(\w*)')
_ESCAPE = re.compile(r"\\(.)")


class OntologyError(InputError):
    """The ontology can't be used, or lacks the term or relation that the user named."""


class TermText(NamedTuple):
    """A term as people look for it."""

    go_id: str
    name: str
    aspect: str  # P, F or C; empty for other namespaces
    is_obsolete: bool
    synonyms: tuple[tuple[str, str], ...]  # text, and scope in lower case: exact, narrow ...
    alternatives: tuple[str, ...]  # ids of terms that were merged into it


class FoundTerm(NamedTuple):
    """A term that was searched for."""

    term: TermText
    found_by: str  # the synonym or alternative id that fits, if it is not the id or name


def read_go_id(text: str) -> str:
    """Return the id of GO that a text is, however it is written; empty for any other text.

    >>> [read_go_id(text) for text in ("GO:30420", "0030420", "go_0030420", "GO:0030420")]
    ['GO:0030420', 'GO:0030420', 'GO:0030420', 'GO:0030420']
    >>> read_go_id("competence"), read_go_id("GO:00304200")
    ('', '')
    """
    found = _WRITTEN_ID.fullmatch(text.strip().rpartition("/")[2])
    return f"GO:{int(found[1]):07}" if found else ""


def read_text(path: Path, option: str = "--ontology") -> bytes:
    """Return the text of an ontology file, plain or gzip.

    Args:
        path: The file.
        option: The option that names it.

    Raises:
        OntologyError: The file is missing or damaged.
        InputError: It is a pipe or a device.
    """
    check_regular_file(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise OntologyError(
            f"{path}: expected an ontology file, got {error.strerror} (name another: {option})"
        ) from error
    if data.startswith(_GZIP):
        try:
            with gzip.open(path) as stream:
                data = stream.read(_MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise OntologyError(
                f"{path}: expected a whole gzip file, got a damaged one ({error}; get it again)"
            ) from error
    if len(data) > _MOST_BYTES:
        raise OntologyError(
            f"{path}: expected an ontology of at most {_MOST_BYTES:,} bytes, got more "
            "(use go-basic.obo)"
        )
    return data


def check_is_obo(text: bytes, n_stanzas: int, path: Path) -> None:
    """Check that a text with so many [Term] stanzas is OBO.

    Raises:
        OntologyError: It is not; the message names what it is.
    """
    start = text[:200].strip()
    if not text or text.isspace():
        got = "an empty file"
    elif b"\0" in text:
        got = "a binary one"
    elif start.startswith(b"<"):
        got = "a page or another XML file"
    elif not n_stanzas:
        got = repr(start[:40].decode("utf-8", "replace"))
    else:
        return
    raise OntologyError(
        f"{path}: expected an OBO file with [Term] stanzas, got {got} (get {_PURL})"
    )


def read_terms(text: bytes, *wanted: str) -> Iterator[TermText]:
    """Yield the terms of an ontology in which texts occur, in the order of the file.

    Args:
        text: The OBO file.
        wanted: Texts; capital letters do not matter. Each occurs somewhere in the term.
    """
    words = [word.casefold().encode("utf-8", "surrogateescape") for word in wanted]
    for stanza in (b"\n" + text).split(_STANZA)[1:]:
        lower = stanza.lower()
        if all(word in lower or not word.isascii() for word in words):
            yield _parse_term(stanza.partition(b"\n[")[0].decode("utf-8", "replace"))


def _parse_term(stanza: str) -> TermText:
    tags: dict[str, list[str]] = {}
    for tag, value in _TAG.findall(stanza):
        tags.setdefault(tag, []).append(value.strip())
    synonyms = map(_SYNONYM.match, tags.get("synonym", ()))
    return TermText(
        go_id=tags.get("id", [""])[0],
        name=tags.get("name", [""])[0],
        aspect=ASPECTS.get(tags.get("namespace", [""])[0], ""),
        is_obsolete=tags.get("is_obsolete") == ["true"],
        synonyms=tuple(
            (_ESCAPE.sub(r"\1", found[1]), found[2].lower()) for found in synonyms if found
        ),
        alternatives=tuple(tags.get("alt_id", ())),
    )


def find_synonyms(text: bytes, wanted: str) -> list[tuple[TermText, str]]:
    """Return the current terms that have a text as a synonym, each with the scope of that.

    When the text is an exact synonym of some terms, only these are returned.
    """
    folded = wanted.casefold()
    found = [
        (term, scope)
        for term in read_terms(text, wanted)
        for synonym, scope in term.synonyms
        if synonym.casefold() == folded and not term.is_obsolete
    ]
    return [each for each in found if each[1] == "exact"] or found


def search_terms(text: bytes, words: Sequence[str]) -> list[FoundTerm]:
    """Return the terms with all words in their name or in a synonym, or with an id; best first.

    Current terms are before obsolete ones, equal names before longer ones, and names before
    synonyms.

    Args:
        text: The OBO file.
        words: What the user wrote: parts of words, or one id in any way of writing.
    """
    go_id = read_go_id("".join(words))
    phrase = " ".join(" ".join(words).split()).casefold()
    ranked: list[tuple[tuple[object, ...], FoundTerm]] = []
    for term in read_terms(text, *([go_id] if go_id else phrase.split())):
        fit = _match_id(term, go_id) if go_id else _match_words(term, phrase)
        if fit is not None:
            rank, found_by = fit
            key = (term.is_obsolete, rank, len(found_by or term.name), term.go_id)
            ranked.append((key, FoundTerm(term, found_by)))
    return [found for _, found in sorted(ranked)]


def _match_id(term: TermText, go_id: str) -> tuple[int, str] | None:
    if term.go_id == go_id:
        return 0, ""
    return (1, go_id) if go_id in term.alternatives else None


def _match_words(term: TermText, phrase: str) -> tuple[int, str] | None:
    """Return how well a text fits, 0 is best, and a synonym if the name does not fit."""
    fits = []
    for number, text in enumerate((term.name, *(synonym for synonym, _ in term.synonyms))):
        folded = text.casefold()
        if all(word in folded for word in phrase.split()):
            rank = 0 if folded == phrase else 2 if folded.startswith(phrase) else 4
            fits.append((rank + (number > 0), len(text), text if number else ""))
    if not fits:
        return None
    rank, _, found_by = min(fits)
    return rank, found_by if all(synonym for _, _, synonym in fits) else ""
