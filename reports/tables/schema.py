"""The contract of the tables: names, types and meanings of every column, in one place.

TSV and Parquet are both written from these definitions, and docs/formats.md is generated from them.
A change to a name or a meaning here is a major version.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

#: Cell types. `texts` and `integers` are lists: unique, sorted, joined by "|" in TSV.
TYPES = ("text", "integer", "float", "boolean", "texts", "integers")


@dataclass(frozen=True)
class Column:
    """One column: its name, its type (of TYPES) and what it says, units included."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One table of the run folder; rows are sorted by the key columns."""

    name: str
    key: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order of the file."""
        return tuple(column.name for column in self.columns)


def _columns(text: str) -> tuple[Column, ...]:
    """Return the columns described by lines of `name type meaning`; more of it is indented."""
    lines = text.strip().replace("\n  ", " ").splitlines()
    return tuple(Column(*line.split(None, 2)) for line in lines)


ORGANISMS = Table(
    "organisms",
    ("taxon_id",),
    "One row per taxon with a kept annotation line, and per taxon named as compared.",
    _columns(
        """
taxon_id integer NCBI taxonomy id: the first taxon of a line
organism text name from the sample sheet, else from --organism-names, else `taxon:ID`
compared boolean takes part in memberships, statistics and the answer
complete boolean false when a file of it was chosen by the outcome (sample sheet)
verdict text verdict word, the first that holds (docs/verdicts.md)
contested boolean an effective NOT on the target, or a conflicting gene product
n_annotations integer annotation lines kept
n_gene_products integer distinct gene products with a kept line
n_terms integer terms with a direct supporting line; empty with --scope target
n_in_aspect integer distinct gene products with a supporting line in the target's aspect
n_target_annotations integer supporting lines on target or core terms
n_target_gene_products integer distinct gene products with such a line
n_target_experimental integer of those, with a line of group experimental (groups overlap)
n_target_high_throughput integer the same for high_throughput
n_target_phylogenetic integer the same for phylogenetic
n_target_computational integer the same for computational
n_target_author integer the same for author
n_target_curator integer the same for curator
n_target_electronic integer the same for electronic
n_target_unstated integer the same for lines whose evidence is not stated
n_regulator_gene_products integer distinct gene products with a supporting line on a regulator term
n_other_relation_gene_products integer distinct gene products with a positive line on target or
  core whose relation does not say that the product takes part
n_negated_gene_products integer distinct gene products with an effective NOT on the target or an
  ancestor of it
n_conflicting_gene_products integer distinct gene products with both an effective NOT and a
  supporting target line
rate_per_1000 float 1000 x n_target_gene_products / n_in_aspect; empty unless compared and complete
rate_low float lower end of its Wilson 95 % interval
rate_high float upper end of its Wilson 95 % interval
best_group text strongest evidence group over gene products with status positive
n_foreign_in_files integer annotation lines of other taxa in files whose main taxon this is
"""
    ),
)

GENE_PRODUCTS = Table(
    "gene_products",
    ("taxon_id", "object_id"),
    "One row per gene product annotated to the closure, or with a NOT on an ancestor of the "
    "target. Every column is computed from its own rows in `annotations`.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
object_id text `DB:DB_Object_ID`
symbol text the most frequent, ties by byte order
name text the most frequent, ties by byte order
object_type text the most frequent, ties by byte order
synonyms texts all of them
status text conflicting, positive, other_relation, negated, regulator or listed
term_classes texts classes of its terms: target, core, positive_regulator, negative_regulator,
  regulator, ancestor
best_group text strongest evidence group of its supporting target lines, else of its supporting
  regulator lines
go_ids texts terms of its rows
evidence_codes texts evidence codes of its rows
n_annotations integer its rows in `annotations`
flags texts what to look at: see docs/formats.md
"""
    ),
)

ANNOTATIONS = Table(
    "annotations",
    ("taxon_id", "object_id", "go_id"),
    "Every annotation line in the closure, and every NOT line on an is_a / part_of ancestor of the "
    "target, each as often as it occurs; then sorted by the whole row.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
object_id text `DB:DB_Object_ID`
go_id text primary id after repair
symbol text as written
term_class text class of the term; `ancestor` for a NOT above the target
annotated_go_id text the id as written
relation text lower case, without NOT; empty when not stated
negated boolean NOT in column 4
evidence_code text as written
evidence_group text group of the code
reference text raw column 6
with_from text raw column 8
assigned_by text as written
date text as written
annotation_extension text raw column 16
gene_product_form text raw column 17
source_file text base name, or the shortest tail of the path that tells inputs apart
aspect text as written
name text as written
synonyms text raw column 11
object_type text as written
interacting_taxon text second taxon of column 13
takes_part boolean the relation says that the product takes part (--qualifier-relations)
line text the original line; tabs replaced by a space
"""
    ),
)

PROFILE = Table(
    "profile",
    ("go_id", "taxon_id"),
    "One row per term and taxon with a propagated gene product; ancestors and roots included; "
    "supporting lines only.",
    _columns(
        """
go_id text primary id
taxon_id integer NCBI taxonomy id
n_annotations integer supporting lines on the term itself
n_gene_products integer distinct gene products, direct
n_gene_products_propagated integer distinct gene products on the term or a descendant (is_a,
  part_of)
n_gene_products_non_electronic integer direct, with a supporting line of a stated group other than
  electronic
"""
    ),
)

TERMS = Table(
    "terms",
    ("go_id",),
    "One row per term of `profile`, over the compared organisms.",
    _columns(
        """
go_id text primary id, or the unknown id as written
name text from the ontology
aspect text P, F or C: the ontology's; column 9 for unknown ids
status text current, obsolete or unknown
term_class text class in the closure; empty outside
n_organisms integer compared organisms with a direct gene product
membership text core, shared or unique; empty when fewer than two are compared or none has it
taxon_ids integers those organisms; at most 1,000, then `...`
n_organisms_propagated integer compared organisms with a propagated gene product
membership_propagated text the same for propagated
taxon_ids_propagated integers the same for propagated
"""
    ),
)

INPUTS = Table(
    "inputs",
    ("source_file",),
    "One row per input file: n_lines = n_header + n_blank + n_kept + n_filtered + n_rejected.",
    _columns(
        """
source_file text base name, or the shortest tail of the path that tells inputs apart
format text as sniffed or forced
compression text plain, gzip, bzip2 or zstd
bytes integer as stored
n_lines integer lines read
n_header integer header and comment lines
n_blank integer empty lines
n_kept integer annotation lines understood
n_rejected integer annotation lines refused
n_filtered integer sound annotation lines that the filters leave out
layout text what the header or the columns say: version, or which column is which
n_taxa integer distinct taxa of kept lines
main_taxon_id integer taxon of most kept lines, ties by number
taxon_ids integers the first 20 by number
"""
    ),
)

REJECTIONS = Table(
    "rejections",
    ("source_file", "reason"),
    "Lines refused, by file and reason.",
    _columns(
        """
source_file text base name, or the shortest tail of the path that tells inputs apart
reason text word of docs/formats.md#rejections
rule text GORULE id, or empty
n_lines integer lines refused
example_1 text first distinct line in byte order, cut to 200 bytes
example_2 text second
example_3 text third
"""
    ),
)

FINDINGS = Table(
    "findings",
    ("source_file", "rule", "finding", "value"),
    "What rules have to say of lines, by file: refused, repaired, warned of or good to know. The "
    "words are those of [rules.md](rules.md).",
    _columns(
        """
source_file text base name, or the shortest tail of the path that tells inputs apart
rule text GORULE id (two joined by a comma), or empty
finding text word of docs/rules.md
value text what is wrong, where each has a row: term ids, a column; `...` for those after 10,000
becomes text what it is read as, of a repair
severity text reject, repair, warn or info
n_lines integer lines; a line can have several findings
example_1 text first distinct line in byte order, cut to 200 bytes
example_2 text second; a row with a value has one
example_3 text third
"""
    ),
)

TERM_SET = Table(
    "term_set",
    ("go_id",),
    "The target, its descendants and its regulators.",
    _columns(
        """
go_id text primary id
term_class text target, core, positive_regulator, negative_regulator or regulator
relation_path text shortest way to the target; empty for the target
name text from the ontology
"""
    ),
)

TABLES = {
    table.name: table
    for table in (
        ORGANISMS,
        GENE_PRODUCTS,
        ANNOTATIONS,
        PROFILE,
        TERMS,
        INPUTS,
        REJECTIONS,
        FINDINGS,
        TERM_SET,
    )
}
