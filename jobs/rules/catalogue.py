"""GO's rules for annotations, as far as a reader of annotation files can decide them.

Each rule of this program has a word of its own, since GO's rules hold several conditions at once;
its function stands in `rules_of_terms` or `rules_of_cells`, or it is decided where a line is read.
docs/rules.md is made from this module.

Source: https://github.com/geneontology/go-site/tree/master/metadata/rules (November 2026)
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, NamedTuple, Tuple

from gafreduce.errors import UsageError

#: What is done about a line, from the gravest: refused; read in another way; kept and named.
SEVERITIES = ("reject", "repair", "warn", "info")
REJECT, REPAIR, WARN, INFO = SEVERITIES

#: What a rule asks of the ontology; other needs are marks of the term file.
ONTOLOGY = "ontology"
#: A rule over all lines of a gene product: a run with --scope target, which leaves terms out,
#: does not ask it.
ACROSS_LINES = "across_lines"


class RuleError(UsageError):
    """A rule was named that is none."""


class Finding(NamedTuple):
    """What a rule has to say of a line."""

    word: str  # of RULES
    value: str = ""  # what is wrong, where it is worth a row of its own: an id, a column
    becomes: str = ""  # what it is read as, of a repair


class Rule(NamedTuple):
    """A condition, and what is done when it does not hold."""

    word: str
    rule: str  # GORULE id; empty for what GO has no rule for
    severity: str
    title: str
    why: str
    needs: str = ""  # ONTOLOGY, ACROSS_LINES or a mark of the term file: not asked without it

    @property
    def link(self) -> str:
        """Where GO describes the rule, the first of several; empty for our own."""
        number = self.rule.partition(",")[0].partition(":")[2]
        return f"{_RULES_URL}/gorule-{number}.md" if number else ""


_RULES_URL = "https://github.com/geneontology/go-site/blob/master/metadata/rules"


def _read(text: str) -> Tuple[Rule, ...]:
    """Return the rules of lines `word rule severity needs title | why`; more of it is indented."""
    rules = []
    for line in text.strip().replace("\n  ", " ").splitlines():
        word, rule, severity, needs, rest = line.split(None, 4)
        title, why = rest.split(" | ")
        rule = rule.strip("-").replace(",", ", ")
        rules.append(Rule(word, rule, severity, title, why, needs.strip("-")))
    return tuple(rules)


_ALL = _read(
    """
too_few_columns GORULE:0000001 reject - a line has the columns of its format | without them nobody
  can tell which cell is which
not_two_columns GORULE:0000001 reject - a line of a list of ids has two columns | more or fewer
  make it another kind of file
no_object_id GORULE:0000001 reject - database and id of the gene product are filled | the line
  says nothing of any gene product
control_character GORULE:0000001 reject - no control characters in database and id | they are
  damage, and would break sorting
bad_taxon GORULE:0000027 reject - the first taxon is a taxon id | the organism is known by nothing
  else
bad_go_id GORULE:0000027 reject - the term is `GO:` and seven digits | anything else names no term
unknown_gene_product GORULE:0000027 reject - a gene product of GPAD stands in its GPI file | its
  taxon is said nowhere else
nd_not_on_root GORULE:0000011 reject ontology ND stands on the three root terms only | ND says
  that nothing is known; on another term it contradicts itself
ikr_without_not GORULE:0000042 reject - IKR needs NOT | it says that key residues, and so the
  function, are missing
obsolete_dropped GORULE:0000020 reject ontology no obsolete terms, with --obsolete drop | only
  asked for by that option; never counted against --max-rejected
repaired_go_id GORULE:0000020 repair ontology the term is current; merged and replaced ids are
  read as what they became | the statement holds for the term that took its place
aspect_corrected GORULE:0000028 repair ontology the aspect is the term's own | the ontology knows
  the aspect of each term
obsolete_go_id GORULE:0000020 warn ontology an obsolete term has a replacement | `consider` is a
  guess and is not taken; the term has no ancestors
unknown_go_id GORULE:0000027 warn ontology the term is in the ontology | an ontology of another
  date, a mistyped id, or one that several terms claim; it has no ancestors
unknown_evidence GORULE:0000001 warn - the evidence code or ECO id is one of GO's | what is not
  known proves nothing: it is counted as unstated
ambiguous_eco_id - warn - an ECO id stands for one code | GO's mapping gives it two codes; the
  weaker one is taken
refused_in_part - warn - all annotations of a line can be understood | those of the line that must
  be refused, for the reason given, are left out; the others are kept
missing_value GORULE:0000001 warn - the columns that the format requires are filled | such a line
  can't be traced to its source
too_many_columns GORULE:0000001 warn - a line has no more columns than its format | what stands in
  them is not read
bad_date GORULE:0000001 warn - the date is YYYYMMDD | other spellings are kept and not read
odd_taxon GORULE:0000027 warn - taxa are `taxon:` and a number, one or two of them | other prefixes
  are read as well; a second taxon that can't be read is left out
bad_aspect GORULE:0000001 warn - the aspect is P, F or C | the ontology's is taken
bad_extension GORULE:0000001 warn - an annotation extension is RELATION(ID), several with commas
  or bars between | what narrows a statement must be readable; the line is kept as it is
bad_reference GORULE:0000027 warn - a reference is DB:ID, and that of PubMed a number | nobody can
  look it up
unknown_relation GORULE:0000061 warn - the relation is one of GO's | it is kept and counted apart:
  it supports nothing
relation_not_allowed GORULE:0000061 warn ontology the relation is one that the term allows | each
  aspect, the roots and complexes have their own relations
iep_not_on_process GORULE:0000006 warn ontology IEP and HEP stand on processes only | expression
  shows neither a function nor a place
too_general_term GORULE:0000008 warn gocheck_do_not_annotate the term is not one that GO says is
  too general | the line says next to nothing
root_without_nd GORULE:0000011 warn ontology a root term has the evidence ND | that something has
  some function is known without evidence
dual_taxon GORULE:0000015 warn interspecies two taxa stand on terms between organisms only |
  elsewhere the second taxon means nothing
ic_without_go_id GORULE:0000016 warn - IC names a GO id in With/From | a curator infers from
  another annotation: which one?
obsolete_go_ref GORULE:0000030 warn - no GO_REF that GO has declared obsolete | the method is no
  longer used or has another number
complex_on_complex GORULE:0000039 warn complex a complex does not stand on a complex term | it
  would be a part of itself
self_reference GORULE:0000050 warn - ISS, ISA and ISO do not name the gene product itself |
  similarity to itself is no evidence
iss_without_source GORULE:0000063 warn - ISS, ISA and ISO name a source in With/From | similar to
  what?
obsoletion_candidate GORULE:0000065 warn gocheck_obsoletion_candidate the term is not about to
  become obsolete | the next ontology won't have it
process_and_regulation GORULE:0000036 warn across_lines a gene product takes part in a process or
  regulates it | few do both: one of the two is often a mistake
nd_beside_others GORULE:0000054 warn across_lines ND stands alone in its aspect | nothing is
  known, and yet something is
iba_of_others GORULE:0000026,GORULE:0000037 info - IBA comes from GO_Central and its reference |
  explains differences to what GO shows
no_public_reference GORULE:0000033 info - one reference is PMID, PMC, DOI or GO_REF | only the
  group that made it can look it up
several_references GORULE:0000055 info - one reference of each kind | two of a kind are two
  publications
"""
)

RULES: Dict[str, Rule] = {rule.word: rule for rule in _ALL}

#: Rules of GO's that are not asked, and why.
LEFT_OUT: Dict[str, str] = {
    "GORULE:0000013": "taxon constraints: needs NCBI's taxonomy and the constraints of go-plus",
    "GORULE:0000022": "retracted papers: needs PubMed's list of them, which changes daily",
    "GORULE:0000027 (databases)": "prefixes and groups against GO's lists db-xrefs and groups, "
    "which change and are not shipped",
    "GORULE:0000038": "needs the annotations of the gene products named in With/From, often of "
    "other files",
    "GORULE:0000043": "GO says itself that its list of codes for each GO_REF is not complete",
    "GORULE:0000058": "needs GO's list of allowed extensions; their syntax is checked "
    "(`bad_extension`)",
    "GORULE:0000064": "TreeGrafter lines of reference species: needs GO's list of those species",
    "GORULE:0000002, 4, 5, 7, 9, 17-19, 23-25, 46, 47, 49, 51, 53, 56": "for those who make "
    "annotations, not for those who read them",
    "GORULE:0000003, 10, 14, 21, 29, 31, 32, 35, 44, 45, 48, 57, 59, 62": "deprecated, or about "
    "how GO makes its own files",
}


def is_asked(rule: Rule, marks: Iterable[str], has_ontology: bool) -> bool:
    """Tell whether a rule can be decided.

    Args:
        rule: The rule.
        marks: Those of the term file.
        has_ontology: Whether there is an ontology.
    """
    if not rule.needs or rule.needs == ACROSS_LINES:
        return has_ontology or not rule.needs
    return has_ontology and (rule.needs == ONTOLOGY or rule.needs in marks)


def words_of(names: Iterable[str]) -> FrozenSet[str]:
    """Return the words of the rules that are named by word, by GORULE id, or `all`.

    >>> sorted(words_of(["GORULE:0000011"]))
    ['nd_not_on_root', 'root_without_nd']

    Raises:
        RuleError: A name is none.
    """
    found = set()
    for name in names:
        words = {rule.word for rule in _ALL if _is_named(rule, name.strip())}
        if not words:
            raise RuleError(
                f"expected rules such as GORULE:0000020, unknown_go_id or all, got {name[:100]!r} "
                "(docs/rules.md lists them)"
            )
        found |= words
    return frozenset(found)


def strict_words(names: Iterable[str]) -> FrozenSet[str]:
    """Return the words of the named rules whose lines can be refused besides; `all`: of warnings.

    Raises:
        RuleError: A name is none, or none of its rules can be decided of a single annotation.
    """
    found = set()
    for name in names:
        words = {
            word
            for word in words_of([name])
            if RULES[word].severity != REJECT
            and RULES[word].needs != ACROSS_LINES
            and word != "refused_in_part"
            and (name != "all" or RULES[word].severity == WARN)
        }
        if not words:
            raise RuleError(
                f"expected a rule whose lines are kept otherwise, got {name!r} (docs/rules.md)"
            )
        found |= words
    return frozenset(found)


def _is_named(rule: Rule, name: str) -> bool:
    ids: Tuple[str, ...] = tuple(rule.rule.split(", "))
    return name in ("all", rule.word) or (bool(name) and name.upper() in ids)
