"""Organisms: what a run compares, by default a taxon, else a sample of the sample sheet.

In tables an organism is an id: the taxon id in digits, or the name of the sample. In records it is
a number, so that all runners sort organisms alike: the taxon id, or `records.FIRST_SAMPLE` plus the
place of the sample among all sorted names.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, Mapping, Tuple

from gafreduce.jobs import records

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def is_sample_name(text: str) -> bool:
    """Return whether a text can be the name of a sample: it cannot be taken for a taxon id.

    >>> [is_sample_name(text) for text in ("isolate_17", "2023-17", "1423", "a b", "...")]
    [True, True, False, False, False]
    """
    return (
        _NAME.fullmatch(text) is not None
        and not text.isdigit()
        and any(character.isalnum() for character in text)
    )


def order_organism(organism_id: str) -> Tuple[int, str]:
    """Return the key by which organisms are sorted: taxa by number, then samples by bytes.

    >>> sorted(["b", "100", "B", "99"], key=order_organism)
    ['99', '100', 'B', 'b']
    """
    if organism_id.isdigit():
        return int(organism_id), ""
    return records.FIRST_SAMPLE, organism_id


def name_unnamed(organism_id: str) -> str:
    """Return the name of an organism to which nobody gave one.

    >>> name_unnamed("1423"), name_unnamed("isolate_17")
    ('taxon:1423', 'isolate_17')
    """
    return f"taxon:{organism_id}" if organism_id.isdigit() else organism_id


class Organisms:
    """The organisms of a run: all taxa, and its samples."""

    def __init__(self, samples: Mapping[str, int]) -> None:
        """Number the samples.

        Args:
            samples: The taxon id of each sample, by its name.
        """
        self._taxon_of = dict(samples)
        self._names = sorted(samples)
        self._numbers: Dict[str, int] = {
            name: number for number, name in enumerate(self._names, records.FIRST_SAMPLE)
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Organisms) and self._taxon_of == other._taxon_of

    __hash__ = None  # type: ignore[assignment]

    @property
    def samples(self) -> Tuple[str, ...]:
        """The names of the samples, sorted."""
        return tuple(self._names)

    def number_of(self, organism_id: str) -> int:
        """Return the number of an organism in records."""
        return self._numbers[organism_id] if organism_id in self._numbers else int(organism_id)

    def id_of(self, number: int) -> str:
        """Return the id of an organism in tables."""
        if number < records.FIRST_SAMPLE:
            return str(number)
        return self._names[number - records.FIRST_SAMPLE]

    def taxon_of(self, organism_id: str) -> int:
        """Return the taxon id of an organism."""
        return self._taxon_of[organism_id] if organism_id in self._taxon_of else int(organism_id)

    def sort(self, organism_ids: Iterable[str]) -> Tuple[str, ...]:
        """Return organisms in the order of tables."""
        return tuple(sorted(organism_ids, key=order_organism))


#: The organisms of a run without samples.
TAXA_ONLY = Organisms({})
