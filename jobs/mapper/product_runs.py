"""Runs: consecutive lines of one gene product, which become one record."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from operator import eq
from typing import Dict, List, NamedTuple, Sequence, Tuple

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

    Runs with equal numbers of lines are encoded together, so records are not in the order of lines.

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
    by_lines: Dict[int, Tuple[List[bytes], List[bytes], List[int], List[bytes]]] = {}
    line = 0
    for organism, object_id, start, end in zip(*runs, [*runs.starts[1:], len(tokens)]):
        first, line = line, bisect_right(ends, end)
        organisms, object_ids, starts, of_runs = by_lines.setdefault(line - first, ([], [], [], []))
        organisms.append(organism)
        object_ids.append(object_id)
        starts.append(len(of_runs))
        of_runs += tokens[start:end]
    return [
        records.encode_runs(*of_runs, records.encode_file(number, n_lines), target_only)
        for n_lines, of_runs in by_lines.items()
    ]


def _find_changes(products: Sequence[Tuple[bytes, bytes]]) -> List[int]:
    """Return the positions of items that differ from the item before."""
    return [n for n, product in enumerate(products) if not n or product != products[n - 1]]
