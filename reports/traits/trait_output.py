"""Take the output of one job with many targets apart: the output that each target's own job has.

All targets have the same profile, terms and files. Rows of `annotations` are those of a line with a
term of any term set; each target gets its own, with the classes of its term set. Its gene products
and the counts of organisms follow from them, by the reducer's own code. Marks have the rest:
organisms with ND lines or other ones in an aspect, and lines that filters exclude.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from gafreduce.jobs import records
from gafreduce.jobs.records import AnnotationRow
from gafreduce.jobs.reducer.gene_product import GeneProductRows
from gafreduce.jobs.reducer.organism_counts import (
    OrganismCounts,
    add_counts,
    decode_counts,
    encode_counts,
)
from gafreduce.ontology.termfile import SUPPORTING_CLASSES, TermFile
from gafreduce.reports.tables.job_output import JobOutput

#: Kinds of records that depend on the target.
_OWN_KINDS = (records.ROW, records.GENE_PRODUCT, records.ORGANISM)


#: Numbers of gene products by organism and class of regulators; classes overlap.
Regulators = Mapping[bytes, Mapping[str, int]]


class TraitOutput(JobOutput):
    """The output of the job of one target: its own records, and those that all targets share."""

    def __init__(self, shared: JobOutput, own: Path, regulators: Regulators) -> None:
        """Join the records.

        Args:
            shared: The output of the job with many targets.
            own: The folder that `split_output` wrote.
            regulators: Gene products with a supporting line on a regulator term.
        """
        #: Their number by organism, in the form that records have, and class.
        self.regulators = regulators
        self._sections = shared._sections
        self._scratch = own
        self._own = own

    def read(self, kind: bytes) -> Iterable[bytes]:
        """Return the records of a kind, as `JobOutput.read` does."""
        return self._read_own(kind) if kind in _OWN_KINDS else super().read(kind)

    def remove(self) -> None:
        """Remove the target's own records; nothing can be read afterwards."""
        shutil.rmtree(self._own)

    def _read_own(self, kind: bytes) -> Iterator[bytes]:
        with _find_path(self._own, kind).open("rb") as stream:
            yield from stream


def split_output(
    output: JobOutput, targets: Sequence[TermFile], scratch: Path
) -> list[TraitOutput]:
    """Return the output of each target's own job.

    Args:
        output: The output of the job with many targets.
        targets: The term file of each target.
        scratch: A folder for the records; a folder for each target is made in it.
    """
    folders = [scratch / f"trait-{number}" for number in range(len(targets))]
    for folder in folders:
        folder.mkdir()
    found = _split_rows(output, targets, folders)
    _write_organisms(output, targets, folders, found)
    return [
        TraitOutput(output, folder, regulators)
        for folder, regulators in zip(folders, found.regulators, strict=True)
    ]


class _Found(NamedTuple):
    """Counts and facts of organisms by rows and marks."""

    counts: list[dict[bytes, bytes]]  # for each target, of each organism with rows
    regulators: list[dict[bytes, Counter[str]]]  # the same
    marks: dict[tuple[bytes, bytes], set[str]]  # aspects by organism and word


def _split_rows(output: JobOutput, targets: Sequence[TermFile], folders: Sequence[Path]) -> _Found:
    """Write rows and gene products of each target; return counts and facts of organisms."""
    with ExitStack() as stack:
        rows, products = (
            [stack.enter_context(_LineFile(_find_path(folder, kind))) for folder in folders]
            for kind in (records.ROW, records.GENE_PRODUCT)
        )
        splitter = _RowSplitter(_ClassIndex(targets), rows, products)
        for organism, lines in groupby(output.read(records.ROW), records.organism_of):
            for object_id, values in groupby(map(_split_line, lines), itemgetter(0)):
                splitter.add_product(organism, object_id, map(itemgetter(1), values))
            splitter.end_organism(organism)
    return splitter.found


class _RowSplitter:
    """Distributes rows and marks to the targets, one gene product after another."""

    def __init__(
        self, classes: _ClassIndex, rows: Sequence[_LineFile], products: Sequence[_LineFile]
    ) -> None:
        """Begin without rows.

        Args:
            classes: Finds the targets of a term.
            rows: For the rows of each target.
            products: For the gene products of each target.
        """
        self._classes = classes
        self._rows = rows
        self._products = products
        self._counts: dict[int, OrganismCounts] = defaultdict(OrganismCounts)
        self.found = _Found([{} for _ in rows], [{} for _ in rows], defaultdict(set))

    def add_product(self, organism: bytes, object_id: bytes, values: Iterable[bytes]) -> None:
        """Add the rows and marks of a gene product."""
        head = organism + b"\t" + object_id + b"\t"
        excluded: set[int] = set()
        own: dict[int, GeneProductRows] = {}
        for value in values:
            mark = records.decode_mark(value)
            if mark is None:
                self._add_row(head, AnnotationRow.decode(value), own)
            elif mark[0] == records.MARK_EXCLUDED:
                excluded.update(self._classes.find_supported(mark[1]))
            else:
                self.found.marks[organism, mark[0]].add(mark[1])
        for target, product in own.items():
            facts = product.summarise()
            self._counts[target].add_facts(facts)
            if facts.is_regulator:
                regulators = self.found.regulators[target].setdefault(organism, Counter())
                regulators.update(product.list_regulator_classes())
            self._products[target].write(head + product.encode(facts) + b"\n")
        for target in excluded:
            self._counts[target].add_excluded_on_target(1)

    def _add_row(self, head: bytes, row: AnnotationRow, own: dict[int, GeneProductRows]) -> None:
        for target, term_class in self._classes.find(row.go_id, row.negated == "true"):
            if target not in own:
                own[target] = GeneProductRows(head.split(b"\t")[1].decode("utf-8"))
            of_target = row._replace(term_class=term_class)
            own[target].add(of_target)
            self._rows[target].write(head + of_target.encode() + b"\n")

    def end_organism(self, organism: bytes) -> None:
        """Keep the counts of an organism, and begin another."""
        for target, of_organism in self._counts.items():
            self.found.counts[target][organism] = of_organism.encode()
        self._counts.clear()


class _LineFile:
    """A file that is opened for each piece of lines: there may be more targets than open files."""

    def __init__(self, path: Path) -> None:
        """Make an empty file."""
        self._path = path
        self._lines: list[bytes] = []
        self._size = 0
        path.touch()

    def __enter__(self) -> _LineFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()

    def write(self, line: bytes) -> None:
        """Write a line, with its LF."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _PIECE_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._lines:
            with self._path.open("ab") as stream:
                stream.writelines(self._lines)
            self._lines, self._size = [], 0


#: Bytes of lines that are held for each file.
_PIECE_BYTES = 1 << 16


class _ClassIndex:
    """The targets whose term sets have a term, with its class in each."""

    def __init__(self, targets: Sequence[TermFile]) -> None:
        self._classes: dict[str, list[tuple[int, str]]] = defaultdict(list)
        negating: dict[str, list[int]] = defaultdict(list)
        for number, terms in enumerate(targets):
            for member in terms.term_set:
                self._classes[member.go_id].append((number, member.term_class))
            for place in terms.negating:
                negating[terms.go_ids[place]].append(number)
        #: The same for NOT lines, which concern the targets below their term too.
        self._negated: dict[str, list[tuple[int, str]]] = {}
        for go_id, numbers in negating.items():
            known = dict(self._classes.get(go_id, ()))
            above = {each: "ancestor" for each in numbers if each not in known}
            self._negated[go_id] = sorted({**known, **above}.items())

    def find(self, go_id: str, is_negated: bool) -> Sequence[tuple[int, str]]:
        """Return the numbers of the targets that a line is about, with the class of its term."""
        found = self._negated.get(go_id) if is_negated else None
        return self._classes.get(go_id, ()) if found is None else found

    def find_supported(self, go_id: str) -> Iterator[int]:
        """Return the numbers of the targets that a line with a supporting relation supports."""
        for target, term_class in self._classes.get(go_id, ()):
            if term_class in SUPPORTING_CLASSES:
                yield target


def _write_organisms(
    output: JobOutput,
    targets: Sequence[TermFile],
    folders: Sequence[Path],
    found: _Found,
) -> None:
    """Write the counts of organisms of each target."""
    aspects = {terms.target_aspect for terms in targets}
    with ExitStack() as stack:
        files = [
            stack.enter_context(_LineFile(_find_path(folder, records.ORGANISM)))
            for folder in folders
        ]
        for line in output.read(records.ORGANISM):
            organism, field, value = line[:-1].split(b"\t")
            head = organism + b"\t" + field + b"\t"
            of_aspect = {
                aspect: _set_aspect(value, aspect, *_find_aspects(found, organism))
                for aspect in aspects
            }
            for file, terms, of_target in zip(files, targets, found.counts, strict=True):
                text = of_aspect[terms.target_aspect]
                if organism in of_target:
                    text = add_counts([text, of_target[organism]])
                file.write(head + text + b"\n")


def _find_aspects(found: _Found, organism: bytes) -> tuple[Set[str], Set[str]]:
    """Return the aspects in which an organism has ND lines, and lines that support nothing."""
    words = records.MARK_NO_DATA, records.MARK_OTHER
    return found.marks.get((organism, words[0]), set()), found.marks.get(
        (organism, words[1]), set()
    )


def _set_aspect(value: bytes, aspect: str, no_data: Set[str], other: Set[str]) -> bytes:
    """Return the counts of an organism for targets in an aspect.

    Only whether there are lines in the aspect decides a verdict: their counts become 0 or 1.
    """
    counts = decode_counts(value).counts
    wanted = {
        "n_aspect_no_data": aspect in no_data,
        "n_aspect_other": aspect in other or counts[f"n_in_{aspect}"] > 0,
    }
    return add_counts([value, encode_counts({n: wanted[n] - counts[n] for n in wanted})])


def _find_path(folder: Path, kind: bytes) -> Path:
    return folder / f"records-{kind.decode()}"


def _split_line(line: bytes) -> tuple[bytes, bytes]:
    """Return object id and value of a record without kind and bucket."""
    _, object_id, value = line[:-1].split(b"\t", 2)
    return object_id, value
