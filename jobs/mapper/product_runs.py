"""Runs: consecutive lines of one gene product, which become one record."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, chain, compress, islice
from operator import eq, ne, or_, sub
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


class LineRuns(NamedTuple):
    """Runs of lines with any number of annotations."""

    runs: Runs  # of annotations
    tokens: List[bytes]  # one for each annotation
    sizes: List[int]  # lines of each run


def find_line_runs(
    organisms: Sequence[bytes], object_ids: Sequence[bytes], tokens: Sequence[Tuple[bytes, ...]]
) -> LineRuns:
    """Return the runs of lines.

    Args:
        organisms: One for each line, in the form that records have.
        object_ids: One for each line.
        tokens: Those of the annotations of each line, at least one.
    """
    n_lines = len(tokens)
    changes = map(ne, islice(object_ids, 1, None), object_ids)
    if organisms and organisms.count(organisms[0]) < n_lines:
        others = map(ne, islice(organisms, 1, None), organisms)
        changes = map(or_, changes, others)
    firsts = [0, *compress(range(1, n_lines), changes)] if n_lines else []
    ends = [0, *accumulate(map(len, tokens))]
    return LineRuns(
        Runs(
            [organisms[n] for n in firsts],
            [object_ids[n] for n in firsts],
            [ends[n] for n in firsts],
        ),
        list(chain.from_iterable(tokens)),
        list(map(sub, [*firsts[1:], n_lines], firsts)),
    )


def encode_line_runs(found: LineRuns, number: int, target_only: bool) -> List[bytes]:
    """Return a record for each run; it has the number of lines if they are not annotations.

    Runs with equal numbers of lines are encoded together, so records are not in the order of lines.

    Args:
        found: The runs.
        number: Of the file.
        target_only: Whether all terms outside the term set are treated alike (--scope target).
    """
    runs, tokens, sizes = found
    if not tokens:
        return []
    if sum(sizes) == len(tokens):
        return [records.encode_runs(*runs, tokens, records.encode_file(number), target_only)]
    if sizes.count(sizes[0]) == len(sizes):
        file = records.encode_file(number, sizes[0])
        return [records.encode_runs(*runs, tokens, file, target_only)]
    by_size: Dict[int, Tuple[List[bytes], List[bytes], List[int], List[bytes]]] = {}
    ends = [*runs.starts[1:], len(tokens)]
    for organism, object_id, start, end, size in zip(*runs, ends, sizes):
        organisms, object_ids, starts, of_runs = by_size.setdefault(size, ([], [], [], []))
        organisms.append(organism)
        object_ids.append(object_id)
        starts.append(len(of_runs))
        of_runs += tokens[start:end]
    return [
        records.encode_runs(*of_runs, records.encode_file(number, size), target_only)
        for size, of_runs in by_size.items()
    ]


def _find_changes(products: Sequence[Tuple[bytes, bytes]]) -> List[int]:
    """Return the positions of items that differ from the item before."""
    return [n for n, product in enumerate(products) if not n or product != products[n - 1]]
