"""Runs: consecutive lines of one gene product, which become one record."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from operator import eq
from typing import List, NamedTuple, Sequence, Tuple

from gafreduce.jobs import records


class Runs(NamedTuple):
    """Runs in the order of their lines; each ends where the next one begins."""

    organisms: List[bytes]  # in the form that records have
    object_ids: List[bytes]
    starts: List[int]  # number of the first line


def merge_runs(runs: Runs) -> Runs:
    """Return the runs with adjacent runs of one gene product merged.

    The cells of such runs differ in their spelling of the taxon.
    """
    organisms, object_ids, starts = runs
    if not any(map(eq, islice(object_ids, 1, None), object_ids)):
        return runs
    firsts = _find_changes(list(zip(organisms, object_ids)))
    return Runs(
        [organisms[n] for n in firsts], [object_ids[n] for n in firsts], [starts[n] for n in firsts]
    )


def select_lines(runs: Runs, lines: Sequence[int]) -> Runs:
    """Return the runs of some lines, given by sorted numbers, as if there were no other lines."""
    places = [bisect_right(runs.starts, line) - 1 for line in lines]
    starts = [n for n, place in enumerate(places) if not n or place != places[n - 1]]
    selected = [places[n] for n in starts]
    return Runs(
        [runs.organisms[n] for n in selected], [runs.object_ids[n] for n in selected], starts
    )


def find_runs(products: Sequence[Tuple[bytes, bytes]]) -> Runs:
    """Return the runs in the gene products (organism, object id) of all lines."""
    starts = _find_changes(products)
    return Runs([products[n][0] for n in starts], [products[n][1] for n in starts], starts)


def encode_line_runs(
    runs: Runs, tokens: List[bytes], ends: List[int], number: int, target_only: bool
) -> List[bytes]:
    """Return a record for each run; it has the number of lines if they are not annotations.

    Args:
        runs: Of annotations.
        tokens: One for each annotation.
        ends: Number of annotations up to the end of each line.
        number: Of the file.
        target_only: Whether all terms outside the term set are treated alike (--scope target).
    """
    if not tokens:
        return []
    if len(ends) == len(tokens):
        return [records.encode_runs(*runs, tokens, records.encode_file(number), target_only)]
    found: List[bytes] = []
    for organism, object_id, start, end in zip(*runs, [*runs.starts[1:], len(tokens)]):
        file = records.encode_file(number, bisect_right(ends, end) - bisect_right(ends, start))
        run = [organism], [object_id], [0], tokens[start:end]
        found.append(records.encode_runs(*run, file, target_only))
    return found


def _find_changes(products: Sequence[Tuple[bytes, bytes]]) -> List[int]:
    """Return the positions of items that differ from the item before."""
    return [n for n, product in enumerate(products) if not n or product != products[n - 1]]
