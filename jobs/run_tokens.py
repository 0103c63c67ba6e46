"""Tokens: the few bytes that represent one annotation in a run of the first shuffle.

`jobs.mapper.interpretation` describes them; `jobs.records` has the records that they are in.
"""

from __future__ import annotations

from typing import Optional, Sequence, Tuple, Union

#: What marks record of a token: an ND line, or a line that supports nothing.
NO_DATA, OTHER = b"no_data", b"other"
OTHER_IN_ASPECT = b"a"
NOTHING = b"n"
#: The first byte of a token outside of the counted terms; aspect and landmarks follow. The line
#: supports a term that --scope target leaves out; supports none because of --qualifier-relations;
#: or is excluded by a filter.
LEFT_OUT = b"+"
UNSUPPORTED = b"-"
EXCLUDED = b"~"
#: Behind the aspect of an excluded token: the line would support the target.
ON_TARGET = b"!"
_OUTSIDE = (LEFT_OUT, UNSUPPORTED, EXCLUDED)
#: With several targets: stands between an excluded token and the GO id, which becomes a mark.
_OF_TERM = b"@"
#: Tokens of lines that support nothing, by aspect: ND, and with several targets others.
MARKED_LETTERS = frozenset((b"P", b"F", b"C", b"p", b"f", b"c"))
#: The last byte of a token that supports a term; the second: electronic or not stated.
STATED = b"x"
NOT_STATED = b"e"

#: A term: its number in the term file, or the GO id of a term that the ontology does not have.
Term = Union[int, bytes]


def encode_support(term: Union[int, str], aspect: str, is_stated: bool) -> bytes:
    """Return the token of a line that supports a term.

    Args:
        term: Number in the term file, or GO id of a term that the ontology does not have.
        aspect: Written for a term without a number only; `?` for none.
        is_stated: Whether there is stated evidence other than electronic.

    >>> encode_support(4711, "P", True), encode_support("GO:9999999", "P", False)
    (b'4711x', b'GO:9999999Pe')
    """
    end = STATED if is_stated else NOT_STATED
    if isinstance(term, int):
        return b"%d%s" % (term, end)
    return f"{term}{aspect}".encode() + end


def encode_outside(kind: bytes, aspect: str, landmarks: str, on_target: bool = False) -> bytes:
    """Return the token of a line outside of the counted terms.

    Args:
        kind: `LEFT_OUT`, `UNSUPPORTED` or `EXCLUDED`.
        aspect: `?` for none.
        landmarks: Letters of the landmarks (jobs/model/landmarks.py) at or above its term.
        on_target: Whether it would support the target.

    >>> encode_outside(EXCLUDED, "P", "be", on_target=True)
    b'~P!be'
    """
    return kind + aspect.encode() + (ON_TARGET if on_target else b"") + landmarks.encode()


def encode_other(aspect: str) -> bytes:
    """Return the token of a line that supports nothing, where no aspect is the target's.

    >>> encode_other("P"), encode_other("?")
    (b'p', b'n')
    """
    return NOTHING if aspect == "?" else aspect.lower().encode()


def decode_marks(token: bytes) -> Sequence[Tuple[bytes, str]]:
    """Return the facts in a token that marks record: `no_data` or `other`, and the aspect.

    >>> decode_marks(b"P"), decode_marks(b"p"), decode_marks(b"4711e")
    ([(b'no_data', 'P')], [(b'other', 'P')], [])
    """
    if token not in MARKED_LETTERS:
        return []
    letter = token.decode()
    return [(NO_DATA if letter.isupper() else OTHER, letter.upper())]


def add_term(token: bytes, go_id: str) -> bytes:
    """Return an excluded token with the term that its line would support."""
    return token + _OF_TERM + go_id.encode()


def split_term(token: bytes) -> Tuple[bytes, bytes]:
    """Return the token and the GO id that `add_term` joined; an empty id for another token.

    >>> split_term(add_term(b"~Pbe", "GO:0030420")), split_term(b"~Pbe")
    ((b'~Pbe', b'GO:0030420'), (b'~Pbe', b''))
    """
    token, _, go_id = token.partition(_OF_TERM)
    return token, go_id


def is_outside(token: bytes) -> bool:
    """Return whether a token is outside of the counted terms, so that one of many will do."""
    return len(token) == 1 or token.startswith(_OUTSIDE)


def decode_support(token: bytes) -> Optional[Term]:
    """Return the term that a token supports; None for a token that supports none.

    >>> decode_support(b"4711e"), decode_support(b"GO:9999999Px"), decode_support(b"n")
    (4711, b'GO:9999999', None)
    """
    if token.startswith(b"GO:"):
        return token[:-2]
    return None if is_outside(token) else int(token[:-1])


def decode_aspect(token: bytes) -> str:
    """Return the aspect in a token that supports a term without a number; `?` for none."""
    return chr(token[-2])


def support_tokens(number: int) -> Tuple[bytes, bytes]:
    """Return the two tokens that support the term of a number."""
    return b"%dx" % number, b"%de" % number


def merge_tokens(pieces: Sequence[bytes]) -> bytes:
    """Return the token fields of a gene product's runs as one field, sorted."""
    return b" ".join(sorted(b" ".join(pieces).split(b" "))) if len(pieces) > 1 else pieces[0]
