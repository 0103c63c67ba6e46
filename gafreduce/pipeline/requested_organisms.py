"""Find the organisms that `--organism` names: taxon ids, samples and names."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence, Set

from gafreduce.errors import InputError
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.jobs.model.organisms import Organisms
from gafreduce.jobs.model.taxon import parse_taxon_id

_SHOWN = 10


def find_organisms(text: str, organisms: Organisms, names: Mapping[str, str]) -> Set[str]:
    """Return the ids of the organisms that a text names: a taxon id, a sample, or a name.

    A name that the user gave to no organism is looked for in the NCBI Taxonomy.

    Args:
        text: As typed.
        organisms: The samples of the run.
        names: Names by id.

    Raises:
        InputError: It names none.
    """
    if text in organisms.samples:
        return {text}
    taxon_id = parse_taxon_id(text.removeprefix("taxon:"))
    if taxon_id:
        return {str(taxon_id)}
    named = {each for each, name in names.items() if name.casefold() == text.casefold()}
    named = named or set(map(str, _find_taxa(text)))
    if not named:
        raise InputError(describe_unknown(text, organisms.samples, names.values()))
    return named


@functools.cache
def _find_taxa(name: str) -> list[int]:
    return TaxonNames().find_taxa(name)


def describe_unknown(text: str, samples: Sequence[str], names: Iterable[str]) -> str:
    """Return the message on an organism that --organism names and nothing else does."""
    known = [*samples, *sorted(set(names))]
    listed = ", ".join(known[:_SHOWN]) + ("" if len(known) <= _SHOWN else ", ...")
    return (
        f"--organism {text}: expected a taxon id, a sample or the name of an organism, got another "
        f"text (known: {listed or 'no samples and no names'})"
    )


def check_requested(
    requested: Sequence[str], listing: InputListing, names: Mapping[int, str]
) -> None:
    """Check before the jobs that each --organism can be one.

    Raises:
        InputError: One is no taxon id, no sample and no name.
    """
    sheet = {found.organism for found in listing.inputs if found.organism}
    known = dict(enumerate(sheet | set(names.values())))
    for text in requested:
        find_organisms(text, listing.organisms, {str(n): name for n, name in known.items()})
