"""The cases of the truth table of docs/verdicts.md, and their verdicts by a small model.

An independent computation: it shares no code with the product. The cases have positions - the
target, a term below it, one above it, one that regulates it - and the tests choose their terms.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import NamedTuple

#: A code of each group, from the strongest group to the weakest, and its verdict.
GROUPS = {
    "experimental": ("IDA", "experimental"),
    "high_throughput": ("HDA", "high_throughput"),
    "phylogenetic": ("IBA", "curated"),
    "computational": ("ISS", "curated"),
    "author": ("TAS", "curated"),
    "curator": ("IC", "curated"),
    "electronic": ("IEA", "electronic_only"),
    "unstated": ("NR", "unstated_only"),
}
SAID = ("positive", "NOT", "both")
PLACES = ("target", "core", "ancestor", "regulator")
#: A supporting relation, and another one.
RELATIONS = {"taking part": "involved_in", "other": "acts_upstream_of"}
BEARERS = ("same", "other", "isoform", "extension")


class Line(NamedTuple):
    """The parts of an annotation line that matter."""

    product: str  # P1, P2
    place: str  # of PLACES, or "elsewhere": another aspect
    code: str = "IEA"
    relation: str = "involved_in"
    negated: bool = False
    isoform: bool = False  # column 17 names another form than the accession
    extension: bool = False  # column 16 is filled

    @property
    def takes_part(self) -> bool:
        return self.relation == "involved_in"

    @property
    def supports(self) -> bool:
        return self.takes_part and not self.negated and self.code != "ND"

    @property
    def negates(self) -> bool:
        """Whether it is a NOT that negates the target for the gene product."""
        plain = self.takes_part and not self.isoform and not self.extension
        return self.negated and plain and self.place in ("target", "ancestor")

    @property
    def group(self) -> str:
        return {code: group for group, (code, _) in GROUPS.items()}[self.code]


class Case(NamedTuple):
    """A row of the truth table: statements, with or without further electronic support."""

    said: str  # "none", or of SAID
    place: str
    relation: str
    bearer: str
    group: str
    beside: bool  # P1 has an electronic line on the target, too

    @property
    def product(self) -> str:
        """The gene product of the statement."""
        return "P2" if self.bearer == "other" else "P1"

    def lines(self) -> list[Line]:
        lines = [Line("P0", "elsewhere")]
        if self.beside:
            lines.append(Line("P1", "target"))
        for negated in {"none": (), "positive": (False,), "NOT": (True,)}.get(
            self.said, (False, True)
        ):
            lines.append(
                Line(
                    self.product,
                    self.place,
                    GROUPS[self.group][0],
                    RELATIONS[self.relation],
                    negated,
                    isoform=self.bearer == "isoform",
                    extension=self.bearer == "extension",
                )
            )
        return lines


def cases() -> Iterator[Case]:
    """Yield every case; without a statement there is only one."""
    for beside in (False, True):
        yield Case("none", "target", "taking part", "same", "electronic", beside)
        for said in itertools.product(SAID, PLACES, RELATIONS, BEARERS, GROUPS):
            yield Case(*said, beside)


class Product(NamedTuple):
    """A row of `gene_products`."""

    status: str
    best_group: str
    flags: frozenset[str]


def product_of(lines: Sequence[Line]) -> Product | None:
    """Return the row of a gene product with these lines; None if it is not listed."""
    closure = ("target", "core", "regulator")
    shown = [line for line in lines if line.place in closure or is_not_above(line)]
    if not shown:
        return None
    target = [line for line in shown if line.supports and line.place in ("target", "core")]
    regulator = [line for line in shown if line.supports and line.place == "regulator"]
    otherwise = [
        line
        for line in shown
        if line.place in ("target", "core") and not line.negated and not line.takes_part
    ]
    negating = [line for line in shown if line.negates]
    if negating:
        status = "conflicting" if target else "other_relation" if otherwise else "negated"
    elif target:
        status = "positive"
    elif otherwise:
        status = "other_relation"
    else:
        status = "regulator" if regulator else "listed"
    groups = [line.group for line in target or regulator]
    best = min(groups, key=list(GROUPS).index, default="")
    return Product(status, best, frozenset(flags_of(shown, bool(target), bool(regulator))))


def is_not_above(line: Line) -> bool:
    return line.place == "ancestor" and line.negated


def flags_of(shown: Sequence[Line], has_target: bool, is_regulator: bool) -> Iterator[str]:
    for line in shown:
        if line.negated and not line.negates:
            if line.place in ("core", "regulator"):
                yield "not_elsewhere"
            elif not line.takes_part:
                yield "not_with_other_relation"
            else:
                yield "not_with_extension" if line.extension else "not_of_isoform"
    if has_target and is_regulator:
        yield "also_positive_regulator"


def organism_of(lines: Sequence[Line]) -> dict[str, object]:
    """Return the columns of `organisms` but for its names, of an organism with these lines."""
    of_product = {
        product: [line for line in lines if line.product == product]
        for product in {line.product for line in lines}
    }
    products = {name: product_of(own) for name, own in of_product.items()}

    def count(holds: object) -> int:
        assert callable(holds)
        return sum(any(map(holds, own)) for own in of_product.values())

    def on_target(line: Line) -> bool:
        return line.supports and line.place in ("target", "core")

    positive = [found for found in products.values() if found and found.status == "positive"]
    best = min((found.best_group for found in positive), key=list(GROUPS).index, default="")
    n_target = count(on_target)
    n_in_aspect = count(lambda line: line.supports and line.place != "elsewhere")
    n_conflicting = sum(found.status == "conflicting" for found in products.values() if found)
    n_other = count(
        lambda line: line.place in ("target", "core") and not line.negated and not line.takes_part
    )
    n_regulator = count(lambda line: line.supports and line.place == "regulator")
    is_negated = any(line.negates and line.place == "target" for line in lines)
    if best:
        verdict = GROUPS[best][1]
    elif n_conflicting:
        verdict = "conflicting"
    elif is_negated:
        verdict = "negated"
    elif n_other:
        verdict = "other_relation_only"
    elif n_regulator:
        verdict = "regulators_only"
    else:
        verdict = "not_annotated"
    return {
        "verdict": verdict,
        "contested": is_negated or n_conflicting > 0,
        "n_annotations": len(lines),
        "n_gene_products": len(of_product),
        "n_terms": len({line.place for line in lines if line.supports}),
        "n_in_aspect": n_in_aspect,
        "n_target_annotations": sum(map(on_target, lines)),
        "n_target_gene_products": n_target,
        **{
            f"n_target_{group}": count(
                lambda line, group=group: on_target(line) and line.group == group
            )
            for group in GROUPS
        },
        "n_regulator_gene_products": n_regulator,
        "n_other_relation_gene_products": n_other,
        "n_not_understood_gene_products": 0,
        "n_upstream_or_within_only": 0,
        "n_negated_gene_products": count(lambda line: line.negates),
        "n_conflicting_gene_products": n_conflicting,
        "best_group": best,
        **dict(
            zip(
                ("rate_per_1000", "rate_low", "rate_high"), rate(n_target, n_in_aspect), strict=True
            )
        ),
    }


def rate(n_target: int, n_total: int) -> tuple[float | None, ...]:
    """Return n_target of n_total per 1,000 and its interval: where (p - x)² = z² x (1 - x) / n."""
    if not n_total:
        return None, None, None
    p, z2 = n_target / n_total, NormalDist().inv_cdf(0.975) ** 2
    a, b, c = 1 + z2 / n_total, -(2 * p + z2 / n_total), p * p
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return 1000 * p, 1000 * (-b - root) / (2 * a), 1000 * (-b + root) / (2 * a)
