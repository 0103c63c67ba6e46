"""Summarise the rows of one gene product: its status, and its row of `gene_products`."""

from __future__ import annotations

from collections import Counter
from typing import Counter as CounterOf
from typing import Dict, List, NamedTuple, Set, Tuple

from gafreduce.jobs.model import relations
from gafreduce.jobs.model.evidence import GROUPS, NO_DATA
from gafreduce.jobs.records import AnnotationRow
from gafreduce.ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES

_KEYWORDS = ("UniProtKB-KW:", "SP_KW:")


class ProductFacts(NamedTuple):
    """Facts on one gene product for the counts of its organism."""

    n_target_annotations: int
    target_groups: Set[str]
    is_regulator: bool
    has_other_relation: bool
    has_unknown_relation: bool  # in a line on a target or core term, a NOT line included
    is_upstream_or_within: bool  # by such relations alone
    is_negated: bool  # an effective NOT on the target or above it
    is_negated_on_target: bool
    status: str
    best_group: str


class GeneProductRows:
    """Summarises the rows of one gene product, which come in any order."""

    def __init__(self, object_id: str) -> None:
        self._local_id = object_id.partition(":")[2]
        self._n_rows = 0
        self._symbols: CounterOf[str] = Counter()
        self._names: CounterOf[str] = Counter()
        self._object_types: CounterOf[str] = Counter()
        self._synonyms: Set[str] = set()
        self._classes: Set[str] = set()
        self._go_ids: Set[str] = set()
        self._codes: Set[str] = set()
        self._flags: Set[str] = set()
        self._n_supporting: CounterOf[str] = Counter()  # by term class
        self._groups: Dict[str, Set[str]] = {}  # of supporting lines, by term class
        self._n_by_keyword = 0
        self._n_upstream_or_within = 0
        self._has_other_relation = False
        self._has_unknown_relation = False
        self._negated_classes: Set[str] = set()

    def add(self, row: AnnotationRow) -> None:
        """Add a row."""
        self._n_rows += 1
        self._symbols[row.symbol] += 1
        self._names[row.name] += 1
        self._object_types[row.object_type] += 1
        self._synonyms.update(filter(None, row.synonyms.split("|")))
        self._classes.add(row.term_class)
        self._go_ids.add(row.go_id)
        if row.evidence_code:
            self._codes.add(row.evidence_code)
        if row.go_id != row.annotated_go_id:
            self._flags.add("repaired_id")
        is_known = relations.is_known_relation(row.relation)
        if not is_known:
            self._flags.add("unknown_relation")
            if row.term_class in SUPPORTING_CLASSES and row.evidence_group != NO_DATA:
                self._has_unknown_relation = True
        if row.negated == "true":
            self._add_negated(row)
        elif row.evidence_group == NO_DATA:
            self._flags.add("no_data")
        elif row.takes_part == "true":
            self._n_supporting[row.term_class] += 1
            self._groups.setdefault(row.term_class, set()).add(row.evidence_group)
            if row.term_class in SUPPORTING_CLASSES:
                self._n_by_keyword += _is_by_keyword(row.with_from)
                self._n_upstream_or_within += is_upstream_or_within(row.relation)
        elif is_known and row.term_class in SUPPORTING_CLASSES:
            self._has_other_relation = True

    def _add_negated(self, row: AnnotationRow) -> None:
        """Add a NOT: one that negates the target for the product, or one that is only flagged."""
        if row.term_class not in ("target", "ancestor"):
            self._flags.add("not_elsewhere")
        elif row.takes_part != "true":
            is_known = relations.is_known_relation(row.relation)
            self._flags.add(f"not_with_{'other' if is_known else 'unknown'}_relation")
        elif row.annotation_extension:
            self._flags.add("not_with_extension")
        elif not self._names_itself(row.gene_product_form):
            self._flags.add("not_of_isoform")
        else:
            self._negated_classes.add(row.term_class)

    def _names_itself(self, form: str) -> bool:
        """Return whether column 17 is empty or only maps the accession (PR:P37443)."""
        return not form or form.partition(":")[2] == self._local_id

    def summarise(self) -> ProductFacts:
        """Return the facts on the gene product."""
        n_target = sum(self._n_supporting[name] for name in SUPPORTING_CLASSES)
        target_groups = self._groups_of(SUPPORTING_CLASSES)
        regulator_groups = self._groups_of(REGULATOR_CLASSES)
        negated = bool(self._negated_classes)
        if negated and n_target:
            status = "conflicting"
        elif n_target:
            status = "positive"
        elif self._has_other_relation:
            status = "other_relation"
        elif negated:
            status = "negated"
        elif regulator_groups:
            status = "regulator"
        elif self._has_unknown_relation:
            status = "not_understood"
        else:
            status = "listed"
        groups = target_groups or regulator_groups
        return ProductFacts(
            n_target_annotations=n_target,
            target_groups=target_groups,
            is_regulator=bool(regulator_groups),
            has_other_relation=self._has_other_relation,
            has_unknown_relation=self._has_unknown_relation,
            is_upstream_or_within=0 < n_target == self._n_upstream_or_within,
            is_negated=negated,
            is_negated_on_target="target" in self._negated_classes,
            status=status,
            best_group=next((group for group in GROUPS if group in groups), ""),
        )

    def list_regulator_classes(self) -> List[str]:
        """Return the classes of regulators with a supporting line."""
        return [name for name in REGULATOR_CLASSES if self._n_supporting[name]]

    def _groups_of(self, classes: Tuple[str, ...]) -> Set[str]:
        return set().union(*(self._groups.get(name, set()) for name in classes))

    def encode(self, facts: ProductFacts) -> bytes:
        """Return the row of `gene_products` without its first two columns."""
        flags = set(self._flags)
        if facts.n_target_annotations:
            flags.update(f"also_{name}" for name in REGULATOR_CLASSES if self._n_supporting[name])
            if self._n_by_keyword == facts.n_target_annotations:
                flags.add("keyword_only")
        if facts.is_upstream_or_within:
            flags.add("upstream_or_within_only")
        if len(self._symbols) > 1:
            flags.add("several_symbols")
        cells = [
            _most_frequent(self._symbols),
            _most_frequent(self._names),
            _most_frequent(self._object_types),
            join_list(self._synonyms),
            facts.status,
            join_list(self._classes),
            facts.best_group,
            join_list(self._go_ids),
            join_list(self._codes),
            str(self._n_rows),
            join_list(flags) or "-",
        ]
        return "\t".join(cells).encode("utf-8")


def is_upstream_or_within(relation: str) -> bool:
    """Return whether a supporting relation leaves open that the product acts upstream only."""
    return not relations.UPSTREAM_OR_WITHIN.isdisjoint(relation.split("|"))


def _is_by_keyword(with_from: str) -> bool:
    """Return whether all alternatives in With/From are UniProt keywords."""
    return all(entry.startswith(_KEYWORDS) for entry in with_from.split("|"))


def _most_frequent(counter: CounterOf[str]) -> str:
    """Return the most frequent text, the first in byte order if there are several."""
    return min(counter, key=lambda text: (-counter[text], text.encode("utf-8")))


def join_list(values: Set[str]) -> str:
    """Return the values as one cell: sorted by bytes, joined by "|", with "|" and "%" escaped.

    >>> join_list({"b", "a|c"})
    'a%7Cc|b'
    """
    escaped: List[str] = [value.replace("%", "%25").replace("|", "%7C") for value in values]
    return "|".join(sorted(escaped, key=lambda text: text.encode("utf-8")))
