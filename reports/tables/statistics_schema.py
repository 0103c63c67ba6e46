"""The contract of the statistics tables, in the style of reports/tables/schema.py.

`INPUTS` are the tables that the statistics need besides those of schema.py; `TABLES` are
what they give. Formulas, sources and traps: docs/statistics.md
"""

from __future__ import annotations

from gafreduce.reports.tables.schema import Column, Table


def _columns(text: str) -> tuple[Column, ...]:
    """Return the columns described by lines of `name type meaning`; indented lines go on."""
    lines = text.strip().replace("\n  ", " ").splitlines()
    return tuple(Column(*line.split(None, 2)) for line in lines)


CONTEXT = Table(
    "context",
    ("taxon_id", "object_id", "go_id"),
    "Annotation lines beyond the closure that statistics need: all of the target's gene products, "
    "and every line that carries a component's family or symbol; alike lines counted.",
    _columns(
        """
taxon_id integer NCBI taxonomy id: the first taxon of a line
object_id text `DB:DB_Object_ID`
go_id text primary id after repair
relation text lower case, without NOT; empty when not stated
negated boolean NOT in column 4
evidence_code text as written, upper case
evidence_group text group of the code
reference text raw column 6
with_from text raw column 8
assigned_by text as written
symbol text as written
name text as written
synonyms text raw column 11
object_type text as written
takes_part boolean the relation says that the product takes part
n_annotations integer lines that are alike in all other columns
"""
    ),
)

TERM_SETS = Table(
    "term_sets",
    ("taxon_id", "go_ids"),
    "The distinct sets of directly annotated terms, of the organisms whose depth is compared.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
go_ids texts current terms with a supporting line, as annotated: not propagated
n_gene_products integer distinct gene products with exactly this set
"""
    ),
)

RATES = Table(
    "rates",
    ("taxon_id",),
    "Gene products with the target per 1,000 in its aspect, and against the pooled others.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
n_target_gene_products integer distinct gene products with a supporting target line
n_in_aspect integer distinct gene products with a supporting line in the target's aspect
rate_per_1000 float 1000 x the first / the second
rate_low float lower end of its Wilson 95 % interval
rate_high float upper end of its Wilson 95 % interval
n_target_others integer the first, summed over all other compared and complete organisms
n_in_aspect_others integer the second, summed likewise
fold float rate / pooled rate of the others
reason text why numbers are empty: incomplete, no_gene_products_in_aspect, no_other_organism,
  none_in_other_organisms
"""
    ),
)

PAIRWISE = Table(
    "pairwise",
    ("evidence_group", "taxon_a", "taxon_b"),
    "Two organisms, one kind of evidence: who has more gene products with the target. Descriptive.",
    _columns(
        """
evidence_group text `all`, or the one group whose lines count
taxon_a integer the smaller taxonomy id
taxon_b integer the larger one
n_target_a integer gene products of a with a supporting target line of this group
n_in_aspect_a integer gene products of a with a supporting line of any group in the target's aspect
n_target_b integer the same for b
n_in_aspect_b integer the same for b
odds_ratio float conditional maximum likelihood; above 1: more in a; inf when b has none; empty
  when neither or both have all
odds_ratio_low float lower end of its exact 95 % interval
odds_ratio_high float upper end; inf when b has none
p_value float Fisher's exact test, two-sided
q_value float Benjamini-Hochberg over the pairs of this group
smallest_attainable_p float the p of the most extreme table with these margins
"""
    ),
)

SIMILARITY = Table(
    "similarity",
    ("aspect", "evidence", "taxon_a", "taxon_b"),
    "How alike two organisms' sets of terms are.",
    _columns(
        """
aspect text P, F or C
evidence text `all`, or `non_electronic`: terms with a supporting line of a stated group other
  than electronic
taxon_a integer the smaller taxonomy id
taxon_b integer the larger one
n_direct_a integer terms annotated directly in a
n_direct_b integer the same in b
n_direct_shared integer terms annotated directly in both
jaccard_direct float shared / either, of direct terms
overlap_direct float shared / smaller, of direct terms
n_closed_a integer terms of a with all their ancestors
n_closed_b integer the same in b
n_closed_shared integer terms of both
sim_ui float shared / either, of closed sets
overlap_closed float shared / smaller, of closed sets
sim_gic float summed information content of shared / of either, of closed sets
pool text id of the pool that information content comes from: see statistics_notes
reason text why numbers are empty: fewer_than_20_terms
"""
    ),
)

SIMILARITY_DEPTH = Table(
    "similarity_depth",
    ("aspect", "taxon_a", "taxon_b"),
    "The same at equal depth: as many gene products drawn from each organism, several times.",
    _columns(
        """
aspect text P, F or C
taxon_a integer the smaller taxonomy id
taxon_b integer the larger one
n_drawn integer gene products drawn from each, without replacement: as many as the smallest has
n_rounds integer draws
sim_ui_low float smallest of the rounds
sim_ui_median float median of the rounds
sim_ui_high float largest of the rounds
jaccard_direct_low float smallest of the rounds
jaccard_direct_median float median of the rounds
jaccard_direct_high float largest of the rounds
reason text why numbers are empty: fewer_than_20_terms
"""
    ),
)

ENRICHMENT = Table(
    "enrichment",
    ("taxon_id", "variant", "aspect", "p_value", "go_id"),
    "Which other terms go with the target's gene products, within one organism and aspect.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
variant text `all`, or `without_negative_regulators`
aspect text P, F or C
p_value float hypergeometric, upper tail
go_id text term, propagated
name text from the ontology
n_study_with_term integer k: target's gene products with the term
n_study integer n: target's gene products with a supporting line in the aspect
n_population_with_term integer K: gene products of the organism with the term
n_population integer N: gene products of the organism with a supporting line in the aspect
n_expected float n K / N
fold float k / expected
odds_ratio float conditional maximum likelihood; inf when all with the term are the target's
odds_ratio_low float lower end of its exact 95 % interval
odds_ratio_high float upper end
q_value float Benjamini-Hochberg within organism, variant and aspect; empty for circular terms and
  outside the family
in_family boolean K >= 2 and the smallest attainable p below alpha: known before k is seen
circular text why the term says nothing new: closure, ancestor, regulator_ancestor or same_entry;
  else empty
n_same_entry integer of k: those with the term only by a With/From entry that also gave them the
  target
object_ids texts the k gene products; at most 100
"""
    ),
)

ENRICHMENT_FAMILIES = Table(
    "enrichment_families",
    ("taxon_id", "variant", "aspect"),
    "What each enrichment could find at all.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
variant text `all`, or `without_negative_regulators`
aspect text P, F or C
n_study integer target's gene products with a supporting line in the aspect
n_population integer gene products of the organism with one
n_terms integer terms of the population with K >= 2
n_family integer those whose smallest attainable p is below alpha: the family of the q values
smallest_attainable_p float over those terms
alpha float 0.05
n_below_alpha integer terms with q below alpha
reason text why there is none: incomplete, no_context, broad_target, context_lacks_products,
  no_single_root, no_study, study_is_population
"""
    ),
)

ROBUSTNESS = Table(
    "robustness",
    ("taxon_id", "kind", "source"),
    "Verdict and counts of an organism with one source left out.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
kind text none, electronic, reference, with_database, with_entry, assigned_by, core_terms or
  negative_regulators
source text what is left out; empty for none, electronic, core_terms and negative_regulators
verdict text verdict word of what is left
changes_verdict boolean differs from the verdict with everything
n_target_annotations integer supporting target lines left
n_target_gene_products integer gene products left with one
n_regulator_gene_products integer gene products left with a supporting regulator line
n_annotations_lost integer lines of the closure that fall
n_gene_products_lost integer gene products that lose their last supporting target line
left_by texts With/From databases that the lines left name; `none` for lines that name none
"""
    ),
)

ROBUSTNESS_SETS = Table(
    "robustness_sets",
    ("taxon_id", "number"),
    "All smallest sets of entries whose removal changes the verdict.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
number integer 1 for the first in the order of the entries
n_sets integer smallest sets there are
n_entries integer entries in each of them
entries texts With/From entries; for a line without any, its references
verdict text verdict with everything
verdict_without text verdict without these entries
reason text why there is none: nothing_to_remove, only_negations, too_many_entries
"""
    ),
)

COMPONENTS = Table(
    "components",
    ("component", "taxon_id"),
    "The machinery across organisms. Not found is not absent: a family shows only where it gave "
    "a term.",
    _columns(
        """
component text name from the components file
taxon_id integer NCBI taxonomy id
role text from the components file
required boolean from the components file
found_by text ortholog, family, symbol (a hint only), or empty: the strongest
n_gene_products integer gene products found by any of them
n_by_ortholog integer those in the orthologs file
n_by_family integer those with a line from one of its families
n_by_symbol integer those with its symbol or synonym alone
n_with_target integer of all: those with a supporting target line
evidence_groups texts groups of the lines from its families
object_ids texts the gene products; at most 100
"""
    ),
)

COMPONENT_MEMBERS = Table(
    "component_members",
    ("component", "taxon_id", "object_id"),
    "Each gene product found for a component, and by what.",
    _columns(
        """
component text name from the components file
taxon_id integer NCBI taxonomy id
object_id text `DB:DB_Object_ID`
symbol text the most frequent, ties by byte order
name text the most frequent, ties by byte order
found_by text ortholog, family or symbol: the strongest
matched texts the families and symbols that matched
evidence_groups texts groups of the lines from its families
has_target boolean has a supporting target line
"""
    ),
)

CANDIDATES = Table(
    "candidates",
    ("taxon_id", "object_id", "component"),
    "Gene products with a component's family or symbol but without the target: to look at, not "
    "a claim.",
    _columns(
        """
taxon_id integer NCBI taxonomy id
object_id text `DB:DB_Object_ID`
component text name from the components file
symbol text the most frequent, ties by byte order
name text the most frequent, ties by byte order
found_by text ortholog, family or symbol: the strongest
matched texts the families and symbols that matched
status text its status in gene_products, when it has a line in the closure or a NOT; else empty
go_ids texts terms of its supporting lines in `context`
"""
    ),
)

NEIGHBOURS = Table(
    "neighbours",
    ("go_id", "taxon_id"),
    "The terms next door, with their counts: what may have been annotated instead of the target.",
    _columns(
        """
go_id text parent of the target, or another child of a parent
taxon_id integer NCBI taxonomy id
name text from the ontology
place text parent or sibling
n_gene_products integer distinct gene products, direct
n_gene_products_propagated integer distinct gene products on the term or a descendant
"""
    ),
)

SETS = Table(
    "sets",
    ("scope", "aspect", "counting", "rank"),
    "Observed exclusive intersections: terms annotated in exactly these organisms and no other.",
    _columns(
        """
scope text closure or all
aspect text P, F, C, or all
counting text direct or propagated
rank integer 1 for the largest; ties by more organisms, then by their ids
n_terms integer terms in exactly these organisms
n_organisms integer those organisms
taxon_ids integers those organisms; at most 1,000
go_ids texts the terms
"""
    ),
)

STATISTICS_NOTES = Table(
    "statistics_notes",
    ("table", "subject", "key"),
    "What else must be said with the tables: caps, samples, seeds, pools, reasons for emptiness.",
    _columns(
        """
table text the table it concerns
subject text what of it; empty: all
key text one word
value text its value
"""
    ),
)

INPUTS = {table.name: table for table in (CONTEXT, TERM_SETS)}

TABLES = {
    table.name: table
    for table in (
        RATES,
        PAIRWISE,
        SIMILARITY,
        SIMILARITY_DEPTH,
        ENRICHMENT,
        ENRICHMENT_FAMILIES,
        ROBUSTNESS,
        ROBUSTNESS_SETS,
        COMPONENTS,
        COMPONENT_MEMBERS,
        CANDIDATES,
        NEIGHBOURS,
        SETS,
        STATISTICS_NOTES,
    )
}
