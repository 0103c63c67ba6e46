"""How solid a verdict is: verdict and counts with each source of evidence left out.

Formulas and traps: docs/statistics.md#robustness
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import pandas as pd

from jobs.evidence import CURATED, NO_DATA
from jobs.gene_product import Facts, GeneProduct
from jobs.organism import COUNTS, Organism
from jobs.relations import supports
from jobs.rows import Row as AnnotationRow
from ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES
from reports import frames, verdicts
from reports.frames import Note, Row
from reports.sources import Alternatives, alternatives, database
from reports.statistics_columns import ROBUSTNESS, ROBUSTNESS_SETS

#: An organism with more lines in the closure has a target so broad that no single source decides.
MAX_LINES = 50_000
#: With/From entries that are left out one by one: those of most lines, ties by bytes.
MAX_ENTRIES = 50
MAX_SETS = 100
#: Beyond this a smallest set is a list that nobody reads, and the search for it long.
MAX_REMOVED = 200
MAX_CHOICES = 20

_GROUPS_OF_VERDICT = {
    "experimental": ("experimental",),
    "high_throughput": ("high_throughput",),
    "curated": CURATED,
    "electronic_only": ("electronic",),
    "unstated_only": ("unstated",),
}
_READ = (
    "object_id",
    "go_id",
    "term_class",
    "relation",
    "negated",
    "evidence_code",
    "evidence_group",
    "reference",
    "with_from",
    "assigned_by",
    "annotation_extension",
    "gene_product_form",
)


@dataclass(frozen=True)
class Line:
    """An annotation line of the closure, and what it rests on."""

    object_id: str
    row: AnnotationRow
    with_from: Alternatives
    references: Alternatives

    @classmethod
    def of(cls, cells: Mapping[str, object]) -> Line:
        """Return the line of a row of `annotations`."""
        known = {name: str(value) for name, value in cells.items() if name != "object_id"}
        known["negated"] = "true" if cells["negated"] else "false"
        blank = dict.fromkeys(AnnotationRow._fields, "")
        # As written and repaired are told apart for a flag only, which plays no part here.
        row = AnnotationRow(**blank | known | {"annotated_go_id": known["go_id"]})
        return cls(
            str(cells["object_id"]),
            row,
            alternatives(row.with_from),
            alternatives(row.reference),
        )

    @property
    def negated(self) -> bool:
        """Whether it is a NOT line: these never fall."""
        return self.row.negated == "true"

    @property
    def supports_target(self) -> bool:
        """Whether it says that the product takes part in the target."""
        return self.row.term_class in SUPPORTING_CLASSES and self._supports

    @property
    def supports_regulator(self) -> bool:
        """Whether it says that the product regulates the target."""
        return self.row.term_class in REGULATOR_CLASSES and self._supports

    @property
    def has_other_relation(self) -> bool:
        """Whether it is positive on the target by a relation that does not support."""
        return self.row.term_class in SUPPORTING_CLASSES and self._states and not self._supports

    @property
    def _states(self) -> bool:
        return not self.negated and self.row.evidence_group != NO_DATA

    @property
    def _supports(self) -> bool:
        return self._states and supports(self.row.relation)

    @property
    def rests_on(self) -> Alternatives:
        """With/From, or the references of a line without any."""
        return self.with_from or self.references

    def falls_without(self, removed: Callable[[str], bool], by: Alternatives) -> bool:
        """Tell whether every alternative lacks an entry that it needs."""
        return not self.negated and bool(by) and all(any(map(removed, together)) for together in by)


Left = Callable[[Line], bool]


@dataclass(frozen=True)
class Evidence:
    """All lines of one organism, by gene product."""

    taxon: int
    verdict_word: str  # of the table `organisms`
    products: Mapping[str, Sequence[Line]]

    @property
    def lines(self) -> Iterator[Line]:
        """All lines."""
        return (line for lines in self.products.values() for line in lines)

    def negative_regulators(self) -> set[str]:
        """Return the products with a supporting line on a negative regulator term."""
        return {
            line.object_id
            for line in self.lines
            if line.supports_regulator and line.row.term_class == "negative_regulator"
        }


def _facts(object_id: str, lines: Iterable[Line]) -> Facts:
    """Return what a gene product's lines add up to, as the job does."""
    product = GeneProduct(object_id)
    for line in lines:
        product.add(line.row)
    return product.facts()


def _counts(facts: Iterable[Facts], verdict_word: str) -> dict[str, int]:
    """Return the organism's sums, as the job makes them."""
    organism = Organism()
    for of_product in facts:
        organism.add_facts(of_product)
    counts = dict(zip(COUNTS, map(int, organism.encode().split()), strict=True))
    # With lines in the closure left out, lines elsewhere in the aspect are still there.
    counts["n_aspect_no_data"] = 1
    counts["n_aspect_other"] = int(verdict_word != "no_data")
    return counts


def _scenarios(evidence: Evidence) -> Iterator[tuple[str, str, Left]]:
    """Return kind, source and what is left of each way to leave a source out."""
    positive = [line for line in evidence.lines if not line.negated]
    regulating = evidence.negative_regulators()
    yield "none", "", lambda line: True
    yield "electronic", "", lambda line: line.negated or line.row.evidence_group != "electronic"
    if any(line.row.term_class == "core" for line in positive):
        yield "core_terms", "", lambda line: line.negated or line.row.term_class != "core"
    if regulating:
        yield "negative_regulators", "", lambda line: line.object_id not in regulating
    entries = Counter(e for line in positive for e in frozenset().union(*line.with_from))
    references = {r for line in positive for r in frozenset().union(*line.references)}
    for source in sorted(r for r in references if database(r) == "GO_REF"):
        yield "reference", source, _without(source.__eq__, "references")
    for source in sorted(set(map(database, entries))):
        yield "with_database", source, _without(_in_database(source), "with_from")
    most = sorted(entries, key=lambda entry: (-entries[entry], entry))[:MAX_ENTRIES]
    for source in sorted(most):
        yield "with_entry", source, _without(source.__eq__, "with_from")
    for source in sorted({line.row.assigned_by for line in positive} - {""}):
        yield "assigned_by", source, _not_assigned_by(source)


def _in_database(name: str) -> Callable[[str], bool]:
    return lambda entry: database(entry) == name


def _without(removed: Callable[[str], bool], column: str) -> Left:
    return lambda line: not line.falls_without(removed, getattr(line, column))


def _not_assigned_by(source: str) -> Left:
    return lambda line: line.negated or line.row.assigned_by != source


def robustness_rows(evidence: Evidence) -> Iterator[Row]:
    """Return the rows of `robustness` of one organism, the first with nothing left out."""
    whole = {object_id: _facts(object_id, of) for object_id, of in evidence.products.items()}
    before = _counts(whole.values(), evidence.verdict_word)
    word = verdicts.verdict(before)
    n_before = sum(len(lines) for lines in evidence.products.values())
    for kind, source, is_left in _scenarios(evidence):
        left = {
            object_id: [line for line in lines if is_left(line)]
            for object_id, lines in evidence.products.items()
        }
        facts = [
            whole[object_id]
            if len(lines) == len(evidence.products[object_id])
            else _facts(object_id, lines)
            for object_id, lines in left.items()
        ]
        after = _counts(facts, evidence.verdict_word)
        new_word = verdicts.verdict(after)
        yield (
            evidence.taxon,
            kind,
            source,
            new_word,
            new_word != word,
            after["n_target_annotations"],
            after["n_target_gene_products"],
            after["n_regulator_gene_products"],
            n_before - sum(map(len, left.values())),
            before["n_target_gene_products"] - after["n_target_gene_products"],
            _databases(line for lines in left.values() for line in lines),
        )


def _databases(lines: Iterable[Line]) -> list[str]:
    """Return the databases that supporting target lines name, `none` for lines that name none."""
    named: set[str] = set()
    for line in lines:
        if line.supports_target:
            found = {database(entry) for together in line.with_from for entry in together}
            named |= found or {"none"}
    return sorted(named)


def smallest_sets(evidence: Evidence) -> Iterator[Row]:
    """Return the rows of `robustness_sets` of one organism.

    The verdict changes exactly when every line that decides it falls: those of its evidence group
    on positive products (or of the conflicting products, the other relations, the regulators).
    Such a line falls when each of its alternatives loses an entry, so that a smallest set is a
    smallest hitting set of all alternatives: entries that stand alone are forced, the others are
    searched.
    """
    whole = {object_id: _facts(object_id, of) for object_id, of in evidence.products.items()}
    word = verdicts.verdict(_counts(whole.values(), evidence.verdict_word))
    deciding = _deciding(evidence, word, whole)
    wanted = {together for line in deciding for together in line.rests_on}
    if not deciding or any(not line.rests_on for line in deciding):
        reason = "only_negations" if word == "negated" else "nothing_to_remove"
        yield _no_set(evidence.taxon, word, reason)
        return
    found = hitting_sets(wanted)
    if found is None:
        yield _no_set(evidence.taxon, word, "too_many_entries")
        return
    for number, removed in enumerate(found[:MAX_SETS], start=1):
        left = (
            _facts(
                object_id,
                [x for x in lines if not x.falls_without(removed.__contains__, x.rests_on)],
            )
            for object_id, lines in evidence.products.items()
        )
        after = verdicts.verdict(_counts(left, evidence.verdict_word))
        yield (
            evidence.taxon,
            number,
            len(found),
            len(removed),
            sorted(removed),
            word,
            after,
            "",
        )


def _no_set(taxon: int, word: str, reason: str) -> Row:
    return (taxon, 1, 0, None, "", word, "", reason)


def _deciding(evidence: Evidence, word: str, facts: Mapping[str, Facts]) -> list[Line]:
    """Return the lines that must all fall for the verdict to change."""
    lines = list(evidence.lines)
    if word == "conflicting":
        return [
            line
            for line in lines
            if line.supports_target and facts[line.object_id].status == "conflicting"
        ]
    if word == "other_relation_only":
        return [line for line in lines if line.has_other_relation]
    if word == "regulators_only":
        return [line for line in lines if line.supports_regulator]
    return [
        line
        for line in lines
        if line.supports_target
        and line.row.evidence_group in _GROUPS_OF_VERDICT.get(word, ())
        and facts[line.object_id].status == "positive"
    ]


def hitting_sets(families: Set[frozenset[str]]) -> list[frozenset[str]] | None:
    """Return all smallest sets that share an entry with each family, sorted; None beyond the caps.

    >>> [sorted(s) for s in hitting_sets({frozenset("a"), frozenset("bc"), frozenset("ab")})]
    [['a', 'b'], ['a', 'c']]
    """
    forced = frozenset().union(*(family for family in families if len(family) == 1))
    rest = sorted({family for family in families if not family & forced}, key=sorted)
    if len(forced) > MAX_REMOVED or len(rest) > MAX_CHOICES:
        return None
    size = 0
    while True:
        found = set(_search(rest, frozenset(), size))
        if found:
            return sorted((forced | chosen for chosen in found), key=sorted)
        size += 1


def _search(
    families: Sequence[frozenset[str]], chosen: frozenset[str], left: int
) -> Iterator[frozenset[str]]:
    """Return the sets that hit every family with at most so many further entries."""
    missed = next((family for family in families if not family & chosen), None)
    if missed is None:
        yield chosen
    elif left:
        for entry in sorted(missed):
            yield from _search(families, chosen | {entry}, left - 1)


def robustness_tables(
    annotations: pd.DataFrame, organisms: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return `robustness`, `robustness_sets` and what must be said with them.

    Every compared organism has rows, incomplete ones too: sources are left out of what is there.

    Args:
        annotations: The table `annotations`.
        organisms: The table `organisms`.
    """
    columns = ("taxon_id", "compared", "verdict")
    words = {taxon: word for taxon, chosen, word in frames.rows(organisms, columns) if chosen}
    products: defaultdict[int, defaultdict[str, list[Line]]]
    products = defaultdict(lambda: defaultdict(list))
    kept = annotations[annotations["taxon_id"].isin(list(words))]
    sizes = Counter(frames.column(kept, "taxon_id"))
    broad = {taxon for taxon, size in sizes.items() if size > MAX_LINES}
    for taxon, *cells in frames.rows(kept, ("taxon_id", *_READ)):
        if taxon not in broad:
            line = Line.of(dict(zip(_READ, cells, strict=True)))
            products[taxon][line.object_id].append(line)
    made: list[Row] = []
    sets: list[Row] = []
    for taxon in sorted(set(words) - broad):
        evidence = Evidence(taxon, words[taxon], products[taxon])
        made += robustness_rows(evidence)
        sets += smallest_sets(evidence)
    notes = [Note("robustness", "", "max_entries", str(MAX_ENTRIES))]
    notes += [
        Note("robustness", str(taxon), "reason", f"more_than_{MAX_LINES}_lines")
        for taxon in sorted(broad)
    ]
    return frames.frame(ROBUSTNESS, made), frames.frame(ROBUSTNESS_SETS, sets), notes
