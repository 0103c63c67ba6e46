"""The command `gafreduce explain`: trace a number to its lines, and recompute it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from gafreduce.errors import GafreduceError, InputError, UsageError
from gafreduce.pipeline.reopen import find_again
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.explain.explain import Explanation, explain, explain_gene_product
from gafreduce.reports.explain.run_sources import RunSources
from gafreduce.tempdir import temporary_folder


class RefutedError(InputError):
    """A recomputed number differs from the table."""


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Explain cells of a run's tables.

    Raises:
        RefutedError: A recomputed number differs; all explanations are printed before.
    """
    folder = RunFolder.open(Path(arguments.run_dir))
    if not (arguments.address or arguments.gene_product):
        raise UsageError("expected what to explain: TABLE/KEY/COLUMN, or --gene-product ID")
    sources = RunSources(folder, limit=arguments.max_lines)
    with temporary_folder() as scratch:
        add_inputs(sources, arguments, scratch)
        found = [
            explanation
            for address in arguments.address
            for explanation in explain(sources, address)
        ]
        if arguments.gene_product:
            found += explain_gene_product(sources, arguments.gene_product)
    if arguments.json:
        yield json.dumps([each.as_dict() for each in found], ensure_ascii=False, indent=2)
    else:
        yield from _format(found)
    refuted = [each.address for each in found if each.is_refuted]
    if refuted:
        raise RefutedError(
            f"{folder.path}: the recomputed value differs for {', '.join(refuted)} "
            "(were the tables edited? run it again with --force)"
        )


def add_inputs(sources: RunSources, arguments: argparse.Namespace, scratch: Path) -> None:
    """Find the inputs of the run again; the reason for missing inputs is kept."""
    from gafreduce.cli.main import parser

    command = [str(word) for word in sources.record["command"]]
    try:
        asked = parser().parse_args(command[1:])
        sources.inputs = find_again(
            sources.record, asked, scratch, arguments.inputs, arguments.ontology
        )
    except (GafreduceError, OSError) as error:
        sources.missing = str(error)
    except SystemExit:
        sources.missing = f"the command of the run is not understood now: {' '.join(command)}"


def _format(explanations: list[Explanation]) -> Iterator[str]:
    """Yield explanations as text; lines that all of them share are printed once, at the end."""
    is_shared = len(explanations) > 1 and len({each.lines for each in explanations}) == 1
    for each in explanations:
        yield from _format_cell(each)
        if not is_shared:
            yield from _format_lines(each)
        yield ""
    if is_shared:
        yield from _format_lines(explanations[0])


def _format_cell(explanation: Explanation) -> Iterator[str]:
    yield f"{explanation.address} = {explanation.value or '(empty)'}"
    yield f"  definition: {explanation.definition}"
    if explanation.method:
        yield f"  method: {explanation.method}"
    for name, value in explanation.cells.items():
        yield f"  based on: {name} = {value}"
    if explanation.recomputed is None:
        yield f"  not recomputed ({explanation.reason})"
    else:
        result = "matches" if explanation.is_confirmed else "DIFFERS"
        yield f"  recomputed: {explanation.recomputed or '(empty)'} ({result})"
    for note in explanation.notes:
        yield f"  note: {note}"


def _format_lines(explanation: Explanation) -> Iterator[str]:
    if not explanation.lines:
        return
    n_shown = len(explanation.lines)
    is_cut = n_shown < explanation.n_lines
    more = f", the first {n_shown} are shown (--max-lines)" if is_cut else ""
    yield f"  lines: {explanation.n_lines}{more}"
    for line in explanation.lines:
        place = f"{line.source_file}:{line.number}" if line.number else line.source_file
        if place:
            yield f"  {place} ({'; '.join(line.notes)})"
        yield f"    {line.text}"
