"""Number the samples of a sample sheet, and check that its rows agree on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gafreduce.errors import InputError
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.jobs.accounting.id_sample import have_same_ids
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.model.annotation import Rejection
from gafreduce.jobs.model.organisms import Organisms

#: Lines that are enough to know the main taxon of a file.
_FIRST_LINES = 1000
_SHOWN = 10
#: Formats of databases, which annotate to the most specific terms that are known.
_OF_DATABASES = frozenset({"gaf", "gpad", "gene2go", "quickgo", "amigo", "uniprot_tsv"})


def find_main_taxon(reader: LineReader, text: bytes) -> int:
    """Return the taxon with most annotations in the first lines of a file; 0 without any.

    Args:
        reader: Of the file.
        text: Its first lines.
    """
    counts: Counter[int] = Counter()
    for line in text.split(b"\n")[:_FIRST_LINES]:
        line = line.rstrip(b"\r")
        if line.strip() and not reader.is_header(line):
            annotations = reader.parse(line)
            if not isinstance(annotations, Rejection):
                counts.update(each.taxon_id for each in annotations)
    return min(counts, key=lambda taxon: (-counts[taxon], taxon), default=0)


def number_samples(
    inputs: Sequence[ListedInput],
) -> tuple[tuple[ListedInput, ...], Organisms, list[str]]:
    """Return the inputs with the numbers of their samples, the organisms, and notes.

    Args:
        inputs: As listed; `sample_taxon` is the taxon of the sample of each.

    Raises:
        InputError: Rows of one sample differ in its taxon, name or group, or rows of one taxon
            differ in the name of the organism.
    """
    of_sample: dict[str, ListedInput] = {}
    of_taxon: dict[int, ListedInput] = {}
    for found in inputs:
        if found.sample:
            _check_sample(of_sample.setdefault(found.sample, found), found)
        elif found.sheet_taxon and found.organism:
            check_name(of_taxon.setdefault(found.sheet_taxon, found), found, found.sheet_taxon)
    n_files = Counter(found.sample for found in inputs)
    organisms = Organisms({name: found.sample_taxon for name, found in of_sample.items()})
    numbered = tuple(
        found._replace(
            sample_number=organisms.number_of(found.sample),
            sample_taxon=0 if found.pool_taxa else found.sample_taxon,
            sample_files=n_files[found.sample],
        )
        if found.sample
        else found
        for found in inputs
    )
    return numbered, organisms, list(_note_found_taxa(inputs))


def _check_sample(one: ListedInput, other: ListedInput) -> None:
    """Check that two rows of a sample agree."""
    for column, first, second in (
        ("taxon_id", one.sample_taxon, other.sample_taxon),
        ("organism", one.organism, other.organism),
        ("group", one.group, other.group),
    ):
        if first != second and (column != "organism" or (first and second)):
            raise InputError(
                f"{one.source_file} and {other.source_file}: expected one {column} of sample "
                f"{one.sample}, got {first or 'none'!r} and {second or 'none'!r} (write the same "
                "in both rows of the sample sheet, or name two samples)"
            )


def check_name(one: ListedInput, other: ListedInput, taxon_id: int) -> None:
    """Check that two files of a taxon without samples do not name two organisms.

    Raises:
        InputError: They do.
    """
    if one.organism and other.organism and one.organism != other.organism:
        raise InputError(
            f"{one.source_file} and {other.source_file}: expected one organism of taxon "
            f"{taxon_id}, got the names {one.organism!r} and {other.organism!r} (to compare both, "
            "name each in the column `sample` of the sample sheet, for example "
            f"{make_sample_name(one.organism)} and {make_sample_name(other.organism)}; to pool "
            "them, give both rows the same `organism`)"
        )


def find_kind(form: str) -> str:
    """Return the kind of a format: those of one kind annotate to the same depth."""
    return "a database" if form in _OF_DATABASES else form


def find_mixed_samples(
    inputs: Sequence[ListedInput], totals: Mapping[int, FileTotal]
) -> dict[str, tuple[str, ...]]:
    """Return the samples with files that name gene products by different ids, and these files.

    Two files have the same ids also if a third one has those of both.

    Args:
        inputs: As listed.
        totals: The line counts of each input, by its number.
    """
    of_sample: dict[str, list[int]] = {}
    for number, found in enumerate(inputs):
        if found.sample_files > 1 and totals[number].ids:
            of_sample.setdefault(found.sample, []).append(number)
    mixed = {}
    for sample, numbers in sorted(of_sample.items()):
        together, others = numbers[:1], numbers[1:]
        for number in together:  # grows
            same = [n for n in others if have_same_ids(totals[number].ids, totals[n].ids)]
            together += same
            others = [n for n in others if n not in same]
        if others:
            names = (inputs[number].source_file for number in numbers)
            mixed[sample] = tuple(sorted(names, key=str.encode))
    return mixed


def make_sample_name(text: str) -> str:
    """Return a name for a sample that is made from the name of an organism.

    >>> make_sample_name("Bacillus subtilis (168)")
    'Bacillus_subtilis_168'
    """
    kept = "".join(each if each.isascii() and each.isalnum() else " " for each in text)
    return "_".join(kept.split())[:64] or "A"


def _note_found_taxa(inputs: Iterable[ListedInput]) -> Iterable[str]:
    """Yield a note on samples of which the sheet has no taxon."""
    found = [f"{each.sample} {each.sample_taxon}" for each in inputs if _has_found_taxon(each)]
    if found:
        more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        yield (
            "samples without a taxon_id in the sample sheet have the main taxon of the first lines "
            f"of their files: {', '.join(found[:_SHOWN])}{more}"
        )


def _has_found_taxon(found: ListedInput) -> bool:
    return bool(found.sample) and found.sample_taxon not in (found.sheet_taxon, found.taxon_id)
