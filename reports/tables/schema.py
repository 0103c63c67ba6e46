"""The tables of a run folder: names, keys, and the columns with types and descriptions.

TSV and Parquet files are written by these definitions, and docs/formats.md is generated from them
(`make docs`). The columns are the rows of columns.tsv, in the order of the files: a new column is a
new line there, and a cell in the module that makes the rows (such as organisms.py). Columns of the
page are chosen in reports/html, and `gafreduce explain` counts numbers again in reports/explain. A
change to a name or a meaning is a major version.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

#: Types of cells. `texts` and `integers` are lists: unique, sorted, joined by "|" in TSV.
ColumnType = Literal["text", "integer", "float", "boolean", "texts", "integers"]

#: Columns that follow from another one: the taxon of an organism.
TAXON_COLUMNS = {"taxon_id": "organism_id", "taxon_a": "organism_a", "taxon_b": "organism_b"}


class Column(NamedTuple):
    """One column of a table; the description includes units."""

    name: str
    type: ColumnType
    description: str


@dataclass(frozen=True)
class Table:
    """One table of the run folder. Its rows are sorted by the key columns."""

    name: str
    key: tuple[str, ...]
    description: str
    columns: tuple[Column, ...]

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order of the file."""
        return tuple(column.name for column in self.columns)

    def make_row(self, **cells: object) -> tuple[Any, ...]:
        """Return the cells, given by name, in the order of the columns.

        The taxa of organisms may be left out: `frames.make_frame` finds them.

        Raises:
            TypeError: A column is missing, or a name is no column.

        >>> TERM_SET.make_row(name="b", go_id="GO:1", relation_path="", term_class="target")
        ('GO:1', 'target', '', 'b')
        """
        cells = {**self._taxa, **cells}
        if cells.keys() != self._names:
            wrong = sorted(self._names ^ cells.keys())
            raise TypeError(f"expected the columns of {self.name}, got others: {', '.join(wrong)}")
        return tuple(map(cells.__getitem__, self.column_names))

    def make_partial_row(self, **cells: object) -> tuple[Any, ...]:
        """Return the cells, given by name, in the order of the columns; the others are None.

        Raises:
            TypeError: A name is no column.
        """
        return self.make_row(**dict.fromkeys(self.column_names) | cells)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.column_names)

    @cached_property
    def _taxa(self) -> dict[str, None]:
        """The columns of taxa that follow from organisms, each without a value."""
        return {
            name: None for name in self.column_names if TAXON_COLUMNS.get(name) in self.column_names
        }


def read_columns_file(path: Path) -> dict[str, tuple[Column, ...]]:
    """Return the columns of each table, in the order of a file like columns.tsv."""
    columns: dict[str, tuple[Column, ...]] = {}
    types = get_args(ColumnType)
    _, *lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 2):
        table, name, kind, description = line.split("\t")
        if kind not in types:
            expected = ", ".join(types)
            raise ValueError(f"{path}:{number}: expected one of {expected}, got {kind!r}")
        column = Column(name, cast(ColumnType, kind), description)
        columns[table] = (*columns.get(table, ()), column)
    return columns


_COLUMNS = read_columns_file(Path(__file__).with_name("columns.tsv"))


def _define(name: str, key: tuple[str, ...], description: str) -> Table:
    """Return a table with its columns."""
    return Table(name, key, description, _COLUMNS[name])


ORGANISMS = _define(
    "organisms",
    ("organism_id",),
    "One row for each organism with a kept annotation line, and for each organism named with "
    "--organism.",
)
GENE_PRODUCTS = _define(
    "gene_products",
    ("organism_id", "object_id"),
    "One row for each gene product with a line in the term set, or with a NOT on an ancestor of "
    "the target. Every column is computed from its rows in `annotations`.",
)
ANNOTATIONS = _define(
    "annotations",
    ("organism_id", "object_id", "go_id"),
    "Every annotation line in the term set, and every NOT line on an ancestor (is_a, part_of) of "
    "the target; repeated lines are repeated. Lines with the same key are sorted by the whole row.",
)
PROFILE = _define(
    "profile",
    ("go_id", "organism_id"),
    "One row for each term and organism with a propagated gene product, ancestors and roots "
    "included. Only supporting lines count.",
)
TERMS = _define(
    "terms", ("go_id",), "One row for each term of `profile`, over the compared organisms."
)
INPUTS = _define(
    "inputs",
    ("source_file",),
    "One row for each input file: n_lines = n_header + n_blank + n_kept + n_filtered + n_rejected.",
)
REJECTIONS = _define(
    "rejections", ("source_file", "reason"), "Refused lines, by file and reason of the refusal."
)
FINDINGS = _define(
    "findings",
    ("source_file", "rule", "finding", "value"),
    "Findings of the rules, by file: lines that were refused or repaired, warnings and "
    "information. [rules.md](rules.md) describes the rules.",
)
TERM_SET = _define("term_set", ("go_id",), "The target, its descendants and its regulators.")

CONTEXT = _define(
    "context",
    ("organism_id", "object_id", "go_id"),
    "Annotation lines outside the term set that statistics need: all lines of the target's gene "
    "products, and every line with a component's family or symbol. Equal lines are one row.",
)
TERM_SETS = _define(
    "term_sets",
    ("organism_id", "go_ids"),
    "The distinct sets of directly annotated terms of gene products, for the organisms of "
    "`similarity_depth`.",
)

RATES = _define(
    "rates",
    ("organism_id",),
    "Gene products with the target per 1,000 gene products in its aspect, alone and compared with "
    "all other organisms.",
)
PAIRWISE = _define(
    "pairwise",
    ("evidence_group", "organism_a", "organism_b"),
    "Comparison of two organisms by gene products with the target, for each evidence group. "
    "Descriptive.",
)
SIMILARITY = _define(
    "similarity",
    ("aspect", "evidence", "organism_a", "organism_b"),
    "Similarity of the sets of terms annotated in two organisms.",
)
SIMILARITY_DEPTH = _define(
    "similarity_depth",
    ("aspect", "organism_a", "organism_b"),
    "Rarefied similarity: the same number of gene products is drawn from each organism, in several "
    "rounds.",
)
ENRICHMENT = _define(
    "enrichment",
    ("organism_id", "variant", "aspect", "p_value", "go_id"),
    "Terms that are over-represented among the gene products with the target, within one organism "
    "and aspect.",
)
ENRICHMENT_FAMILIES = _define(
    "enrichment_families",
    ("organism_id", "variant", "aspect"),
    "Size and power of each family of enrichment tests.",
)
ROBUSTNESS = _define(
    "robustness",
    ("organism_id", "kind", "source"),
    "Sensitivity analysis: verdict and counts of an organism without one source of evidence.",
)
ROBUSTNESS_SETS = _define(
    "robustness_sets",
    ("organism_id", "number"),
    "All minimal sets of entries without which the verdict changes (minimal hitting sets).",
)
COMPONENTS = _define(
    "components",
    ("component", "organism_id"),
    "Components of the machinery in each organism. A component that is not found may exist: a "
    "family is visible only where it gave a term.",
)
COMPONENT_MEMBERS = _define(
    "component_members",
    ("component", "organism_id", "object_id"),
    "Gene products that match a component, and how they match.",
)
CANDIDATES = _define(
    "candidates",
    ("organism_id", "object_id", "component"),
    "Gene products that match a component but do not have the target: candidates for inspection, "
    "not a claim.",
)
NEIGHBOURS = _define(
    "neighbours",
    ("go_id", "organism_id"),
    "Counts of the parents and siblings of the target, which may be annotated in its place.",
)
SLIM = _define(
    "slim",
    ("go_id", "organism_id"),
    "Gene products of each term of a subset of GO (`--slim`) in each compared organism; terms of a "
    "subset overlap, so their numbers do not add up. Without the option it has no rows.",
)
SETS = _define(
    "sets",
    ("scope", "aspect", "counting", "rank"),
    "Observed exclusive intersections: terms annotated in exactly these organisms and in no other.",
)
STATISTICS_NOTES = _define(
    "statistics_notes",
    ("table", "subject", "key"),
    "Caveats of the statistics: limits, samples, seeds, pools and reasons for empty tables.",
)
RUNS = _define(
    "runs",
    ("run_id",),
    "The run itself, in one row: its question, inputs, results in numbers and versions. All other "
    "tables have the same bytes for the same inputs; here `run_id`, `created` and the versions say "
    "when and by what the run was made.",
)
ANNOTATION_LINES = _define(
    "annotation_lines",
    ("organism_id", "source_file"),
    "Every annotation that was understood, in the order of the files: what `gafreduce convert --to "
    "parquet` writes, in a folder for each organism (`organism_id=ID/`).",
)
TERM_ANCESTORS = _define(
    "term_ancestors",
    ("go_id", "ancestor_id"),
    "Every term of an ontology with itself and its ancestors: what `gafreduce convert --ancestors` "
    "writes. Terms that the ontology does not have are in no row.",
)


def _by_name(*tables: Table) -> dict[str, Table]:
    return {table.name: table for table in tables}


#: Tables made from the output of the first job.
CORE_TABLES = _by_name(
    *(ORGANISMS, GENE_PRODUCTS, ANNOTATIONS, PROFILE, TERMS),
    *(INPUTS, REJECTIONS, FINDINGS, TERM_SET),
)
#: Tables made from the output of the second job, in memory only, for statistics.
CONTEXT_TABLES = _by_name(CONTEXT, TERM_SETS)
#: Tables of the statistics. Formulas, sources and traps: docs/statistics.md
STATISTICS_TABLES = _by_name(
    *(RATES, PAIRWISE, SIMILARITY, SIMILARITY_DEPTH, ENRICHMENT, ENRICHMENT_FAMILIES),
    *(ROBUSTNESS, ROBUSTNESS_SETS, COMPONENTS, COMPONENT_MEMBERS, CANDIDATES, NEIGHBOURS),
    *(SLIM, SETS, STATISTICS_NOTES),
)
#: Tables whose bytes depend on the inputs and the options alone.
TABLES = CORE_TABLES | STATISTICS_TABLES
#: Tables of the run itself.
RUN_TABLES = _by_name(RUNS)
#: Tables beside run folders, which `gafreduce convert` writes.
CONVERTED_TABLES = _by_name(ANNOTATION_LINES, TERM_ANCESTORS)
#: All tables of a run folder.
ALL_TABLES = TABLES | RUN_TABLES
