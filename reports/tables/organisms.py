"""The rows of the table `organisms`: names, comparison, verdicts, counts and rates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial
from heapq import merge
from types import MappingProxyType
from typing import NamedTuple

from gafreduce.jobs import records
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.model.organisms import TAXA_ONLY, Organisms, name_unnamed
from gafreduce.jobs.reducer.organism_counts import (
    COUNTS,
    LINE_COUNTS,
    decode_counts,
    decode_n_gene_products,
)
from gafreduce.ontology.termfile import SUPPORTING_CLASSES, TermFile
from gafreduce.reports.tables import verdicts
from gafreduce.reports.tables.completeness import (
    COMPLETE,
    SEVERAL_IDS,
    SUSPECT,
    DeclaredFiles,
    LandmarkCheck,
)
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.tables.taxon_counter import TaxonCounter
from gafreduce.reports.tables.wilson import compute_rate

#: A taxon with fewer gene products than both bounds is a stray: it is not compared.
MIN_GENE_PRODUCTS = 10
MIN_SHARE_OF_LARGEST = 0.02
#: The parts of a file's stem that make it a name: a genus and a species, such as E. coli.
_GENUS = re.compile(r"[A-Z][a-z]*\.?")
_SPECIES = re.compile(r"[a-z]{2,}\.?")

#: It decides a verdict, and is no number of the answer.
_FILTERED = "n_filtered_target_gene_products"
#: Counts of gene products: none for samples of files that name them by different ids.
_NO_TOTALS: dict[str, int | None] = dict.fromkeys(set(COUNTS) - LINE_COUNTS - {_FILTERED})


def _find_no_name(taxon_id: int) -> str | None:
    return None


class Labels(NamedTuple):
    """Properties of organisms and files from the command line and the sample sheet."""

    names: Mapping[str, str]  # by organism id
    compared: frozenset[str] | None  # exactly these are compared; None: all except strays
    #: `complete` in the sample sheet, by position in the input list; only where it is given.
    declared: Mapping[int, bool]
    selected_files: frozenset[int]  # positions of files whose header names a selection
    organisms: Organisms = TAXA_ONLY
    groups: Mapping[str, str] = MappingProxyType({})  # of the sample sheet, by organism id
    foreign: frozenset[int] = frozenset()  # taxa in files of samples only: strays
    #: The files of samples that name gene products by different ids.
    mixed: Mapping[str, Sequence[str]] = MappingProxyType({})
    named_by_sheet: frozenset[str] = frozenset()  # ids of organisms; other names are of a file
    file_labels: Mapping[str, str] = MappingProxyType({})  # stem of the only file, by organism id
    find_taxon_name: Callable[[int], str | None] = _find_no_name  # for taxa without another name
    named: frozenset[int] = frozenset()  # main taxa of files that the sheet names: never strays


class Comparison(NamedTuple):
    """The organisms that are compared, by number."""

    n_compared: int
    not_compared: Set[int]  # organisms with lines that are not compared: usually few
    without_lines: Set[int]  # have a row because the user named them, although they have no line


def decide_comparison(output: JobOutput, labels: Labels) -> Comparison:
    """Return the organisms that are compared.

    All organisms are compared except strays; if the user named organisms, exactly those. Samples
    and organisms that the sample sheet names are never strays.
    """
    samples = frozenset(map(labels.organisms.number_of, labels.organisms.samples))
    chosen = samples | labels.named
    n_organisms = largest = 0
    small: dict[int, int] = {}  # gene products of organisms that may be strays
    others: set[int] = set()
    named = frozenset(map(labels.organisms.number_of, labels.compared or ()))
    found: set[int] = set()  # organisms and samples named by the user
    for number, value in _read_counts(output):
        if number in samples:
            found.add(number)
        if labels.compared is not None:
            (found if number in named else others).add(number)
            continue
        n_gene_products = decode_n_gene_products(value)
        n_organisms += 1
        largest = max(largest, n_gene_products)
        if number in labels.foreign:
            others.add(number)
        elif n_gene_products < MIN_GENE_PRODUCTS and number not in chosen:
            small[number] = n_gene_products
    if labels.compared is not None:
        without_lines = (named | samples) - found
        return Comparison(len(named), others | (without_lines - named), without_lines)
    strays = {number for number, n in small.items() if n < MIN_SHARE_OF_LARGEST * largest} | others
    n_compared = n_organisms - len(strays) + len(samples - found)
    return Comparison(n_compared, strays, samples - found)


def make_organism_rows(
    output: JobOutput,
    files: Mapping[int, FileTotal],
    labels: Labels,
    comparison: Comparison,
    n_terms: TaxonCounter | None,
    terms: TermFile,
    complete: set[int],
    by_file: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
) -> Iterator[dict[str, object]]:
    """Yield the rows of `organisms`, in order; they contain further counts too.

    Args:
        output: The output of the main job.
        files: The totals of each input, by position in the input list.
        labels: Names, and what is known of the files.
        comparison: The organisms that are compared.
        n_terms: Terms with a direct supporting line, by organism; None with --scope target.
        terms: The term file of the run.
        complete: Grows by the compared and complete organisms.
        by_file: Of `count_by_file`.
    """
    declared = DeclaredFiles(files, labels.declared, labels.selected_files)
    landmark_check = LandmarkCheck(terms)
    aspect = terms.target_aspect
    n_foreign = _count_foreign_lines(files, comparison)
    empty = ((number, b"0 " * len(COUNTS)) for number in sorted(comparison.without_lines))
    for number, value in merge(_read_counts(output), empty):
        counts, landmarks = decode_counts(value)
        is_compared = number not in comparison.not_compared
        organism_id = labels.organisms.id_of(number)
        taxon_id = labels.organisms.taxon_of(organism_id)
        completeness, reason = declared.decide(number)
        reasons = [reason] if reason else []
        if not completeness:
            find_name = partial(labels.find_taxon_name, taxon_id or 0)
            reasons = list(landmark_check.find_reasons(counts, landmarks, find_name))
            completeness = SUSPECT if reasons else COMPLETE
        shown: Mapping[str, int | None] = counts
        if organism_id in by_file:
            completeness, shown = SUSPECT, {**counts, **_NO_TOTALS}
            reasons += [f"{SEVERAL_IDS}:{n}:{file}" for file, n in by_file[organism_id].items()]
        is_complete = completeness == COMPLETE
        if is_compared and is_complete:
            complete.add(number)
        yield {
            **shown,
            "organism_id": organism_id,
            "taxon_id": taxon_id,
            "group": labels.groups.get(organism_id, ""),
            **_make_name_cells(organism_id, labels),
            "compared": is_compared,
            "complete": completeness,
            "partial_reasons": reasons,
            "verdict": verdicts.decide_verdict(counts, is_complete=is_complete),
            "contested": verdicts.is_contested(counts),
            "best_group": verdicts.find_best_group(counts),
            "n_terms": None if n_terms is None else n_terms.count(number),
            "n_in_aspect": shown[f"n_in_{aspect}"],
            "n_foreign_in_files": n_foreign.get(number, 0),
            **(_make_rate_cells(counts, aspect) if is_compared and is_complete else {}),
        }


def count_by_file(output: JobOutput, labels: Labels) -> dict[str, dict[str, int]]:
    """Return the gene products with the target in each file of samples without one kind of ids."""
    if not labels.mixed:
        return {}
    number_of = labels.organisms.number_of
    samples = {records.encode_organism(number_of(sample)): sample for sample in labels.mixed}
    products: dict[tuple[str, str], set[bytes]] = {
        (sample, file): set() for sample, files in labels.mixed.items() for file in files
    }
    for line in output.read(records.ROW):
        sample = samples.get(records.organism_of(line))
        if sample is not None:
            _, object_id, value = line[:-1].split(b"\t", 2)
            row = records.AnnotationRow.decode(value)
            if _supports_target(row):
                products[sample, row.source_file].add(object_id)
    return {
        sample: {file: len(products[sample, file]) for file in files}
        for sample, files in labels.mixed.items()
    }


def _supports_target(row: records.AnnotationRow) -> bool:
    is_positive = row.negated == "false" and row.evidence_group != NO_DATA
    return is_positive and row.takes_part == "true" and row.term_class in SUPPORTING_CLASSES


def _make_name_cells(organism_id: str, labels: Labels) -> dict[str, object]:
    """Return the name of an organism, where it is from, and the stem of its file, by column."""
    label = labels.file_labels.get(organism_id, "")
    name, source = _find_name(organism_id, label, labels)
    return {"organism": name, "name_source": source, "file_label": label}


def _find_name(organism_id: str, label: str, labels: Labels) -> tuple[str, str]:
    """Return the name and its source: the first that there is."""
    if name := labels.names.get(organism_id):
        return name, "sheet" if organism_id in labels.named_by_sheet else "names_file"
    if not organism_id.isdigit():
        return name_unnamed(organism_id), "sample"
    if name := labels.find_taxon_name(int(organism_id)):
        return name, "ncbi"
    if name := read_name(label, organism_id):
        return name, "file"
    return name_unnamed(organism_id), "taxon_id"


def read_name(stem: str, taxon_id: str) -> str:
    """Return the name in the stem of a file that has the taxon id too, empty when there is none.

    >>> read_name("Bacillus_subtilis_168-224308", "224308"), read_name("9606.H_sapiens", "9606")
    ('Bacillus subtilis 168', 'H sapiens')
    >>> read_name("Bacillus_subtilis", "1423"), read_name("run_7-1423", "1423")
    ('', '')
    """
    if taxon_id not in stem:  # most organisms have no file of their own: no pattern is compiled
        return ""
    words = re.split(r"[_\s]+", re.sub(rf"(?<!\d){taxon_id}(?!\d)", " ", stem))
    words = [word for word in (each.strip("-.,()[]") for each in words) if word]
    is_name = taxon_id in re.findall(r"\d+", stem) and len(words) > 1
    if is_name and _GENUS.fullmatch(words[0]) and _SPECIES.fullmatch(words[1]):
        return " ".join(words)
    return ""


def _read_counts(output: JobOutput) -> Iterator[tuple[int, bytes]]:
    """Yield the number of each organism and its encoded counts: there may be a million."""
    for line in output.read(records.ORGANISM):
        number, _, value = line.split(b"\t")
        yield int(number), value


def _make_rate_cells(counts: Mapping[str, int], aspect: str) -> dict[str, object]:
    """Return the rate and its interval, by column; nothing without gene products in the aspect."""
    rate = compute_rate(counts["n_target_gene_products"], counts[f"n_in_{aspect}"])
    if rate is None:
        return {}
    return {"rate_per_1000": rate.per_1000, "rate_low": rate.low, "rate_high": rate.high}


def _count_foreign_lines(
    files: Mapping[int, FileTotal], comparison: Comparison
) -> dict[int, int | None]:
    """Return the lines of organisms that are not compared in the files of each main organism.

    None: a file has more organisms than its totals list.
    """
    n_foreign: dict[int, int | None] = {}
    for total in files.values():
        main = total.main_taxon_id
        before = n_foreign.get(main, 0)
        n_lines = sum(
            n_kept
            for number, n_kept in zip(total.taxon_ids, total.n_kept_of_taxa, strict=True)
            if number != main and number in comparison.not_compared
        )
        has_more = total.n_taxa > len(total.taxon_ids)
        n_foreign[main] = None if has_more or before is None else before + n_lines
    return n_foreign
