"""Notes below the sections of the page, notes of the statistics, and texts on methods to copy.

Standard library only; every function takes values that were counted elsewhere and returns text.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gafreduce.jobs.model.filters import Filters
from gafreduce.reports.summary.sentences import (
    ASPECT_LABELS,
    NO_ABSENCE,
    format_code,
    format_count,
    list_names,
)
from gafreduce.reports.tables.reader import Row, split_list

#: Notes below each section of the page, by the section's id.
SECTION_NOTES: Mapping[str, tuple[str, ...]] = {
    "organisms": (
        "A gene product counts in every evidence group in which it has a supporting annotation, so "
        "the groups overlap.",
        NO_ABSENCE,
        "The Wilson 95 % interval covers sampling error only, as if the gene products were a "
        "binomial sample. It does not cover annotation errors, and related organisms annotated by "
        "the same pipeline are not independent.",
    ),
    "evidence": (
        "Groups are kinds of evidence, not ranks of quality. Electronic annotations are not "
        "checked one by one by a curator.",
        "Terms that regulate the target term are shown separately: an annotation to one of them "
        "does not show that the gene product takes part in the process, and negative regulators "
        "act against it.",
    ),
    "shared": (
        "“Unique” means annotated in only one of the compared organisms. It does not mean that the "
        "trait exists in only one: well-annotated organisms have more unique terms.",
    ),
    "similarity": (
        "Organisms annotated by the same pipeline are similar because of the pipeline. The rows "
        "without electronic annotations show how much similarity remains.",
        "No p-values are given, because they would depend on the choice of the null model.",
    ),
    "slim": (
        "A number counts gene products with a supporting annotation to the term or, propagated, to "
        "a term below it. NOT annotations never count, and regulation of a term is a term of its "
        "own.",
        "Terms of a subset overlap: a gene product has several of them, so numbers and shares do "
        "not add up. Shares are of all gene products below the root of the aspect.",
        "Partial files have no shares, and nothing in them shows that a term is missing.",
    ),
    "machinery": (
        "A family is found only if it gave rise to an annotation, so “not found” does not mean "
        "absent. A gene symbol is only a hint: in another organism the same symbol can name "
        "another gene.",
        "Candidates are gene products to check, not results.",
    ),
    "robustness": (
        "A source is an electronic method, PAN-GO (IBA), or a reference with who assigned it. An "
        "annotation by several electronic methods is excluded only if all of them are left out. "
        "NOT annotations are never excluded.",
        "A large minimal set is not strong evidence: five InterPro entries are still one pipeline.",
    ),
    "comparisons": (
        "All p-values are descriptive: gene products of one family and strains of one genus are "
        "not independent, and a single keyword or InterPro entry can add dozens of annotations.",
        "With few gene products, only large effects can be detected: see the smallest attainable "
        "p.",
        "Pairs are also compared within each kind of evidence, because differences between "
        "annotation pipelines confound the pooled numbers.",
    ),
}

#: What flags of gene products mean.
_FLAGS = {
    "also_negative_regulator": "“Also negative regulator” means that the gene product is also "
    "annotated to negative regulation of the target term and may act against it. Check it before "
    "you count it.",
    "keyword_only": "“Keyword only” means that every supporting annotation to the target term "
    "comes from a UniProt keyword.",
}

#: Reasons for an empty table, or for an organism without rows.
_REASONS = {
    "fewer_than_two_complete_organisms": "fewer than two organisms have complete files",
    "no_components_file": "no components file was given, and the package has none for this term",
    "no_context": "annotations outside the term, its descendants and regulators were not read",
    "no_term_sets": "the terms of each gene product were not read",
    "no_single_root": "the ontology has no single root in this aspect",
    "scope_target": "--scope target keeps only the term, its descendants and regulators, but the "
    "whole ontology is needed here",
}


def note_flags(cells: Iterable[str]) -> Iterator[str]:
    """Yield what the flags of gene products mean, of those that occur in some cells.

    >>> [note[:30] for note in note_flags(["", "keyword_only"])]
    ['“Keyword only” means that ever']
    """
    found = {flag for cell in cells for flag in split_list(cell)}
    yield from (note for flag, note in _FLAGS.items() if flag in found)


def note_incomplete(effect: str, incomplete: Sequence[str]) -> Iterator[str]:
    """Yield the effect of incomplete files with the organisms (by name) concerned, if any."""
    if incomplete:
        yield f"{effect}: {list_names(incomplete)}."


def note_method(relations: str, is_target_only: bool) -> Iterator[str]:
    """Yield the definitions of the words used on the page.

    Args:
        relations: Relations that are followed, such as `is_a and part_of`.
        is_target_only: Whether the run has `--scope target`.
    """
    yield (
        "Annotations to the term or to a descendant in the table above count. Terms that regulate "
        "the target term are listed and counted separately, and are never counted as the target "
        "term."
    )
    yield (
        "An annotation supports a term if it is positive, is not ND, and has a relation by which "
        "the gene product takes part in the term (or no relation). Annotations with other "
        "relations are counted separately."
    )
    yield (
        "A NOT annotation to the target term or one of its ancestors applies to the gene product, "
        "not to the organism. A NOT annotation of an isoform, with an annotation extension or with "
        "another relation is listed but has no effect."
    )
    yield (
        "Gene products are identified by database and id (GAF columns 1 and 2) and counted once. "
        "An organism is the first taxon of GAF column 13, or the sample that the sample sheet "
        "names; the name of a file names none."
    )
    yield f"Propagated counts follow {relations} to all ancestors and include the term itself."
    yield "Absence of annotation is not evidence of absence."
    if is_target_only:
        yield "The profile over the whole ontology was not made (--scope target)."


def note_statistics(rows: Iterable[Row], name_organism: Callable[[str], str]) -> Iterator[str]:
    """Yield samples, limits and omissions that concern a statistics table, a sentence each.

    Args:
        rows: Rows of `statistics_notes` of that table.
        name_organism: Returns the label of an organism by its id.
    """
    by_subject: dict[str, dict[str, str]] = {}
    for row in rows:
        by_subject.setdefault(row["subject"], {})[row["key"]] = row["value"]
    yield from _note_whole_table(by_subject.pop("", {}))
    pools = {
        subject: int(values["pool_gene_products"])
        for subject, values in by_subject.items()
        if "pool_gene_products" in values
    }
    if any(pools.values()):
        sizes = (f"{ASPECT_LABELS.get(subject, subject)} {n:,}" for subject, n in pools.items())
        yield f"Gene products in this pool: {', '.join(sizes)}."
    yield from _note_organisms(by_subject, name_organism)
    for subject, values in by_subject.items():
        if "n_sets" in values:
            yield (
                f"Sets of {subject}: the {int(values['n_sets_shown']):,} largest of "
                f"{int(values['n_sets']):,} are listed."
            )


def _note_whole_table(values: Mapping[str, str]) -> Iterator[str]:
    """Yield notes that concern no single organism."""
    shown, complete = values.get("n_organisms_shown", ""), values.get("n_organisms_complete", "")
    if "reason" in values:
        yield f"There are no results: {_explain_reason(values['reason'])}."
    if shown and complete and shown != complete:
        yield (
            f"{int(shown):,} of {int(complete):,} complete organisms are shown, chosen by a hash "
            "of their ids and not by their annotations."
        )
    if "alpha" in values:
        yield (
            f"Tested are terms with at least {values['min_population']} gene products that could "
            f"reach a p-value below {values['alpha']}; this choice is made without regard to "
            "which gene products are annotated to the target term."
        )
    if "min_terms" in values:
        yield f"A measure is empty where a set has fewer than {values['min_terms']} terms."
    if "max_sources" in values:
        yield (
            f"For each organism, at most {values['max_sources']} sources are left out one at a "
            "time: those that decide the verdict, those without which most gene products are lost, "
            "and those with the most annotations."
        )
    if "max_entries" in values:
        yield (
            f"For each organism, the {values['max_entries']} With/From entries with the most "
            "electronic annotations are left out one at a time."
        )
    if values.get("pool_organisms", "0") != "0":
        yield (
            f"Information content is computed from the {int(values['pool_organisms']):,} complete "
            f"organisms of this run (pool {values['pool']}); a different set of organisms would "
            "give different values."
        )
    if "n_rounds" in values and shown not in ("", "0"):
        yield (
            "As many gene products as the smallest organism has are drawn from each organism, "
            f"{values['n_rounds']} times (seed {values['seed']}); the smallest, median and "
            "largest values are shown."
        )
    if "n_orthologs_without_lines" in values:
        yield f"Named orthologs without annotations: {int(values['n_orthologs_without_lines']):,}."


def _note_organisms(
    by_subject: Mapping[str, Mapping[str, str]], name_organism: Callable[[str], str]
) -> Iterator[str]:
    """Yield which organisms or aspects lack rows, those with the same reason together."""
    for key in ("reason", "incomplete"):
        subjects: dict[str, list[str]] = {}
        for subject, values in by_subject.items():
            if key in values:
                subjects.setdefault(values[key], []).append(subject)
        for value, found in subjects.items():
            names = [ASPECT_LABELS.get(each) or name_organism(each) for each in found]
            if key == "reason":
                yield f"Left out ({_explain_reason(value)}): {list_names(names)}."
            else:
                yield f"Terms are missing because the files are incomplete: {list_names(names)}."


def _explain_reason(code: str) -> str:
    """Return a reason as text.

    >>> _explain_reason("more_than_50000_lines")
    'more than 50,000 lines'
    """
    words = _REASONS.get(code, format_code(code)).split(" ")
    return " ".join(f"{int(word):,}" if word.isdigit() else word for word in words)


# Texts to copy

#: Papers on the Gene Ontology: authors and year, and DOI.
PAPERS = (
    ("Ashburner et al. 2000", "10.1038/75556"),
    ("The Gene Ontology Consortium 2023", "10.1093/genetics/iyad031"),
)
_NAMED_VERSIONS = ("python", "mrjob", "goatools", "pandas")


def get_release(record: Mapping[str, Any]) -> str:
    """Return the release of the ontology in words."""
    release: str = record["ontology"]["data_version"] or ""
    return release.removeprefix("releases/") or "no release stated in the file"


def list_generated(record: Mapping[str, Any]) -> list[str]:
    """Return the dates, YYYY-MM-DD, that headers of the annotation files state, sorted."""
    headers = (each.get("header", {}).get("date_generated", "") for each in record["inputs"])
    return sorted({date[:10] for date in headers if date})


def write_methods(record: Mapping[str, Any], n_organisms: int) -> str:
    """Return how the results of a run were made, for the methods of a paper.

    Args:
        record: The record of the run.
        n_organisms: Compared organisms.
    """
    return " ".join(_list_sentences(record, n_organisms))


def _list_sentences(record: Mapping[str, Any], n_organisms: int) -> Iterator[str]:
    target = record["target"]
    relations = " or ".join(record["relations"])
    below = "" if record["scope"] == "target" else f" or to a term below it ({relations})"
    n_files = len(record["inputs"])
    version = record["gafreduce_version"]
    yield (
        f"Gene products annotated to {target['name']} ({target['go_id']}){below} were counted with "
        f"gafreduce {version} (run {record['run_id']} of {record['created'][:10]}) in "
        f"{format_count(n_files, 'annotation file')} of {format_count(n_organisms, 'organism')} "
        f"({record['counts']['n_kept']:,} annotation lines kept of "
        f"{record['counts']['n_lines'] - record['counts']['n_header']:,})."
    )
    yield f"Gene Ontology: {get_release(record)}."
    dates = list_generated(record)
    if dates:
        span = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        yield f"Annotation files generated: {span} (as far as their headers state it)."
    yield (
        "Relations that support the term: "
        + ", ".join(
            each or "none stated" for each in record["options"]["filters"]["supporting_relations"]
        )
        + "."
    )
    changes = Filters.from_dict(record["options"]["filters"]).changes
    if changes:
        stated = "; ".join(
            f"{format_code(name)}: {_write_values(values)}" for name, values in changes.items()
        )
        yield f"Filters: {stated}."
    yield (
        "A gene product was counted once, under its strongest evidence; NOT annotations and "
        "regulators of the term were counted apart; organisms with partial files have no rates "
        "and tests. Intervals of rates are Wilson 95 % intervals; tests are exact, with false "
        "discovery rates by Benjamini and Hochberg; similarity is simGIC."
    )
    versions = record.get("versions", {})
    software = ", ".join(f"{each} {versions[each]}" for each in _NAMED_VERSIONS if each in versions)
    if software:
        yield f"Software: {software}."
    yield f"Command: {shlex.join(record['command'])}"


def _write_values(values: object) -> str:
    return ", ".join(map(str, values)) if isinstance(values, (list, tuple)) else str(values)


def write_citation(record: Mapping[str, Any]) -> str:
    """Return what to cite."""
    version = record["gafreduce_version"].partition("+")[0]
    papers = "; ".join(f"{name}, doi:{doi}" for name, doi in PAPERS)
    return (
        f"gafreduce {version}. The Gene Ontology, release {get_release(record)}: {papers}. "
        "Annotations and ontology: CC BY 4.0."
    )
