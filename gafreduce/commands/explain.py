"""`gafreduce explain RUN_DIR ADDRESS`: what a number means, and the lines that make it again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from gafreduce.errors import GafreduceError, InputError, UsageError
from gafreduce.pipeline.reopen import find_again
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.explain.evidence import Sources
from gafreduce.reports.explain.explain import Explanation, explain, explain_gene_product
from gafreduce.tempdir import temporary_folder


class RefutedError(InputError):
    """A number did not come out again."""


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Explain cells of a run's tables.

    Raises:
        RefutedError: A number did not come out again; everything is printed before.
    """
    folder = RunFolder.open(Path(arguments.run_dir))
    if not (arguments.address or arguments.gene_product):
        raise UsageError("expected what to explain: TABLE/KEY/COLUMN, or --gene-product ID")
    sources = Sources(folder, limit=arguments.max_lines)
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
        yield from _texts(found)
    refuted = [each.address for each in found if each.is_refuted]
    if refuted:
        raise RefutedError(
            f"{folder.path}: expected the same number again, got another for {', '.join(refuted)} "
            "(were tables edited? make the run anew)"
        )


def add_inputs(sources: Sources, arguments: argparse.Namespace, scratch: Path) -> None:
    """Find the inputs of the run again; why they can't be had is kept to be said."""
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


def _texts(found: list[Explanation]) -> Iterator[str]:
    """Return explanations for people; lines that several cells share stand once, at the end."""
    together = len(found) > 1 and len({each.lines for each in found}) == 1
    for each in found:
        yield from _text(each, with_lines=not together)
        yield ""
    if together and found:
        yield from _lines(found[0])


def _text(explanation: Explanation, with_lines: bool) -> Iterator[str]:
    yield f"{explanation.address} = {explanation.value or '(empty)'}"
    yield f"  means: {explanation.meaning}"
    if explanation.how:
        yield f"  how: {explanation.how}"
    for name, value in explanation.cells.items():
        yield f"  stands on: {name} = {value}"
    if explanation.is_confirmed:
        yield f"  again: {explanation.again or '(empty)'}, the same"
    elif explanation.is_refuted:
        yield f"  again: {explanation.again or '(empty)'}, NOT THE SAME"
    else:
        yield f"  not made again: {explanation.why_not}"
    for note in explanation.notes:
        yield f"  note: {note}"
    if with_lines:
        yield from _lines(explanation)


def _lines(explanation: Explanation) -> Iterator[str]:
    if not explanation.lines:
        return
    n_shown = len(explanation.lines)
    more = "" if n_shown >= explanation.n_lines else f", of which {n_shown} are shown (--max-lines)"
    yield f"  lines: {explanation.n_lines}{more}"
    for line in explanation.lines:
        where = f"{line.source_file}:{line.number}" if line.number else line.source_file
        if where:
            yield f"  {where} ({'; '.join(line.notes)})"
        yield f"    {line.text}"
