"""The findings of rules over all lines of a gene product, made again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gafreduce.jobs.accounting.line_counts import Examples
from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.rules.catalogue import RULES
from gafreduce.reports.explain.evidence import Found, Sources, Summed
from gafreduce.reports.explain.source_lines import Fact
from gafreduce.reports.tables.reader import Row

_Says = Callable[[Fact], bool]


def across_lines(sources: Sources, row: Row) -> Summed:
    """Return the lines of one file that are counted, and the columns that they make."""
    lines, value = sources.need_inputs().lines, row["value"]
    if row["finding"] == "nd_beside_others":
        how = f"lines with ND in aspect {value}, of gene products that have others in it"
        says: list[_Says] = [partial(_is_no_data, value), partial(_is_known, sources, value)]
        counted = says[:1]
    else:
        process, regulation = value.split(" ")
        how = f"supporting lines on {process} or {regulation}, of gene products that have both"
        says = [partial(_supports, process), partial(_supports, regulation)]
        counted = says
    products: list[set[tuple[int, str]]] = [set(), set()]
    for fact in lines.facts():
        for is_said, having in zip(says, products, strict=True):
            if is_said(fact):
                having.add((fact.taxon_id, fact.object_id))
    having_both = products[0] & products[1]
    examples = Examples(value)
    facts: list[Fact] = []
    for outcome in lines.outcomes(row["source_file"]):
        for fact in outcome.facts:
            is_of_one = (fact.taxon_id, fact.object_id) in having_both
            if is_of_one and any(is_said(fact) for is_said in counted):
                examples.add(fact.object_id.encode("utf-8"))
                if examples.n_lines <= sources.limit:
                    facts.append(fact)
    found = Found(examples.n_lines, how, facts, examples.n_lines)
    shown = {f"example_{number}": text for number, text in enumerate(examples.first, 1)}
    return found, {"rule": RULES[row["finding"]].gorule, "n_lines": examples.n_lines, **shown}


def _supports(go_id: str, fact: Fact) -> bool:
    return fact.is_supporting and fact.row.go_id == go_id


def _is_known(sources: Sources, letter: str, fact: Fact) -> bool:
    """Tell whether a line supports a term of an aspect that the ontology knows."""
    is_known = fact.row.go_id in sources.need_inputs().terms.index
    return is_known and fact.is_supporting and fact.row.aspect == letter


def _is_no_data(letter: str, fact: Fact) -> bool:
    """Tell whether a line says that nothing is known in an aspect."""
    return fact.row.evidence_group == NO_DATA and fact.row.aspect == letter
