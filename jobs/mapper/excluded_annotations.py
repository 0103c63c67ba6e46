"""Annotations that filters exclude: runs of their own, so that filters take no organism away."""

from __future__ import annotations

from bisect import bisect_right
from typing import Container, Iterator, List, Sequence, Tuple

from gafreduce.jobs import records, run_tokens
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.mapper.product_runs import Runs, find_runs, merge_runs, select_lines
from gafreduce.jobs.mapper.token_cache import split_filtered
from gafreduce.jobs.model.annotation import Annotation


class ExcludedAnnotations:
    """Annotations of lines that filters exclude, in whole or in part."""

    def __init__(self, origin: Origin) -> None:
        """Begin without annotations; `origin` is that of their lines."""
        self._origin = origin
        self._products: List[Tuple[bytes, bytes]] = []
        self._tokens: List[bytes] = []
        self._ends: List[int] = []  # number of annotations up to the end of each excluded line

    def add(self, annotations: Sequence[Tuple[Annotation, bytes]], n_lines: int) -> None:
        """Add the annotations of a line; `n_lines` is 0 if others of the line are used."""
        for annotation, token in annotations:
            self._tokens.append(token)
            organism = self._origin.find_organism(annotation.taxon_id)
            self._products.append((organism, annotation.object_id.encode("utf-8")))
        self._ends += [len(self._tokens)] * n_lines

    def encode(self) -> Iterator[bytes]:
        """Return their runs."""
        runs, ends = find_runs(self._products), self._ends
        self._origin.collect_ids(runs.organisms, runs.object_ids)
        all_ends = [*runs.starts[1:], len(self._tokens)]
        for organism, object_id, start, end in zip(*runs, all_ends):
            n_lines = bisect_right(ends, end) - bisect_right(ends, start)
            file = records.encode_file(self._origin.number, n_lines, is_excluded=True)
            tokens = self._tokens[start:end]
            yield from _split_marks(tokens, organism, object_id)
            yield records.encode_runs([organism], [object_id], [0], tokens, file, True)


def encode_excluded_lines(
    runs: Runs, tokens: List[bytes], filtered: Container[bytes], origin: Origin
) -> List[bytes]:
    """Return the runs of the excluded lines of a block that is read column by column.

    Args:
        runs: Of all lines of the block.
        tokens: One for each line.
        filtered: The tokens of excluded lines.
        origin: That of the lines.
    """
    lines = [number for number, token in enumerate(tokens) if token in filtered]
    excluded = merge_runs(select_lines(runs, lines))
    origin.collect_ids(excluded.organisms, excluded.object_ids)
    file = records.encode_file(origin.number, is_excluded=True)
    of_lines = [split_filtered(tokens[number]).token for number in lines]
    ends = [*excluded.starts[1:], len(of_lines)]
    marks: List[bytes] = []
    for organism, object_id, start, end in zip(*excluded, ends) if _has_terms(of_lines) else ():
        of_run = of_lines[start:end]
        marks += _split_marks(of_run, organism, object_id)
        of_lines[start:end] = of_run
    return [*marks, records.encode_runs(*excluded, of_lines, file, True)]


def _has_terms(tokens: List[bytes]) -> bool:
    """Return whether a token has the term of its line, as with several targets."""
    return any(run_tokens.split_term(token)[1] for token in set(tokens))


def _split_marks(tokens: List[bytes], organism: bytes, object_id: bytes) -> List[bytes]:
    """Take the terms out of the tokens of a gene product, in place; return them as marks."""
    go_ids = set()
    for number, token in enumerate(tokens):
        tokens[number], go_id = run_tokens.split_term(token)
        go_ids.add(go_id)
    go_ids.discard(b"")
    return [
        records.encode_mapped_mark(organism, object_id, records.MARK_EXCLUDED, go_id)
        for go_id in sorted(go_ids)
    ]
