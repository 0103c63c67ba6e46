"""Sentences of the answer: every compared organism in one class, and the classes add up.

Organisms with complete files are counted first; partial files, which cannot show that something is
missing, are counted apart. Standard library only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gafreduce.reports.summary.sentences import (
    ELECTRONIC,
    GROUP_LABELS,
    POSITIVE_VERDICTS,
    VERDICT_LABELS,
    count_all,
    format_count,
    list_names,
)


class Answer(NamedTuple):
    """The answer for one compared organism."""

    organism: str
    verdict: str
    is_complete: bool
    best_group: str = ""


_NO_EVIDENCE = "which is not evidence of absence"
#: The class of complete organisms with each verdict, in words behind their number.
_CLASSES = {
    "experimental": "by experiment",
    "high_throughput": "by high-throughput experiment",
    "curated": "by curated, non-experimental evidence",
    "electronic_only": "only by electronic annotation (IEA)",
    "unstated_only": "with evidence not stated",
    "conflicting": "conflicting (annotation and NOT on one gene product)",
    "filtered_out": "with annotations that the filters exclude",
    "negated": "with NOT annotations only",
    "other_relation_only": "with another relation only (such as acts_upstream_of)",
    "regulators_only": "with regulators only",
    "not_understood": "with a relation that GO does not define",
    "no_data": "where curators found no data (ND)",
    "not_annotated": f"without annotation, {_NO_EVIDENCE}",
}

#: Begins reasons with the counts of files that name gene products by different ids.
_SEVERAL_IDS = "several_ids:"


def label_verdict(verdict: str, best_group: str, *, is_complete: bool) -> str:
    """Return the verdict of an organism in words; those of partial files claim no "only"."""
    if not is_complete and verdict in POSITIVE_VERDICTS:
        group = GROUP_LABELS.get(best_group, "not stated")
        return f"annotated; strongest evidence in this file: {group}"
    return VERDICT_LABELS[verdict]


#: Months between annotations and ontology that are told.
_MAX_MONTHS = 12

_BRIEF = {
    "experimental": "experiment",
    "high_throughput": "high-throughput",
    "curated": "curated",
    "electronic_only": "electronic only",
    "unstated_only": "not stated",
    "conflicting": "conflicting",
    "partial_file": "nothing can be said",
    "filtered_out": "filtered out",
    "negated": "only NOT",
    "other_relation_only": "other relation only",
    "regulators_only": "regulation only",
    "not_understood": "not understood",
    "no_data": "no data (ND)",
    "not_annotated": "none found",
}


def label_verdict_briefly(verdict: str, best_group: str, *, is_complete: bool) -> str:
    """Return a verdict in a few words; those of partial files claim no "only"."""
    if not is_complete and verdict in POSITIVE_VERDICTS:
        return GROUP_LABELS.get(best_group, "not stated")
    return _BRIEF[verdict]


def write_support(counts: Sequence[tuple[int, bool]]) -> str:
    """Return how many gene products are annotated, those of partial files apart.

    Args:
        counts: Gene products of each organism, and whether its files are complete.
    """
    n_complete = sum(count for count, is_complete in counts if is_complete)
    n_partial = sum(count for count, is_complete in counts if not is_complete)
    if not n_complete + n_partial:
        return ""
    if not n_partial:
        verb = "is" if n_complete == 1 else "are"
        return f"{format_count(n_complete, 'gene product')} {verb} annotated to the term."
    partial = format_count(n_partial, "gene product")
    if not n_complete:
        return f"Annotated to the term in partial files: {partial}."
    return (
        f"Annotated to the term: {format_count(n_complete, 'gene product')} of complete files, and "
        f"{n_partial:,} of partial ones."
    )


def write_contested(n_products: int) -> str:
    """Return how many gene products have a NOT annotation too, which no figure counts.

    >>> write_contested(0), write_contested(2)
    ('', '2 more have both annotations and NOT annotations.')
    """
    if not n_products:
        return ""
    have = "has" if n_products == 1 else "have"
    return f"{n_products:,} more {have} both annotations and NOT annotations."


def write_changing(n_changing: int, n_annotated: int) -> str:
    """Return how many verdicts of a group change without a single source.

    >>> write_changing(2, 12), write_changing(0, 0)
    ('2 of 12 verdicts change', '')
    >>> write_changing(1, 1)
    '1 of 1 verdict changes'
    """
    verb = "changes" if n_changing == 1 else "change"
    return f"{n_changing:,} of {format_count(n_annotated, 'verdict')} {verb}" if n_annotated else ""


def list_answer(
    answers: Sequence[Answer], go_id: str, term_name: str, *, is_filtered: bool
) -> list[str]:
    """Return the answer: all classes that are not empty, which add up to all organisms.

    The first sentence has the annotated organisms; the page has the others in smaller letters.

    Args:
        answers: Those of all compared organisms.
        go_id: The target term.
        term_name: Its name.
        is_filtered: Whether filters excluded lines, which must not be taken for missing ones.
    """
    term = f"{term_name} ({go_id})"
    if not answers:
        return [f"No organism is compared for {term}."]
    complete = [each.verdict for each in answers if each.is_complete]
    partial = [each for each in answers if not each.is_complete]
    sentences = [*_count_complete(complete, term, has_partial=bool(partial))] if complete else []
    if partial:
        also = " also" if any(verdict in POSITIVE_VERDICTS for verdict in complete) else ""
        sentences.append(_count_partial(partial, "" if complete else term, also))
    if is_filtered:
        first = f"{sentences[0][:1].lower()}{sentences[0][1:]}"
        sentences[0] = f"Counting only annotations that pass the filters, {first}"
    return sentences


def _count_complete(verdicts: Sequence[str], term: str, *, has_partial: bool) -> Iterator[str]:
    """Yield the sentences on organisms with complete files."""
    counts = Counter(verdicts)
    positive = {word: counts[word] for word in POSITIVE_VERDICTS if counts[word]}
    others = {word: n for word, n in counts.items() if word not in POSITIVE_VERDICTS}
    kind = "complete organism" if has_partial else "compared organism"
    if len(verdicts) == 1 and verdicts[0] == "not_annotated":
        yield f"The only {kind} has no annotation to {term}, {_NO_EVIDENCE}."
        return
    if len(verdicts) == 1:
        annotations = "annotations" if positive else "no clear annotation"
        yield f"The only {kind} has {annotations} to {term}: {_CLASSES[verdicts[0]]}."
        return
    n_positive = sum(positive.values())
    organisms = format_count(len(verdicts), kind)
    if not positive:
        yield f"None of {organisms} has an annotation to {term}{_describe_absence(others)}."
        return
    have = "has" if n_positive == 1 else "have"
    every = count_all(len(verdicts), kind)
    counted = f"{n_positive:,} of {organisms}" if others else f"{every[0].upper()}{every[1:]}"
    is_single = len(positive) == 1
    classes = f", {_CLASSES[next(iter(positive))]}" if is_single else f": {_list_classes(positive)}"
    yield f"{counted} {have} annotations to {term}{classes}."
    if others:
        n = sum(others.values())
        words = _CLASSES[next(iter(others))] if len(others) == 1 else _list_classes(others)
        yield f"The other{'' if n == 1 else f' {n:,}'}: {words}."


def _describe_absence(counts: Mapping[str, int]) -> str:
    """Return what the organisms have, none of which is annotated, to follow the term."""
    if len(counts) > 1:
        return f": {_list_classes(counts)}"
    ((word, n),) = counts.items()
    if word == "not_annotated":
        return f", {_NO_EVIDENCE}"
    return f": {'both' if n == 2 else f'all {n:,}'} {_CLASSES[word]}"


def _list_classes(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{counts[word]:,} {words}" for word, words in _CLASSES.items() if counts.get(word)
    )


def _count_partial(answers: Sequence[Answer], term: str, also: str) -> str:
    """Return the sentence on partial files.

    Args:
        answers: Those of organisms of which the files are partial; at least one.
        term: Name and id of the term; empty where a sentence before this one has them.
        also: Word before the verb where a sentence before this one has annotations.
    """
    groups = Counter(each.best_group for each in answers if each.verdict in POSITIVE_VERDICTS)
    others = Counter(each.verdict for each in answers if each.verdict not in POSITIVE_VERDICTS)
    parts = []
    if groups:
        n, to_term = sum(groups.values()), f" to {term}" if term else ""
        evidence = _list_evidence(groups)
        parts.append(
            f"{_count_files(n, len(answers))}{also} contain{'s' if n == 1 else ''} "
            f"annotations{to_term} (strongest evidence in the file: {evidence})"
        )
    if others["conflicting"]:
        n = others["conflicting"]
        what = f" on {term}" if term and not parts else ""
        parts.append(
            f"{_count_files(n, len(answers))} {'is' if n == 1 else 'are'} {_CLASSES['conflicting']}"
            f"{what}"
        )
    if others["partial_file"]:
        about = f" about {term}" if term and not parts else ""
        n = others["partial_file"]
        files = f"the other{'' if n == 1 else f' {n:,}'}"
        if n == len(answers):
            files = "the partial file" if n == 1 else f"the {n:,} partial files"
        parts.append(f"no conclusion can be drawn{about} from {files}")
    sentence = "; ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _count_files(n: int, n_files: int) -> str:
    """Return a number of partial files in words.

    >>> _count_files(1, 1), _count_files(2, 2), _count_files(3, 3), _count_files(1, 2)
    ('The partial file', 'Both partial files', 'All 3 partial files', '1 of 2 partial files')
    """
    if n < n_files:
        return f"{n:,} of {n_files:,} partial files"
    return {1: "The partial file", 2: "Both partial files"}.get(n, f"All {n:,} partial files")


def _list_evidence(groups: Mapping[str, int]) -> str:
    """Return the strongest evidence of partial files, with numbers where it differs."""
    found = {label: groups[group] for group, label in GROUP_LABELS.items() if groups.get(group)}
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{n:,} {label}" for label, n in found.items())


def write_date_gap(release: str, last_date: str) -> Iterator[str]:
    """Yield a caveat if the newest annotation is a year or more away from the ontology.

    Args:
        release: Data version of the ontology, such as `releases/2022-07-01`, or other text.
        last_date: Newest date of the annotations, YYYYMMDD.

    >>> list(write_date_gap("releases/2022-07-01", "20191214"))[0][:56]
    'The newest annotation to the term is of 2019-12 and the '
    >>> list(write_date_gap("releases/2020-07-01", "20191214")), list(write_date_gap("x", ""))
    ([], [])
    """
    found = re.search(r"([0-9]{4})-([0-9]{2})", release)
    if found is None or not last_date:
        return
    year, month = int(last_date[:4]), int(last_date[4:6])
    months = (int(found[1]) - year) * 12 + int(found[2]) - month
    if abs(months) >= _MAX_MONTHS:
        yield (
            f"The newest annotation to the term is of {year}-{month:02} and the ontology of "
            f"{found[0]}: terms may have been renamed, merged or removed between them."
        )


#: Partial files up to which they are named; more are counted by reasons.
_MAX_PARTIAL = 8
_PARTIAL = (
    "They hold, or may hold, only part of the annotations, so no rates or tests are given, and "
    'missing annotations are not reported. The column "complete" of a sample sheet overrules this.'
)
_REASONS = {
    "sheet": "by the sample sheet",
    "selection": "by the header of the download",
    "aspect": "without annotation in an aspect",
    "gene_products": "with few gene products",
    "landmarks": "without some terms that every cellular organism has",
    "term": "with one term on most gene products",
}


def write_partial_reason(codes: Sequence[str]) -> str:
    """Return why an organism is not complete.

    >>> write_partial_reason(["aspect:F", "landmarks:3/12"])
    'no annotation in molecular function; 3 of 12 terms that every cellular organism has'
    """
    of_files = [code for code in codes if code.startswith(_SEVERAL_IDS)]
    others = [code for code in codes if code not in of_files]
    return "; ".join([*map(_write_reason, others), *_write_counts_by_file(of_files)])


def _write_counts_by_file(codes: Sequence[str]) -> Iterator[str]:
    """Yield why a sample has no total, with the gene products with the target of each file."""
    counts = [code.split(":", 2)[1:] for code in codes]
    if counts:
        parts = (f"{int(n):,} in {file}" for n, file in counts)
        yield (
            "its files name gene products by different ids, so that those with the target term are "
            f"counted by file ({', '.join(parts)}), without total, rate and test"
        )


def _write_reason(code: str) -> str:
    kind, _, detail = code.partition(":")
    if kind == "sheet":
        return "by the sample sheet"
    if kind == "selection":
        return "the header of the download names a selection"
    if kind == "aspect":
        aspects = {"P": "biological process", "F": "molecular function", "C": "cellular component"}
        return f"no annotation in {aspects[detail]}"
    if kind == "gene_products":
        return f"{int(detail):,} gene products"
    if kind == "landmarks":
        return f"{detail.replace('/', ' of ')} terms that every cellular organism has"
    go_id, _, share = detail.rpartition(":")  # of kind `term`
    return f"{go_id} on {share.replace('/', ' of ')} gene products"


def write_evidence_caveats(upstream_only: Sequence[str], *, has_electronic: bool) -> Iterator[str]:
    """Yield the caveats on the evidence of annotations.

    Args:
        upstream_only: Organisms (by name) annotated by acts_upstream_of_or_within alone.
        has_electronic: Whether an organism is annotated electronically only.
    """
    if upstream_only:
        yield (
            f"Annotated by acts_upstream_of_or_within alone ({list_names(upstream_only)}): this "
            "relation leaves open whether the gene products take part or act upstream."
        )
    if has_electronic:
        yield f"Electronic annotation (IEA): {ELECTRONIC}."


def write_partial_caveat(partial: Mapping[str, Sequence[str]], n_compared: int) -> Iterator[str]:
    """Yield the caveat on partial files, if there are any.

    Args:
        partial: Reasons why organisms (by name) are not complete.
        n_compared: Number of compared organisms.
    """
    by_reason: dict[str, list[str]] = {}
    for organism, codes in partial.items():
        of_files = [code for code in codes if code.startswith(_SEVERAL_IDS)]
        if of_files:
            reason = write_partial_reason(of_files)
            yield f"{organism}: {reason} (--id-map FILE joins the ids)."
        codes = [code for code in codes if code not in of_files]
        if not codes and of_files:
            continue
        by_reason.setdefault(write_partial_reason(codes), []).append(organism)
    n_partial = sum(map(len, by_reason.values()))
    if n_partial > _MAX_PARTIAL and (len(by_reason) > 1 or n_partial < n_compared):
        yield f"{_count_reasons(partial, n_partial, n_compared)} {_PARTIAL}"
    elif by_reason:
        parts = (
            f"{'all' if 1 < n_compared == len(names) else list_names(names)} ({reason})"
            for reason, names in by_reason.items()
        )
        yield f"Partial files: {'; '.join(parts)}. {_PARTIAL}"


def _count_reasons(partial: Mapping[str, Sequence[str]], n_partial: int, n_compared: int) -> str:
    """Return how many organisms have partial files, and how many for which reason."""
    kinds = [{code.partition(":")[0] for code in codes} for codes in partial.values()]
    parts = (
        f"{count:,} {words}"
        for kind, words in _REASONS.items()
        if (count := sum(kind in found for found in kinds))
    )
    return f"Partial files: {n_partial:,} of {n_compared:,} organisms ({'; '.join(parts)})."
