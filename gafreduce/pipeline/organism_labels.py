"""Collect names, groups and compared organisms from the command line and the sample sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import PurePosixPath
from typing import NamedTuple

from gafreduce.inputs.listed_input import ListedInput
from gafreduce.inputs.samples import check_name, find_mixed_samples
from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.pipeline.plan import Plan
from gafreduce.pipeline.requested_organisms import find_organisms
from gafreduce.reports.tables.organisms import Labels

#: Endings of annotation files, which are no part of a name.
_ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("gaf", "goa", "gpad", "gpa", "tsv", "csv", "txt", "annot", "annotations", "out"),
        *("gz", "bz2", "zst"),
    )
)


class _File(NamedTuple):
    """An input with annotations, and its organism: its sample, else its main taxon."""

    organism_id: str
    listed: ListedInput


def label_organisms(plan: Plan, totals: Mapping[int, FileTotal]) -> Labels:
    """Return the names and groups of organisms, which are compared, and which files are incomplete.

    Args:
        plan: The plan of the run.
        totals: The line counts of each input, by its number.

    Raises:
        InputError: Two files of one taxon name different organisms, or `--organism` names none.
    """
    organisms = plan.listing.organisms
    files = [
        _File(found.sample or organisms.id_of(totals[number].main_taxon_id), found)
        for number, found in enumerate(plan.listing.inputs)
        if found.sample or totals[number].main_taxon_id
    ]
    files.sort(key=lambda each: each.listed.source_file.encode("utf-8"))
    _check_names(files)
    names = {str(taxon_id): name for taxon_id, name in plan.names.items()}
    # several files may be of one organism, and a row of the sheet may be incomplete
    names |= {each.organism_id: each.listed.organism for each in files if each.listed.organism}
    inputs = plan.listing.inputs
    return Labels(
        names
        | tell_apart(
            {
                each.organism_id: names[each.organism_id]
                for each in files
                if each.organism_id in names
            }
        ),
        _choose_compared(plan, files, names),
        {n: found.complete for n, found in enumerate(inputs) if found.complete is not None},
        frozenset(n for n, found in enumerate(inputs) if found.selection),
        organisms,
        {each.organism_id: each.listed.group for each in files if each.listed.group},
        frozenset(_find_foreign(inputs, totals)),
        find_mixed_samples(inputs, totals),
        frozenset(each.organism_id for each in files if each.listed.organism),
        _make_file_labels(files),
        TaxonNames().find,
        frozenset(
            totals[n].main_taxon_id
            for n, found in enumerate(inputs)
            if not found.sample and (found.organism or found.sheet_taxon)
        ),
    )


def tell_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names of organisms, with the id behind a name that several of them have.

    >>> tell_apart({"562": "E. coli", "s1": "S. mitis", "s2": "S. mitis"})
    {'562': 'E. coli', 's1': 'S. mitis (s1)', 's2': 'S. mitis (s2)'}
    """
    n_with = Counter(names.values())
    return {
        organism_id: name if n_with[name] == 1 else f"{name} ({organism_id})"
        for organism_id, name in names.items()
    }


def _make_file_labels(files: Iterable[_File]) -> dict[str, str]:
    """Return the stem of the file of each organism that has one file."""
    stems: dict[str, list[str]] = {}
    for organism_id, listed in files:
        stems.setdefault(organism_id, []).append(find_stem(listed.source_file))
    return {organism_id: found[0] for organism_id, found in stems.items() if len(found) == 1}


def find_stem(source_file: str) -> str:
    """Return the name of a file without folder and endings.

    >>> find_stem("a/E.coli_K-12-83333.gaf.gz")
    'E.coli_K-12-83333'
    """
    stem = PurePosixPath(source_file).name
    while (ending := PurePosixPath(stem).suffix.lower()) in _ENDINGS:
        stem = stem[: -len(ending)]
    return stem


def _check_names(files: Iterable[_File]) -> None:
    first: dict[str, ListedInput] = {}
    for organism_id, listed in files:
        if listed.organism and not listed.sample:
            check_name(first.setdefault(organism_id, listed), listed, int(organism_id))


def _choose_compared(
    plan: Plan, files: Sequence[_File], names: Mapping[str, str]
) -> frozenset[str] | None:
    """Return the organisms that are compared; None for all except strays."""
    if plan.options.organisms:
        requested = plan.options.organisms
        found = (find_organisms(each, plan.listing.organisms, names) for each in requested)
        return frozenset().union(*found)
    if all(each.listed.compare is None for each in files):
        return None
    excluded = {each.organism_id for each in files if each.listed.compare is False}
    return frozenset(each.organism_id for each in files) - excluded


def _find_foreign(inputs: Sequence[ListedInput], totals: Mapping[int, FileTotal]) -> Set[int]:
    """Return the taxa that have lines in files of samples alone, by number."""
    of_samples: set[int] = set()
    others: set[int] = set()
    for number, found in enumerate(inputs):
        total = totals[number]
        if found.sample:
            of_samples.update(set(total.taxon_ids) - {found.sample_number})
        elif total.n_taxa > len(total.taxon_ids):
            return frozenset()  # it is not known
        else:
            others.update(total.taxon_ids)
    return of_samples - others
