"""Find the organisms that a user names: by mnemonic, taxon id, proteome or name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gafreduce.errors import InputError
from gafreduce.fetching.sources import Organism

_N_LISTED = 12


def describe_organism(organism: Organism) -> str:
    """Return an organism in one line."""
    key = organism.code or organism.file
    return f"{organism.name} (taxon {organism.taxon_id}, {key})"


def list_matches(word: str, organisms: Iterable[Organism]) -> list[Organism]:
    """Return the organisms that a word names: exactly, else those whose name has all its words.

    Args:
        word: A mnemonic, taxon id, proteome, file or name, in any case.
        organisms: Those of a source.
    """
    wanted = _normalise(word)
    exact, partial = [], []
    for each in organisms:
        keys = (each.code, str(each.taxon_id), each.proteome, each.file)
        if word.upper() in {key.upper() for key in keys if key}:
            exact.append(each)
        names = [_normalise(name) for name in (each.name, *each.other_names)]
        if wanted in names:
            exact.append(each)
        elif wanted and any(set(wanted.split()) <= set(name.split()) for name in names):
            partial.append(each)
    return list(dict.fromkeys(exact)) or partial


def find_organism(word: str, organisms: Sequence[Organism]) -> Organism | None:
    """Return the organism that a word names; None without one.

    Raises:
        InputError: It names several.
    """
    found = list_matches(word, organisms)
    if len(found) > 1:
        more = f"; and {len(found) - _N_LISTED} more" if len(found) > _N_LISTED else ""
        listed = "; ".join(map(describe_organism, found[:_N_LISTED]))
        raise InputError(
            f"{word}: expected one organism, got {len(found)}: {listed}{more} "
            "(name one by its mnemonic, taxon id or file)"
        )
    return found[0] if found else None


def _normalise(name: str) -> str:
    return " ".join(re.sub(r"[^\w\s.-]", " ", name.casefold()).split())
