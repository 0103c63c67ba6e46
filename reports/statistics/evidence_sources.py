"""Where an annotation comes from: the entries of With/From and of the reference column.

`|` separates alternatives, each enough by itself; `,` joins what is needed together.
Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/ (columns 6 and 8)
"""

from __future__ import annotations

from functools import lru_cache

#: Names that databases have had -> the name they have now (GO's db-xrefs.yaml, EcoCyc's files).
DATABASE_NAMES = {
    "SP_KW": "UniProtKB-KW",
    "SP_SL": "UniProtKB-SubCell",
    "UniProt-KW": "UniProtKB-KW",
    "UniProt": "UniProtKB",
    "INTERPRO": "InterPro",
    "PFAM": "Pfam",
    "Panther": "PANTHER",
    "HAMAP-Rule": "HAMAP",
}

#: Alternatives, each of entries needed together.
Alternatives = tuple[frozenset[str], ...]


def normalise(entry: str) -> str:
    """Return an entry under its database's present name.

    >>> normalise(" SP_KW:KW-0178 "), normalise("GO:0030420")
    ('UniProtKB-KW:KW-0178', 'GO:0030420')
    """
    database, colon, local = entry.strip().partition(":")
    return f"{DATABASE_NAMES.get(database, database)}{colon}{local}"


def spellings(entry: str) -> frozenset[str]:
    """Return the entry under every name its database has had: for exact look-ups in raw columns."""
    entry = normalise(entry)
    database, colon, local = entry.partition(":")
    former = {old for old, new in DATABASE_NAMES.items() if new == database}
    return frozenset({entry, *(f"{old}{colon}{local}" for old in former)})


@lru_cache(maxsize=100_000)
def alternatives(text: str) -> Alternatives:
    """Return the alternatives of a With/From or reference column, in the order written.

    >>> [sorted(together) for together in alternatives("InterPro:IPR1|SP_KW:KW-1,GO:1")]
    [['InterPro:IPR1'], ['GO:1', 'UniProtKB-KW:KW-1']]
    """
    found = (
        frozenset(normalise(entry) for entry in part.split(",") if entry.strip())
        for part in text.split("|")
    )
    return tuple(dict.fromkeys(together for together in found if together))


@lru_cache(maxsize=100_000)
def entries(text: str) -> frozenset[str]:
    """Return all entries of a column.

    >>> sorted(entries("InterPro:IPR1|InterPro:IPR2,GO:1"))
    ['GO:1', 'InterPro:IPR1', 'InterPro:IPR2']
    """
    return frozenset().union(*alternatives(text))


def database(entry: str) -> str:
    """Return the database of an entry; the whole entry when it has no colon.

    >>> database("InterPro:IPR010461"), database("none")
    ('InterPro', 'none')
    """
    return entry.partition(":")[0]
