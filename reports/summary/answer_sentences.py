"""Sentences of the answer: every compared organism in one class, and the classes add up.

Organisms with complete files are counted first; partial files, which cannot show that something is
missing, are counted apart. Standard library only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gafreduce.reports.summary.sentences import (
    ELECTRONIC,
    GROUP_LABELS,
    POSITIVE_VERDICTS,
    VERDICT_LABELS,
    format_count,
    list_names,
)


class Answer(NamedTuple):
    """The answer for one compared organism."""

    organism: str
    verdict: str
    is_complete: bool
    best_group: str = ""


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
    "not_annotated": "without annotation, which is not evidence of absence",
}

#: Begins reasons with the counts of files that name gene products by different ids.
_SEVERAL_IDS = "several_ids:"


def label_verdict(verdict: str, best_group: str, *, is_complete: bool) -> str:
    """Return the verdict of an organism in words; those of partial files claim no "only"."""
    if not is_complete and verdict in POSITIVE_VERDICTS:
        group = GROUP_LABELS.get(best_group, "not stated")
        return f"annotated; strongest evidence in this file: {group}"
    return VERDICT_LABELS[verdict]


def write_headline(
    answers: Sequence[Answer], go_id: str, term_name: str, *, is_filtered: bool
) -> str:
    """Return the answer: all classes that are not empty, which add up to all organisms.

    Args:
        answers: Those of all compared organisms.
        go_id: The target term.
        term_name: Its name.
        is_filtered: Whether filters excluded lines, which must not be taken for missing ones.
    """
    term = f"{term_name} ({go_id})"
    if is_filtered:
        term += ", counting only annotations that pass the filters"
    if not answers:
        return f"No organism is compared for {term}."
    complete = [each.verdict for each in answers if each.is_complete]
    partial = [each for each in answers if not each.is_complete]
    sentences = [*_count_complete(complete, term, has_partial=bool(partial))] if complete else []
    if partial:
        sentences.append(_count_partial(partial, "" if complete else term))
    return " ".join(sentences)


def _count_complete(verdicts: Sequence[str], term: str, *, has_partial: bool) -> Iterator[str]:
    """Yield the sentences on organisms with complete files."""
    counts = Counter(verdicts)
    positive = {word: counts[word] for word in POSITIVE_VERDICTS if counts[word]}
    others = {word: n for word, n in counts.items() if word not in POSITIVE_VERDICTS}
    kind = "complete organism" if has_partial else "compared organism"
    organisms, n_positive = format_count(len(verdicts), kind), sum(positive.values())
    if positive:
        have = "has" if n_positive == 1 else "have"
        classes = _list_classes(positive)
        yield f"{n_positive:,} of {organisms} {have} annotations to {term}: {classes}."
    else:
        yield f"None of {organisms} has an annotation to {term}."
    if others:
        start = f"The other {sum(others.values()):,}: " if positive else ""
        yield f"{start}{_list_classes(others)}."


def _list_classes(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{counts[word]:,} {words}" for word, words in _CLASSES.items() if counts.get(word)
    )


def _count_partial(answers: Sequence[Answer], term: str) -> str:
    """Return the sentence on partial files; `term` is empty where it was named before."""
    groups = Counter(each.best_group for each in answers if each.verdict in POSITIVE_VERDICTS)
    others = Counter(each.verdict for each in answers if each.verdict not in POSITIVE_VERDICTS)
    n_positive = sum(groups.values())
    parts = []
    if n_positive:
        verb = "contains" if n_positive == 1 else "contain"
        evidence = ", ".join(
            f"{groups[group]:,} {label}" for group, label in GROUP_LABELS.items() if groups[group]
        )
        to_term = f" to {term}" if term else ""
        parts.append(
            f"{n_positive:,} {verb} annotations{to_term} (strongest evidence in the file: "
            f"{evidence})"
        )
    if others["conflicting"]:
        parts.append(f"{others['conflicting']:,} {_CLASSES['conflicting']}")
    if others["partial_file"]:
        about = f" about {term}" if term and not n_positive else ""
        parts.append(f"from {others['partial_file']:,} nothing can be said{about}")
    files = format_count(len(answers), "partial file")
    return f"{'Of' if term else 'Apart from these, of'} {files}: {'; '.join(parts)}."


def write_partial_reason(codes: Sequence[str]) -> str:
    """Return why an organism is not complete.

    >>> write_partial_reason(["aspect:F", "landmarks:3/12"])
    'no annotation in molecular function; 3 of 12 terms that every cell has'
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
        return f"{detail.replace('/', ' of ')} terms that every cell has"
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
    if by_reason:
        parts = (
            f"{'all' if 1 < n_compared == len(names) else list_names(names)} ({reason})"
            for reason, names in by_reason.items()
        )
        yield (
            f"Partial files: {'; '.join(parts)}. They hold, or may hold, only part of the "
            "annotations, so no rates or tests are given, and nothing is said of what they lack. "
            "The column `complete` of a sample sheet overrules this."
        )
