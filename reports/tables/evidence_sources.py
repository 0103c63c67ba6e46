"""Entries of the columns With/From and reference: the sources of an annotation.

`|` separates alternatives, each of which is sufficient; `,` joins entries that are needed together.
Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/ (columns 6 and 8)
"""

from __future__ import annotations

from functools import lru_cache

#: Former names of databases with their present names (GO's db-xrefs.yaml, EcoCyc's files).
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

#: Alternatives, each a set of entries that are needed together.
Alternatives = tuple[frozenset[str], ...]


def normalise_entry(entry: str) -> str:
    """Return an entry with the present name of its database.

    >>> normalise_entry(" SP_KW:KW-0178 "), normalise_entry("GO:0030420")
    ('UniProtKB-KW:KW-0178', 'GO:0030420')
    """
    database, colon, local = entry.strip().partition(":")
    return f"{DATABASE_NAMES.get(database, database)}{colon}{local}"


def list_spellings(entry: str) -> frozenset[str]:
    """Return the entry with each name of its database, for exact look-ups in raw columns."""
    entry = normalise_entry(entry)
    database, colon, local = entry.partition(":")
    former = {old for old, new in DATABASE_NAMES.items() if new == database}
    return frozenset({entry, *(f"{old}{colon}{local}" for old in former)})


@lru_cache(maxsize=100_000)
def split_alternatives(text: str) -> Alternatives:
    """Return the alternatives of a With/From or reference column, in the order written.

    >>> [sorted(together) for together in split_alternatives("InterPro:IPR1|SP_KW:KW-1,GO:1")]
    [['InterPro:IPR1'], ['GO:1', 'UniProtKB-KW:KW-1']]
    """
    found = (
        frozenset(normalise_entry(entry) for entry in part.split(",") if entry.strip())
        for part in text.split("|")
    )
    return tuple(dict.fromkeys(together for together in found if together))


@lru_cache(maxsize=100_000)
def split_entries(text: str) -> frozenset[str]:
    """Return all entries of a column.

    >>> sorted(split_entries("InterPro:IPR1|InterPro:IPR2,GO:1"))
    ['GO:1', 'InterPro:IPR1', 'InterPro:IPR2']
    """
    return frozenset().union(*split_alternatives(text))


def get_database(entry: str) -> str:
    """Return the database of an entry; the whole entry when it has no colon.

    >>> get_database("InterPro:IPR010461"), get_database("none")
    ('InterPro', 'none')
    """
    return entry.partition(":")[0]
