"""`gafreduce search`: find terms by name, synonym and id, and how often they are annotated."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce.cli.options import (
    EXIT_CODES,
    add_json,
    add_ontology,
    add_verbosity,
    describe,
    format_json,
    parse_positive,
)
from gafreduce.errors import InputError, UsageError

if TYPE_CHECKING:
    from gafreduce.ontology.obo_text import FoundTerm
    from gafreduce.publishing.run_folder import RunFolder
    from gafreduce.reports.summary.term_counts import TermCounts
    from gafreduce.streams import StyledLine

_EPILOG = f"""\
examples:
  gafreduce search competence --ontology data/samples/go-samples.obo
      terms with the word in their name or in a synonym
  gafreduce search GO:30420 --run RUN_DIR
      a term by its id, with its organisms and gene products in a run
  gafreduce search transformation --inputs data/samples --ontology data/samples/go-samples.obo
      the same of annotation files

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Find terms of the ontology that have all words in their name or in a synonym, or a term "
        "by its id. With --run or --inputs, print how many organisms and gene products are "
        "annotated with each term or one of its descendants.",
        _EPILOG,
    )
    command.add_argument(
        "words", metavar="WORD", nargs="+", help="a part of a name, or an id such as GO:30420"
    )
    add_ontology(command, "; with --run that of the run")
    command.add_argument("--run", metavar="RUN_DIR", help="count in the tables of a run folder")
    command.add_argument(
        "--inputs",
        metavar="INPUT",
        nargs="+",
        help="count in annotation files",
    )
    command.add_argument(
        "--limit",
        metavar="N",
        type=parse_positive,
        default=30,
        help="terms that are printed (default: %(default)s)",
    )
    add_json(command, "the terms")
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str | StyledLine]:
    """Yield the terms, best first.

    Raises:
        InputError: No term was found.
    """
    from gafreduce.inputs.ontology_file import download_ontology, find_ontology
    from gafreduce.ontology.obo_text import check_is_obo, read_text, search_terms
    from gafreduce.reports.summary.term_counts import count_terms
    from gafreduce.storage.s3 import Access
    from gafreduce.tempdir import temporary_folder

    if arguments.run and arguments.inputs:
        raise UsageError("expected --run or --inputs, got both")
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        folder = _open_run(arguments.run) if arguments.run else None
        named = arguments.ontology
        if folder is not None and named is None:
            named = folder.read_record()["options"]["ontology"]
        path = download_ontology(find_ontology(named), Access(), scratch)
        text = read_text(path)
        check_is_obo(text, text.count(b"[Term]"), path)
        if folder is not None:
            _check_ontology(text, path, folder)
        found = search_terms(text, arguments.words)
        if not found:
            raise InputError(
                f"{' '.join(arguments.words)[:100]!r}: expected words of a name or synonym of the "
                "ontology, got none (try a part of a word, or fewer words)"
            )
        shown = found[: arguments.limit]
        if arguments.inputs:
            folder = _count_inputs(arguments.inputs, path, found[0].term.go_id, scratch)
        go_ids = [each.term.go_id for each in shown]
        counts = count_terms(folder, go_ids) if folder is not None else {}
    if arguments.json:
        yield format_json([_as_dict(each, counts) for each in shown])
        return
    yield from _format_terms(shown, counts)
    if len(found) > len(shown):
        yield f"  and {len(found) - len(shown):,} more (--limit)"


def _open_run(named: str) -> RunFolder:
    from gafreduce.publishing.run_folder import RunFolder

    folder = RunFolder.open(Path(named))
    folder.check_record()
    folder.refuse_tables(folder.find_table_defects(has_sums=False))
    return folder


def _check_ontology(text: bytes, path: Path, folder: RunFolder) -> None:
    """Check that an ontology is that of a run, whose numbers hold for its terms only.

    Raises:
        InputError: It is another one, or another release.
    """
    known = folder.read_record()["ontology"]
    if hashlib.sha256(text).hexdigest() != known["sha256"]:
        raise InputError(
            f"{path}: expected the ontology of the run, "
            f"{known['data_version'] or known['source']}, got another (name it: --ontology)"
        )


def _count_inputs(inputs: Sequence[str], ontology: Path, go_id: str, scratch: Path) -> RunFolder:
    """Return a run folder with the tables of annotation files; it is removed with `scratch`."""
    from gafreduce.pipeline.options import RunOptions
    from gafreduce.pipeline.plan import make_plan
    from gafreduce.pipeline.run_pipeline import run_pipeline
    from gafreduce.pipeline.stages import Stages
    from gafreduce.publishing import lock_record
    from gafreduce.publishing.run_folder import RunFolder
    from gafreduce.terminal.progress import show_progress

    path = scratch / "run"
    options = RunOptions(
        tuple(inputs), term=go_id, ontology=str(ontology), output=str(path), report=False
    )
    plan = make_plan(options, ("gafreduce", *sys.argv[1:]), scratch, None)
    with show_progress(quiet=False) as progress:
        run_pipeline(plan, path, scratch, Stages(progress), None, lock_record.ignore)
    return RunFolder(path)


def _as_dict(found: FoundTerm, counts: dict[str, TermCounts]) -> dict[str, object]:
    term = found.term
    known: dict[str, object] = {
        "go_id": term.go_id,
        "name": term.name,
        "aspect": term.aspect,
        "obsolete": term.is_obsolete,
        "found_by": found.found_by or None,
        "synonyms": [{"text": text, "scope": scope} for text, scope in term.synonyms],
    }
    return known | (counts[term.go_id]._asdict() if counts else {})


def _format_terms(
    found: Sequence[FoundTerm], counts: dict[str, TermCounts]
) -> Iterator[str | StyledLine]:
    """Yield a table of terms that fits the terminal."""
    from gafreduce.terminal.text_table import TextCell, TextColumn, format_table, get_width

    columns = (
        TextColumn("id"),
        TextColumn(""),
        TextColumn("name"),
        TextColumn("found by"),
        TextColumn("organisms", is_number=True),
        TextColumn("gene products", is_number=True),
    )
    rows = []
    for each in found:
        term = each.term
        of_term = counts.get(term.go_id)
        rows.append(
            [
                TextCell(term.go_id),
                TextCell(term.aspect),
                TextCell(f"{term.name} (obsolete)" if term.is_obsolete else term.name),
                TextCell(each.found_by),
                TextCell(of_term.describe_organisms() if of_term else ""),
                TextCell(of_term.describe_gene_products() if of_term else ""),
            ]
        )
    yield from format_table(columns, rows, get_width())
