"""A run that is compared: its record, its organisms, terms and files, read from its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gafreduce.errors import InputError
from gafreduce.jobs.model.filters import Filters
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.comparison.line_table import (
    LineTable,
    ProductKey,
    SupportingLines,
    read_line_table,
    read_supporting_lines,
)
from gafreduce.reports.tables.reader import Row, read_rows, split_list

if TYPE_CHECKING:
    from gafreduce.ontology.graph import Graph  # it needs goatools

#: Options that can decide numbers, besides filters; others say where and how a run is made.
_DECIDING = (
    *("term", "scope", "format", "taxon", "companion", "delimiter", "id_column", "go_column"),
    *("organisms", "id_map", "max_rejected"),
)
#: Files of more taxa are taken to have lines of every organism: `inputs` lists the first 20.
_LISTED_TAXA = 20


class ComparedRun:
    """A run of a comparison."""

    def __init__(self, folder: RunFolder, id_map: Mapping[str, str], name: str = "") -> None:
        """Read the record and the small tables.

        Args:
            folder: The run folder.
            id_map: Ids of gene products, each with the one that it is counted under.
            name: The run as the user named it.

        Raises:
            InputError: A table is missing or damaged.
        """
        self.folder = folder
        self.record: dict[str, Any] = self.folder.read_record()
        self.name = name or str(folder.path)
        self.graph: Graph | None = None
        self._id_map = id_map
        self.organisms = {row["organism_id"]: row for row in read_rows(self.folder, "organisms")}
        self.term_set = {row["go_id"]: row for row in read_rows(self.folder, "term_set")}

    @cached_property
    def lines(self) -> LineTable:
        """The annotation lines as numbers."""
        return read_line_table(self.folder, self._id_map)

    @cached_property
    def supporting_lines(self) -> SupportingLines:
        """The positive annotation lines that take part, as numbers."""
        return read_supporting_lines(self.folder, self._id_map)

    @property
    def target(self) -> str:
        """The id of the target term."""
        return str(self.record["target"]["go_id"])

    @property
    def ontology_sha256(self) -> str:
        """The checksum of the ontology."""
        return str(self.record["ontology"]["sha256"])

    @cached_property
    def filters(self) -> Filters:
        """The filters of the run."""
        return Filters.from_dict(self.record["options"]["filters"])

    @cached_property
    def options(self) -> dict[str, str]:
        """The options that can decide numbers, and the relations of the ontology."""
        options = self.record["options"]
        found = {name: _format(options.get(name)) for name in _DECIDING}
        return found | {"ontology_relations": _format(self.record["relations"])}

    @cached_property
    def filter_texts(self) -> dict[str, str]:
        """The filters, as text."""
        filters = self.record["options"]["filters"]
        return {name: _format(value) for name, value in filters.items()}

    @cached_property
    def files(self) -> dict[str, str]:
        """The checksum of each input file by its name."""
        return {each["source_file"]: each["sha256"] for each in self.record["inputs"]}

    @cached_property
    def _files_of_taxon(self) -> tuple[dict[str, set[str]], set[str]]:
        """Checksums of the files of each taxon, and of those with more taxa than are listed."""
        of_taxon: dict[str, set[str]] = {}
        of_all: set[str] = set()
        for row in read_rows(self.folder, "inputs"):
            checksum = self.files.get(row["source_file"], "")
            if int(row["n_taxa"] or 0) > _LISTED_TAXA:
                of_all.add(checksum)
            for taxon in split_list(row["taxon_ids"]):
                of_taxon.setdefault(taxon, set()).add(checksum)
        return of_taxon, of_all

    def list_files_of(self, organism_id: str) -> set[str]:
        """Return the checksums of the files that can have lines of an organism; all of a sample."""
        if not organism_id.isdigit():
            return set(self.files.values())
        of_taxon, of_all = self._files_of_taxon
        return of_taxon.get(organism_id, set()) | of_all

    @cached_property
    def merged(self) -> dict[str, str]:
        """Merged and replaced terms, by the ontology if it is known, else as the run met them."""
        found = {
            row["value"]: row["becomes"]
            for row in read_rows(self.folder, "findings")
            if row["finding"] == "repaired_go_id" and row["becomes"]
        }
        if self.graph is not None:
            from gafreduce.ontology.repairs import find_repairs

            found |= find_repairs(self.graph)
        return found

    @cached_property
    def terms(self) -> dict[str, Row]:
        """The rows of `terms` by id: name, status and class."""
        wanted = ("go_id", "name", "status", "term_class")
        rows = self.read_parquet("terms", wanted)
        return {cells[0]: dict(zip(wanted, map(str, cells), strict=True)) for cells in rows}

    @cached_property
    def retired_terms(self) -> set[str]:
        """Terms that are obsolete in the ontology, as far as it is known."""
        found = {go_id for go_id, row in self.terms.items() if row["status"] == "obsolete"}
        if self.graph is not None:
            found |= {go_id for go_id, node in self.graph.nodes.items() if node.is_obsolete}
        return found

    def name_term(self, go_id: str) -> str:
        """Return the name of a term; empty if the run has none."""
        row = self.term_set.get(go_id) or self.terms.get(go_id)
        return row["name"] if row else ""

    def read_parquet(
        self, table: str, columns: Sequence[str], chosen: Mapping[str, set[str]] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Yield rows of a table; empty cells are "".

        Args:
            table: Name of the table.
            columns: Those to read.
            chosen: Values of a column: rows with others are left out.

        Raises:
            InputError: The table is missing or damaged.
        """
        path = self.folder.parquet(table)
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=list(columns)):
                    for name, values in (chosen or {}).items():
                        among = pa.array(sorted(values), pa.string())
                        batch = batch.filter(pc.is_in(batch.column(name), among))
                    lists = [batch.column(name).to_pylist() for name in columns]
                    for cells in zip(*lists, strict=True):
                        yield tuple("" if cell is None else cell for cell in cells)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{path}: expected the table of a run, got {error}") from error

    def read_products(self, wanted: set[ProductKey], count: Mapping[str, str]) -> ProductRows:
        """Return the rows of some gene products, by the id that they are counted under.

        Args:
            wanted: Organisms with counted ids.
            count: The counted id of each id that differs from its own.
        """
        found: ProductRows = {}
        columns = ("organism_id", "object_id", "symbol", "status", "best_group")
        ids = {"object_id": {*count, *(object_id for _, object_id in wanted)}}
        for organism, object_id, *cells in self.read_parquet("gene_products", columns, ids):
            key = (organism, count.get(object_id, object_id))
            if key in wanted:
                found.setdefault(key, []).append((object_id, *map(str, cells)))
        return found


#: Id, symbol, status and strongest evidence group of gene products, by counted id.
ProductRows = dict[ProductKey, list[tuple[str, ...]]]


def _format(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
