"""`gafreduce explain`: trace a number of a run back to its annotation lines and recompute it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce.cli.options import add_json, add_ontology, add_verbosity, describe, format_json
from gafreduce.errors import GafreduceError, InputError, UsageError

if TYPE_CHECKING:
    from gafreduce.reports.explain.addresses import Offer
    from gafreduce.reports.explain.explain import Explanation
    from gafreduce.reports.explain.run_sources import RunSources
    from gafreduce.streams import StyledLine

_EPILOG = """\
An address is TABLE/KEY/COLUMN: the key's parts as in the table, in the table's order
(docs/formats.md), joined by /. Without an address, or with the beginning of one, the command lists
what can be asked. Organisms may be given by name and gene products by symbol. If several rows share
a key, each is explained.

examples:
  gafreduce explain RUN_DIR organisms/224308/n_target_electronic
  gafreduce explain RUN_DIR gene_products/224308/UniProtKB:P39694/status
  gafreduce explain RUN_DIR annotations/224308/UniProtKB:P39694/GO:0030420/evidence_group
  gafreduce explain RUN_DIR profile/GO:0030420/224308/n_gene_products_propagated
  gafreduce explain RUN_DIR terms/GO:0030420/membership
  gafreduce explain RUN_DIR robustness/224308/electronic//verdict
  gafreduce explain RUN_DIR "organisms/Bacillus subtilis 168/verdict"
  gafreduce explain RUN_DIR organisms/224308
  gafreduce explain RUN_DIR --gene-product comK --organism 224308

exit codes: 0 explained; 1 a recomputed value differs, the address does not exist, or the tables are
not those that the manifest names; 2 wrong usage
"""

#: Offers that are listed as text.
_MAX_OFFERS = 40


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Explain cells of a run's tables: the definition, the annotation lines word for word, and "
        "the value recomputed from them, which must match. Lines that are not in the run folder "
        "are read from the inputs, if these have not changed.",
        _EPILOG,
    )
    command.add_argument("run_dir", metavar="RUN_DIR", help="a run folder")
    command.add_argument(
        "address",
        metavar="TABLE/KEY/COLUMN",
        nargs="*",
        default=[],
        help="a cell that is explained",
    )
    command.add_argument(
        "--gene-product",
        metavar="NAME",
        help="explain all cells of a gene product: its id, symbol or synonym",
    )
    command.add_argument(
        "--organism", metavar="NAME", help="with --gene-product: only of this organism, id or name"
    )
    command.add_argument(
        "--inputs",
        metavar="INPUT",
        nargs="+",
        help="where the inputs are now (default: where the run found them)",
    )
    add_ontology(command)
    command.add_argument(
        "--max-lines",
        metavar="N",
        type=int,
        default=20,
        help="lines shown for each number (default: %(default)s)",
    )
    add_json(command, "explanations")
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str | StyledLine]:
    """Yield explanations of cells, or what can be asked.

    Raises:
        InputError: A recomputed value differs, or a file of the run is not as its manifest states;
            all explanations are yielded before.
    """
    from gafreduce.publishing.run_folder import RunFolder
    from gafreduce.reports.explain.addresses import list_offers
    from gafreduce.reports.explain.explain import explain, explain_gene_product
    from gafreduce.reports.explain.run_sources import RunSources
    from gafreduce.tempdir import temporary_folder

    folder = RunFolder.open(Path(arguments.run_dir))
    folder.check_record()
    if arguments.organism and not arguments.gene_product:
        raise UsageError("expected --gene-product with --organism, got none")
    sources = RunSources(folder, limit=arguments.max_lines)
    defects = folder.find_table_defects(has_sums=False)
    addresses = arguments.address or ([] if arguments.gene_product else [""])
    found: list[Explanation] = []
    with temporary_folder() as scratch:
        try:
            offers = [offer for address in addresses for offer in list_offers(sources, address)]
            if not offers:
                add_inputs(sources, scratch, arguments.inputs, arguments.ontology)
                for address in addresses:
                    found += explain(sources, address)
                if arguments.gene_product:
                    found += explain_gene_product(
                        sources, arguments.gene_product, arguments.organism
                    )
        except (ArithmeticError, LookupError, TypeError, ValueError):
            folder.refuse_tables(defects)  # edited tables have cells that no run writes
            raise
    if offers:
        yield from _format_offers(offers, arguments)
        folder.refuse_tables(defects)
        return
    if arguments.json:
        yield format_json([each.as_dict() for each in found])
    else:
        yield from _format(found)
    refuted = [each.address for each in found if each.is_refuted]
    if refuted:
        raise InputError(
            f"{folder.path}: the recomputed value differs for {', '.join(refuted)} "
            "(were the tables edited? run it again with --force)"
        )
    folder.refuse_tables(defects)


def add_inputs(
    sources: RunSources, scratch: Path, inputs: Sequence[str] | None, ontology: str | None
) -> None:
    """Add the inputs of the run to the sources, or the reason why they are missing.

    Args:
        sources: The run folder.
        scratch: A temporary folder.
        inputs: Where the inputs are now; None for where the run found them.
        ontology: Where the ontology is now.
    """
    from gafreduce.pipeline.reopen import reopen_inputs

    try:
        sources.inputs = reopen_inputs(sources.record, scratch, inputs, ontology)
    except (GafreduceError, OSError) as error:
        sources.missing = str(error)


def _format_offers(
    offers: Sequence[Offer], arguments: argparse.Namespace
) -> Iterator[str | StyledLine]:
    """Yield what can be asked as a table, the first offers of many, or all as JSON."""
    from gafreduce.terminal.text_table import TextCell, TextColumn, format_table, get_width

    if arguments.json:
        yield format_json([each._asdict() for each in offers])
        return
    columns = (TextColumn("can be asked"), TextColumn("value"), TextColumn(""))
    shown = offers[:_MAX_OFFERS]
    yield from format_table(columns, [list(map(TextCell, each)) for each in shown], get_width())
    if len(offers) > len(shown):
        yield f"  and {len(offers) - len(shown):,} more (--json lists all)"
    yield f"For example: gafreduce explain {arguments.run_dir} {shlex.quote(shown[0].address)}"


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
