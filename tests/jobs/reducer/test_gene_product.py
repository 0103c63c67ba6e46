from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.model.filters import NO_FILTERS
from gafreduce.jobs.records import AnnotationRow
from gafreduce.jobs.reducer.gene_product import GeneProductRows, ProductFacts, join_list

OBJECT_ID = "UniProtKB:P37443"


def row(**cells: str) -> AnnotationRow:
    """A positive IEA line on the target, but for what is said."""
    plain = dict.fromkeys(AnnotationRow._fields, "") | {
        "go_id": "GO:0030420",
        "annotated_go_id": "GO:0030420",
        "term_class": "target",
        "negated": "false",
        "evidence_code": "IEA",
        "evidence_group": "electronic",
        "line": "line",
    }
    cells.setdefault("takes_part", str(NO_FILTERS.supports(cells.get("relation", ""))).lower())
    return AnnotationRow(**(plain | cells))


def product(*rows: AnnotationRow) -> GeneProductRows:
    made = GeneProductRows(OBJECT_ID)
    for found in rows:
        made.add(found)
    return made


def flags(*rows: AnnotationRow) -> list[str]:
    made = product(*rows)
    return made.encode(made.summarise()).decode().split("\t")[-1].split("|")


IDA = {"evidence_code": "IDA", "evidence_group": "experimental"}
NOT = {"negated": "true"}


@pytest.mark.parametrize(
    ("rows", "status", "best_group"),
    [
        ([row()], "positive", "electronic"),
        ([row(term_class="core")], "positive", "electronic"),
        ([row(), row(**IDA)], "positive", "experimental"),
        # evidence on a regulator counts for nothing on the target
        ([row(), row(term_class="regulator", **IDA)], "positive", "electronic"),
        ([row(term_class="negative_regulator", **IDA)], "regulator", "experimental"),
        # another relation is no support, whatever its evidence
        ([row(), row(relation="acts_upstream_of", **IDA)], "positive", "electronic"),
        ([row(relation="acts_upstream_of", **IDA)], "other_relation", ""),
        ([row(relation="involved_in|colocalizes_with")], "other_relation", ""),
        ([row(), row(**NOT)], "conflicting", "electronic"),
        ([row(), row(term_class="ancestor", **NOT)], "conflicting", "electronic"),
        ([row(**NOT)], "negated", ""),
        ([row(term_class="ancestor", **NOT)], "negated", ""),
        ([row(term_class="core", **NOT)], "listed", ""),
        ([row(term_class="regulator", **NOT)], "listed", ""),
        ([row(relation="acts_upstream_of", **NOT)], "listed", ""),
        ([row(annotation_extension="part_of(CL:1)", **NOT)], "listed", ""),
        ([row(gene_product_form="UniProtKB:P37443-2", **NOT)], "listed", ""),
        ([row(gene_product_form="PR:P37443", **NOT)], "negated", ""),
        ([row(gene_product_form="UniProtKB:P37443", **NOT)], "negated", ""),
        # a conflict needs support, which another relation is not
        ([row(relation="acts_upstream_of"), row(**NOT)], "other_relation", ""),
        ([row(evidence_code="ND", evidence_group="no_data")], "listed", ""),
        ([row(evidence_code="", evidence_group="unstated")], "positive", "unstated"),
    ],
)
def test_status_is_the_first_that_applies(
    rows: list[AnnotationRow], status: str, best_group: str
) -> None:
    for order in (rows, rows[::-1]):
        facts = product(*order).summarise()
        assert (facts.status, facts.best_group) == (status, best_group)


@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        ([row(), row(term_class="negative_regulator")], "also_negative_regulator"),
        ([row(with_from="UniProtKB-KW:KW-0178")], "keyword_only"),
        ([row(with_from="SP_KW:KW-0178|UniProtKB-KW:KW-0178")], "keyword_only"),
        ([row(annotated_go_id="GO:0000001")], "repaired_id"),
        ([row(relation="odd")], "unknown_relation"),
        ([row(symbol="a"), row(symbol="b")], "several_symbols"),
        ([row(term_class="core", **NOT)], "not_elsewhere"),
        ([row(relation="acts_upstream_of", **NOT)], "not_with_other_relation"),
        ([row(annotation_extension="x", **NOT)], "not_with_extension"),
        ([row(gene_product_form="UniProtKB:P37443-2", **NOT)], "not_of_isoform"),
    ],
)
def test_flags_of_gene_products(rows: list[AnnotationRow], flag: str) -> None:
    assert flags(*rows) == [flag]


def test_product_with_other_evidence_is_not_keyword_only() -> None:
    assert flags(row(with_from="UniProtKB-KW:KW-0178"), row(with_from="InterPro:IPR1")) == ["-"]


def test_symbol_is_the_most_frequent_and_first_in_byte_order() -> None:
    made = product(row(symbol="b"), row(symbol="a"), row(symbol="c"), row(symbol="c"))
    assert made.encode(made.summarise()).decode().split("\t")[0] == "c"
    made = product(row(symbol="b"), row(symbol="B"))
    assert made.encode(made.summarise()).decode().split("\t")[0] == "B"


kinds = st.builds(
    row,
    term_class=st.sampled_from(["target", "core", "regulator", "ancestor"]),
    negated=st.sampled_from(["true", "false"]),
    evidence_group=st.sampled_from(["experimental", "electronic", "unstated", "no_data"]),
    relation=st.sampled_from(["", "involved_in", "acts_upstream_of"]),
    gene_product_form=st.sampled_from(["", "PR:P37443", "X:other"]),
)


@given(st.lists(kinds, min_size=1, max_size=8), st.randoms())
def test_order_of_lines_does_not_matter(rows: list[AnnotationRow], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = product(*rows), product(*shuffled)
    assert one.summarise() == other.summarise()
    assert one.encode(one.summarise()) == other.encode(other.summarise())


@given(st.lists(kinds, min_size=1, max_size=8), kinds)
def test_not_never_adds_support(rows: list[AnnotationRow], more: AnnotationRow) -> None:
    def support(facts: ProductFacts) -> tuple[int, set[str]]:
        return facts.n_target_annotations, facts.target_groups

    assert support(product(*rows).summarise()) == support(
        product(*rows, more._replace(negated="true")).summarise()
    )


def test_list_cells_escape_their_separator() -> None:
    assert join_list({"a|b", "50%", "a"}) == "50%25|a|a%7Cb"
