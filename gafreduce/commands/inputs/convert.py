"""`gafreduce convert`: write annotations or an ontology in another form, and report every loss."""

from __future__ import annotations

import argparse
import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gafreduce import signals, streams
from gafreduce.cli.options import (
    EXIT_CODES,
    add_input_format,
    add_inputs,
    add_json,
    add_ontology,
    add_ontology_relations,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    pick_options,
)
from gafreduce.errors import InputError, UsageError
from gafreduce.inputs.discovery import STDIN
from gafreduce.inputs.download import local_inputs
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.ontology_file import OntologySourceError, download_ontology, find_ontology
from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.convert import gaf_writer, gpad_writer
from gafreduce.jobs.convert.annotation_lines import TOO_MANY_COLUMNS, read_annotations
from gafreduce.jobs.convert.completion import (
    LOSSES,
    Losses,
    TermFacts,
    new_losses,
)
from gafreduce.jobs.convert.gaf_writer import GafWriter
from gafreduce.jobs.convert.gpad_writer import GpadWriter
from gafreduce.jobs.files import splits
from gafreduce.jobs.files.batching import batch_lines
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.registry import describe_mismatch
from gafreduce.jobs.model.go_terms import COMPLEX_ID
from gafreduce.ontology.cache import load_term_file, load_terms_alone
from gafreduce.ontology.termfile import make_empty
from gafreduce.package_files import find_version
from gafreduce.pipeline.options import S3Options
from gafreduce.publishing.local_publish import check_place
from gafreduce.storage import output_file
from gafreduce.storage.output_file import (
    check_outputs,
    check_standard_output,
    find_descriptor,
    open_output,
)
from gafreduce.storage.resolve import StorageResolver, local_path
from gafreduce.storage.s3 import Access
from gafreduce.tempdir import temporary_folder

log = logging.getLogger("gafreduce")

_OUTPUT = "-o"
_GPI = "--write-gpi"

_PARQUET = "parquet"
#: The formats that can be written.
TARGETS = (gaf_writer.NAME, gpad_writer.NAME, _PARQUET)

_EPILOG = f"""\
examples:
  gafreduce convert data/samples --to gpad2.0 -o samples.gpad
      the annotations of seven files in one file of another format
  gafreduce convert data/samples --to parquet --ontology data/samples/go-samples.obo -o lines
      all annotations as Parquet, in a folder for each organism, for SQL (docs/warehouse.md)
  gafreduce convert --ancestors --ontology data/samples/go-samples.obo -o ancestors.parquet
      all terms with their ancestors, to join with them

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Convert annotations of any known format to GAF 2.2 or GPAD 2.0, in which required values "
        "that the source lacks get their weakest form; or to Parquet, a folder for each organism. "
        "Every loss is counted and named: on standard error, or on standard output with -o. With "
        "--ancestors, write the terms of the ontology with their ancestors instead.",
        _EPILOG,
    )
    add_inputs(command, "*")
    what = command.add_mutually_exclusive_group()
    what.add_argument("--to", choices=TARGETS, help="format to write")
    what.add_argument(
        "--ancestors",
        action="store_true",
        help="write the table term_ancestors of the ontology, as Parquet for a FILE.parquet, else "
        "as TSV; takes no inputs",
    )
    command.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="file (default: standard output); with parquet a new folder",
    )
    command.add_argument(
        "--write-gpi",
        metavar="FILE",
        help="with gpad2.0: write gene products as GPI 2.0, with symbol, name, type and taxon",
    )
    add_input_format(command)
    add_ontology(command, "; optional: aspects and complexes, in parquet primary ids")
    add_ontology_relations(command)
    add_s3(command)
    add_json(command, "the counts of lines and losses")
    add_verbosity(command)


def publishes(arguments: argparse.Namespace) -> bool:
    """Return whether files are written."""
    return arguments.output is not None or arguments.write_gpi is not None


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the converted lines, and log how many lines were read, refused and lost.

    With -o the lines are written to the file, and the counts are yielded.

    Raises:
        UsageError: Options contradict each other.
    """
    access = pick_options(S3Options, arguments).make_access()
    if arguments.ancestors:
        yield from _write_ancestors(arguments, access)
        return
    if arguments.to is None or not arguments.inputs:
        what = "--to or --ancestors" if arguments.to is None else "annotation files"
        raise UsageError(f"expected {what}, got none (see: gafreduce convert --help)")
    if arguments.to == _PARQUET:
        yield from _write_dataset(arguments, access)
        return
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        resolver = StorageResolver(access)
        listing = list_inputs(
            InputRequest.from_options(arguments),
            resolver,
            scratch,
        )
        outputs = _check_outputs(arguments, listing.inputs)
        facts = _load_facts(arguments.ontology)
        inputs = stack.enter_context(local_inputs(listing.inputs, resolver, scratch, _no_progress))
        conversion = _Conversion(arguments.to, facts, bool(arguments.write_gpi))
        lines = conversion.convert([found.input_file() for found in inputs])
        with contextlib.ExitStack() as opened:  # both files are replaced, or none
            files = {
                option: opened.enter_context(open_output(outputs[option])) for option in outputs
            }
            if _OUTPUT in files:
                files[_OUTPUT].writelines(f"{line}\n" for line in lines)
            else:
                streams.write_files_to_output()
                yield from map("\n".join, batch_lines(lines))
            if _GPI in files:
                products = conversion.list_gene_products()
                files[_GPI].writelines(f"{line}\n" for line in products)
            signals.raise_pending()
            if files:  # after this they get their names
                signals.hold_back()
        if publishes(arguments):
            signals.mark_published()
    counts = [format_json(conversion.list_counts())] if arguments.json else conversion.describe()
    # counts and lines are never in one stream
    if find_descriptor(outputs.get(_OUTPUT, "/dev/stdout")) != output_file.STANDARD_OUTPUT:
        yield from counts
    else:
        for line in counts:
            log.warning(line)


class _Conversion:
    """Reads the inputs one after another and writes their annotations."""

    def __init__(self, target: str, facts: TermFacts, keeps_products: bool) -> None:
        self._losses: Losses = new_losses()
        self._gpad = GpadWriter(facts, self._losses, keeps_products)
        self._writer: GafWriter | GpadWriter = self._gpad
        if target == gaf_writer.NAME:
            self._writer = GafWriter(facts, self._losses)
        self._counts: list[dict[str, Any]] = []

    def convert(self, sources: Iterable[InputFile]) -> Iterator[str]:
        """Yield the lines of the new file, without line ends.

        Raises:
            InputError: A file is damaged, or no line of it could be understood.
        """
        yield from self._writer.make_header()
        for source in sources:
            counts = FileCounts(0)
            split = splits.Split(source.uri, 0, source.bytes)
            blocks = splits.read_split(split, source.version).blocks
            n_annotations = 0
            for annotation in read_annotations(source, blocks, counts):
                n_annotations += 1
                yield self._writer.make_line(annotation)
            self._count(source, counts, n_annotations)

    def _count(self, source: InputFile, counts: FileCounts, n_annotations: int) -> None:
        self._counts.append(_describe_counts(source, counts, n_annotations))
        n_wide = sum(found.n_lines for found in counts.found if found.word == TOO_MANY_COLUMNS.word)
        self._losses["columns_not_read"] += n_wide

    def list_gene_products(self) -> list[str]:
        """Return the lines of the GPI file."""
        return self._gpad.make_gene_products()

    def list_counts(self) -> dict[str, Any]:
        """Return how many lines were read, refused and lost as plain data."""
        return {
            "files": self._counts,
            "losses": {name: self._losses[name] for name in LOSSES if self._losses[name]},
        }

    def describe(self) -> list[str]:
        """Return how many lines were read, refused and lost as lines of text."""
        lines = _format_counts(self._counts)
        losses = self.list_counts()["losses"]
        lost = [f"  {name} {number}: {LOSSES[name]}" for name, number in losses.items()]
        return [*lines, "lost or supplied (annotations):", *(lost or ["  nothing"])]


def _describe_counts(source: InputFile, counts: FileCounts, n_annotations: int) -> dict[str, Any]:
    """Return how the lines of a file were read.

    Raises:
        InputError: No line of it could be understood.
    """
    reasons = ", ".join(
        f"{reason} {refused.n_lines}" for reason, refused in sorted(counts.refused.items())
    )
    n_rejected = sum(refused.n_lines for refused in counts.refused.values())
    if n_rejected and not counts.n_kept:
        examples = [line for found in counts.refused.values() for line in found.examples]
        raise InputError(
            f"{source.uri}: expected annotation lines, got none that could be understood "
            f"({reasons}; {describe_mismatch(source, examples)})"
        )
    return {
        "source_file": source.source_file,
        "format": source.format,
        "n_lines": counts.n_lines,
        "n_kept": counts.n_kept,
        "n_annotations": n_annotations,
        "n_rejected": n_rejected,
        "n_header": counts.n_header,
        "n_blank": counts.n_blank,
        "rejected": [
            {"reason": reason, "n_lines": refused.n_lines, "example": refused.examples[0][:100]}
            for reason, refused in sorted(counts.refused.items())
        ],
    }


def _format_counts(files: Iterable[dict[str, Any]]) -> list[str]:
    lines = []
    for each in files:
        lines.append(
            "{source_file}: {format}, {n_lines} lines = {n_kept} kept ({n_annotations} "
            "annotations) + {n_rejected} rejected + {n_header} header + {n_blank} blank or "
            "without a term".format_map(each)
        )
        lines += map(
            "  rejected: {reason} {n_lines}, for example {example!r}".format_map,
            each["rejected"],
        )
    return lines


def _write_dataset(arguments: argparse.Namespace, access: Access) -> Iterator[str]:
    """Write all annotations as Parquet; yield how many lines were read.

    Raises:
        UsageError: There is no folder, or an option is for other formats.
        InputError: The folder exists, or an input is damaged.
    """
    from gafreduce.publishing.local_publish import build_run_folder
    from gafreduce.warehouse import annotation_dataset

    if not arguments.output or local_path(arguments.output) is None:
        raise UsageError(
            "-o: expected a new folder of this machine for --to parquet, got "
            f"{arguments.output or 'none'} (copy it afterwards, as with aws s3 cp --recursive)"
        )
    if arguments.write_gpi is not None:
        raise UsageError(f"{_GPI}: expected --to {gpad_writer.NAME}, got --to {_PARQUET}")
    path = Path(arguments.output)
    annotation_dataset.check_new(path)
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        resolver = StorageResolver(access)
        listing = list_inputs(InputRequest.from_options(arguments), resolver, scratch)
        terms = None
        try:
            ontology = download_ontology(find_ontology(arguments.ontology), access, scratch)
            terms = load_terms_alone(ontology)
        except OntologySourceError:
            log.warning("no ontology: merged and obsolete term ids stay as written (--ontology)")
        inputs = stack.enter_context(local_inputs(listing.inputs, resolver, scratch, _no_progress))
        built = stack.enter_context(build_run_folder(path))
        reader = annotation_dataset.AnnotationReader(terms or make_empty(), listing.organisms)
        sources = [found.input_file() for found in inputs]
        annotation_dataset.write_dataset(reader.read(sources), built.path)
        files = [_describe_counts(*each) for each in reader.counts]
        annotation_dataset.write_description(built.path, terms, files, find_version("gafreduce"))
        signals.raise_pending()
        signals.hold_back()  # after this the folder gets its name
    signals.mark_published()
    if arguments.json:
        yield format_json({"files": files})
    else:
        yield from [*_format_counts(files), str(path)]


def _write_ancestors(arguments: argparse.Namespace, access: Access) -> Iterator[str]:
    """Write the terms of the ontology with their ancestors.

    Raises:
        UsageError: There are inputs.
        InputError: There is no ontology, or it is damaged.
    """
    from gafreduce.ontology.graph import load_graph
    from gafreduce.warehouse import ancestors

    if arguments.inputs:
        raise UsageError(f"--ancestors: expected no inputs, got {arguments.inputs[0]}")
    with temporary_folder() as scratch:
        ontology = download_ontology(find_ontology(arguments.ontology), access, scratch)
        if arguments.output is None:
            check_standard_output([str(ontology)])
        else:
            check_outputs({_OUTPUT: arguments.output}, [str(ontology)])
            check_place(Path(arguments.output))
        rows = ancestors.list_ancestors(load_graph(ontology), arguments.ontology_relations)
        if arguments.output is None:
            streams.write_files_to_output()
            yield from map("\n".join, batch_lines(ancestors.encode_rows(rows)))
        elif arguments.output.endswith(".parquet"):
            ancestors.write_parquet(rows, Path(arguments.output).resolve())
        else:
            with open_output(arguments.output) as stream:
                stream.writelines(f"{line}\n" for line in ancestors.encode_rows(rows))
    if publishes(arguments):
        signals.mark_published()


def _load_facts(named: str | None) -> TermFacts:
    """Return the terms' facts from the ontology; without one only the inputs have them."""
    try:
        ontology = find_ontology(named)
    except OntologySourceError:
        return TermFacts(None)
    if local_path(ontology) is None:
        raise InputError(f"{ontology}: expected an ontology of this machine (get it first)")
    return TermFacts(load_term_file(Path(ontology), COMPLEX_ID, ("is_a",)).terms)


def _check_outputs(
    arguments: argparse.Namespace, inputs: Iterable[ListedInput]
) -> Mapping[str, str]:
    """Return the output files by their options.

    Raises:
        UsageError: The name of one is empty.
        InputError: One is an input, the other one, or cannot be written.
    """
    named = {_OUTPUT: arguments.output, _GPI: arguments.write_gpi}
    outputs = {option: name for option, name in named.items() if name is not None}
    read: list[str | int] = [*arguments.inputs, arguments.companion or ""]
    with contextlib.suppress(OntologySourceError):
        read.append(find_ontology(arguments.ontology))
    read += [str(each) for name in arguments.inputs for each in Path(name).glob("*.[ct]sv")]
    read += [path for each in inputs for path in (each.uri, each.companion)]
    if STDIN in arguments.inputs:
        read.append(output_file.STANDARD_INPUT)
    check_outputs(outputs, read)
    for name in outputs.values():
        check_place(Path(name))
    if _OUTPUT not in outputs:
        check_standard_output(read)
    return outputs


def _no_progress(done: int, total: int) -> None:
    """Report no progress of downloads."""
