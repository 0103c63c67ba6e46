"""The cells of `annotations`, `terms`, `term_set`, and of the tables of files, made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gafreduce.jobs.accounting.line_counts import (
    EXAMPLE_BYTES,
    OTHER_VALUES,
    keep_examples,
    n_examples,
)
from gafreduce.jobs.rules.catalogue import ACROSS_LINES, REJECT, RULES, Finding
from gafreduce.reports.explain.evidence import Found, NotMadeAgain, Sources, Summed, first
from gafreduce.reports.explain.product_rules import across_lines
from gafreduce.reports.explain.source_lines import Fact, Outcome, from_table, place
from gafreduce.reports.tables.core_tables import N_ORGANISMS_NAMED, N_TAXA_NAMED
from gafreduce.reports.tables.reader import Row


def annotation_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `annotations` as the line says it, read again."""
    said = from_table(row)
    same = [
        fact
        for fact in sources.need_inputs().lines.facts(
            said.taxon_id, lambda go_id: go_id == said.row.go_id
        )
        if place(fact) == place(said) and fact.object_id == said.object_id
    ]
    if not same:
        return Found(None, f"the line is not in {said.row.source_file} as it is now")
    best = max(same, key=lambda fact: fact.row == said.row)
    value = {**best.row._asdict(), "taxon_id": best.taxon_id, "object_id": best.object_id}[column]
    return Found(value, "as the line says it, read again", [best], 1)


def term_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `terms` made again: the ontology's, or from lines of compared organisms."""
    name = column.removesuffix("_propagated")
    if name in ("n_organisms", "taxon_ids", "membership"):
        return _organisms_of_term(sources, row, name, column != name)
    terms = sources.need_inputs().terms
    number = terms.index.get(row["go_id"])
    classes = {term.go_id: term.term_class for term in terms.term_set}
    if number is None:
        lines = list(sources.facts_on(row["go_id"]))
        letters = sorted({fact.row.aspect for fact in lines if fact.row.aspect in ("P", "F", "C")})
        values = {"name": "", "aspect": (letters or [""])[0], "status": "unknown"}
        how, facts = "the ontology does not know this id; the aspect is that of its lines", lines
    else:
        status = "obsolete" if number in terms.obsolete else "current"
        values = {"name": terms.names[number], "aspect": terms.aspects[number], "status": status}
        how, facts = "as the ontology says", []
    values |= {"go_id": row["go_id"], "term_class": classes.get(row["go_id"], "")}
    return Found(values[column], how, *first(facts, sources.limit))


def _organisms_of_term(sources: Sources, row: Row, name: str, propagated: bool) -> Found:
    """Return how many compared organisms have a term, which, and the word for it."""
    compared = {int(r["taxon_id"]) for r in sources.rows("organisms") if r["compared"] == "true"}
    go_id = row["go_id"]
    where = f"{go_id} or a descendant" if propagated else f"{go_id} itself"
    having: set[int] = set()
    facts: list[Fact] = []
    n_facts = 0
    for fact in sources.facts_saying(go_id) if propagated else sources.facts_on(go_id):
        if fact.taxon_id in compared:
            having.add(fact.taxon_id)
            n_facts += 1
            if len(facts) < sources.limit:
                facts.append(fact)
    taxa = sorted(having)
    value: object = len(taxa)
    if name == "taxon_ids":
        more = ["..."] if len(taxa) > N_ORGANISMS_NAMED else []
        value = [*map(str, taxa[:N_ORGANISMS_NAMED]), *more]
    elif name == "membership":
        value = _membership(len(taxa), len(compared))
    how = f"compared organisms with a supporting line on {where}"
    return Found(value, how, facts, n_facts, {"compared organisms": len(compared)})


def _membership(n_having: int, n_compared: int) -> str:
    if n_compared < 2 or not n_having:
        return ""
    if n_having == n_compared:
        return "core"
    return "unique" if n_having == 1 else "shared"


def input_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `inputs` made again by reading the file."""
    name = row["source_file"]
    inputs = sources.need_inputs()
    if column in ("source_file", "format", "compression", "bytes", "layout"):
        label = inputs.labels[name]
        value = name if column == "source_file" else getattr(label, column)
        return Found(value, "as the file is found: its name, size and first bytes")
    outcomes = inputs.lines.outcomes(name)
    if column.startswith("n_") and column != "n_taxa":
        kind = column.removeprefix("n_")
        chosen = (o for o in outcomes if kind == "lines" or o.kind == kind)
        how = "lines of the file" if kind == "lines" else f"lines of the file that are {kind}"
        found = _of_outcomes(how, chosen, sources.limit)
        return found._replace(value=found.n_facts)
    taxa = Counter(outcome.facts[-1].taxon_id for outcome in outcomes if outcome.facts)
    if column == "main_taxon_id":
        main = min(taxa, key=lambda taxon: (-taxa[taxon], taxon), default=None)
        return Found(main, "taxon of most kept lines, ties by number", cells=_lines_by_taxon(taxa))
    value = len(taxa) if column == "n_taxa" else sorted(taxa)[:N_TAXA_NAMED]
    return Found(value, "taxa of the kept lines", cells=_lines_by_taxon(taxa))


def _lines_by_taxon(taxa: Counter[int]) -> dict[str, object]:
    return {f"lines of taxon {taxon}": n for taxon, n in taxa.most_common(N_TAXA_NAMED)}


def _of_outcomes(how: str, chosen: Iterable[Outcome], limit: int) -> Found:
    """Return how many lines there are, and the first; what is no annotation is shown as text."""
    facts: list[Fact] = []
    texts: list[str] = []
    number = 0
    for outcome in chosen:
        number += 1
        if number <= limit and outcome.facts:
            facts.append(outcome.facts[0])
        elif number <= limit:
            what = outcome.reason or outcome.kind
            texts.append(f"{outcome.source_file}:{outcome.number}: {what}: {outcome.text}")
    return Found(number, how, facts, number, texts=texts)


def rejection_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `rejections` made again by reading the file."""
    how = "lines of the file that are refused for this reason (docs/rules.md)"
    refused = _refused(sources, row, row["reason"])
    found, sums = _summed(Finding(row["reason"]), refused, how, sources.limit, True)
    values = {"source_file": row["source_file"], "reason": row["reason"], **sums}
    return found._replace(value=values.get(column))


def finding_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `findings` made again by reading the file."""
    if row["value"] == OTHER_VALUES:
        raise NotMadeAgain("the values after the first ones are counted together, in any order")
    word = row["finding"]
    if row["severity"] == REJECT:
        how = f"lines of the file that are refused for {word} (docs/rules.md)"
        refused = (o for o in _refused(sources, row, word) if o.value == row["value"])
        found, sums = _summed(Finding(word, row["value"]), refused, how, sources.limit, True)
        severity = REJECT
    elif RULES[word].needs == ACROSS_LINES:
        found, sums = across_lines(sources, row)
        severity = RULES[word].severity
    else:
        finding = Finding(word, row["value"], row["becomes"])
        how = f"kept lines of the file of which {word} is to be said (docs/rules.md)"
        chosen = (
            outcome
            for outcome in sources.need_inputs().lines.outcomes(row["source_file"])
            if finding in outcome.findings
        )
        found, sums = _summed(finding, chosen, how, sources.limit)
        severity = RULES[word].severity
    key = {name: row[name] for name in ("source_file", "finding", "value", "becomes")}
    return found._replace(value={**key, "severity": severity, **sums}.get(column))


def _refused(sources: Sources, row: Row, reason: str) -> Iterator[Outcome]:
    for outcome in sources.need_inputs().lines.outcomes(row["source_file"]):
        if outcome.kind == "rejected" and outcome.reason == reason:
            yield outcome


def _summed(
    finding: Finding, chosen: Iterable[Outcome], how: str, limit: int, is_refused: bool = False
) -> Summed:
    """Return lines of one finding, and the columns that describe them."""
    examples: list[str] = []
    at_most = n_examples(finding.value, is_refused)

    def looked_at() -> Iterator[Outcome]:
        nonlocal examples
        for outcome in chosen:
            text = outcome.text.encode("utf-8")[:EXAMPLE_BYTES].decode("utf-8", "ignore")
            examples = keep_examples(examples, [text], at_most)
            yield outcome

    found = _of_outcomes(how, looked_at(), limit)
    shown = {f"example_{number}": text for number, text in enumerate(examples, 1)}
    return found, {"rule": RULES[finding.word].gorule, "n_lines": found.n_facts, **shown}


def term_set_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `term_set` from the ontology, read again."""
    terms = sources.need_inputs().terms
    found = {term.go_id: term for term in terms.term_set}.get(row["go_id"])
    if found is None:
        raise NotMadeAgain(f"the ontology's closure of {terms.target} has no {row['go_id']}")
    relations = ", ".join(terms.relations)
    how = f"closure of {terms.target} over {relations}, and what regulates it, read again"
    return Found(getattr(found, column), how, *first(_lines(sources, row["go_id"]), sources.limit))


def _lines(sources: Sources, go_id: str) -> Iterator[Fact]:
    for row in sources.rows("organisms"):
        for fact in sources.closure_facts(int(row["taxon_id"])):
            if fact.row.go_id == go_id:
                yield fact
