"""The cells of `organisms` and `gene_products` made again from lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.jobs.reducer.gene_product import Facts
from gafreduce.reports.explain.counts import (
    FROM_ALL,
    FROM_CLOSURE,
    in_aspect,
    no_data_facts,
    number_of,
)
from gafreduce.reports.explain.evidence import Found, NotMadeAgain, Sources, first
from gafreduce.reports.tables import verdicts
from gafreduce.reports.tables.organisms import MIN_GENE_PRODUCTS, MIN_SHARE_OF_LARGEST
from gafreduce.reports.tables.reader import Row, list_cell
from gafreduce.reports.tables.wilson import compute_rate

_RATES = ("rate_per_1000", "rate_low", "rate_high")


def organism_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `organisms` made again."""
    taxon_id = int(row["taxon_id"])
    if column in FROM_CLOSURE:
        return number_of(sources.closure_facts(taxon_id), FROM_CLOSURE[column], sources.limit)
    if column == "n_terms" and sources.record["scope"] == "target":
        return Found(None, "empty: with --scope target terms outside the closure are not counted")
    if column in FROM_ALL:
        facts = sources.need_inputs().lines.facts(taxon_id)
        return number_of(facts, FROM_ALL[column], sources.limit)
    if column == "n_in_aspect":
        count = in_aspect(sources, sources.record["target"]["aspect"])
        return number_of(sources.need_inputs().lines.facts(taxon_id), count, sources.limit)
    if column in _RATES:
        return _rate(row, column)
    if column not in _OTHERS:
        raise NotMadeAgain(f"there is no rule that makes {column} again")
    return _OTHERS[column](sources, row)


def _facts_of_products(sources: Sources, taxon_id: int) -> dict[str, Facts]:
    """Return what the gene products of an organism add up to, by object id."""
    object_ids = {fact.object_id for fact in sources.closure_facts(taxon_id)}
    return {
        object_id: sources.product(taxon_id, object_id).facts() for object_id in sorted(object_ids)
    }


def _products(sources: Sources, row: Row, words: str, holds: Callable[[Facts], bool]) -> Found:
    """Return the number of gene products of which something holds, with all their lines."""
    taxon_id = int(row["taxon_id"])
    chosen = {o for o, facts in _facts_of_products(sources, taxon_id).items() if holds(facts)}
    lines = (fact for fact in sources.closure_facts(taxon_id) if fact.object_id in chosen)
    return Found(
        len(chosen), f"distinct gene products {words}; their lines", *first(lines, sources.limit)
    )


def _negated(sources: Sources, row: Row) -> Found:
    words = "with an effective NOT on the target or an ancestor of it"
    return _products(sources, row, words, lambda facts: facts.is_negated)


def _conflicting(sources: Sources, row: Row) -> Found:
    words = "with an effective NOT and a supporting target line"
    return _products(sources, row, words, lambda facts: facts.status == "conflicting")


def _counts(sources: Sources, row: Row) -> tuple[dict[str, int], Found]:
    """Return what a verdict stands on, and the lines behind it."""
    taxon_id = int(row["taxon_id"])
    products = _facts_of_products(sources, taxon_id)
    counts = {
        f"n_positive_{group}": sum(
            facts.status == "positive" and facts.best_group == group for facts in products.values()
        )
        for group in GROUPS
    }
    counts["n_conflicting_gene_products"] = sum(
        facts.status == "conflicting" for facts in products.values()
    )
    counts["n_negated_on_target"] = sum(f.is_negated_on_target for f in products.values())
    counts["n_other_relation_gene_products"] = sum(
        facts.has_other_relation for facts in products.values()
    )
    counts["n_regulator_gene_products"] = sum(facts.is_regulator for facts in products.values())
    facts = sources.closure_facts(taxon_id)
    if not any(counts.values()):
        no_data, has_other = no_data_facts(sources, taxon_id, sources.record["target"]["aspect"])
        counts["n_aspect_no_data"], counts["n_aspect_other"] = len(no_data), int(has_other)
        facts = [*facts, *no_data]
    said = {name: number for name, number in counts.items() if number}
    return counts, Found(None, "", *first(facts, sources.limit), said)


def _verdict(sources: Sources, row: Row) -> Found:
    counts, found = _counts(sources, row)
    how = "the first word that holds (docs/verdicts.md) of these counts of gene products"
    return found._replace(value=verdicts.decide_verdict(counts), how=how)


def _contested(sources: Sources, row: Row) -> Found:
    counts, found = _counts(sources, row)
    how = "an effective NOT on the target itself, or a conflicting gene product"
    return found._replace(value=verdicts.is_contested(counts), how=how)


def _best_group(sources: Sources, row: Row) -> Found:
    counts, found = _counts(sources, row)
    how = "the strongest group over gene products with status positive"
    return found._replace(value=verdicts.find_best_group(counts), how=how)


def _rate(row: Row, column: str) -> Found:
    cells = {name: row[name] for name in ("n_target_gene_products", "n_in_aspect")}
    if row["compared"] != "true" or row["complete"] != "true":
        cells |= {name: row[name] for name in ("compared", "complete")}
        return Found(None, "empty: a rate needs a compared organism of complete files", cells=cells)
    rate = compute_rate(*map(int, cells.values()))
    values = dict(zip(_RATES, rate or (None,) * 3, strict=True))
    how = (
        "1000 x n_target_gene_products / n_in_aspect"
        if column == _RATES[0]
        else "Wilson 95 % score interval of that share, x 1000 (docs/statistics.md#rates)"
    )
    return Found(values[column], how, cells=cells)


def _taxon_id(sources: Sources, row: Row) -> Found:
    return Found(
        int(row["taxon_id"]),
        "the key of the row; the lines that it has in `annotations`",
        *first(sources.closure_facts(int(row["taxon_id"])), sources.limit),
    )


def _organism(sources: Sources, row: Row) -> Found:
    inputs = sources.need_inputs()
    taxon_id = int(row["taxon_id"])
    names = dict(inputs.names)
    for of_file in sources.rows("inputs"):
        label = inputs.labels[of_file["source_file"]]
        if label.organism and of_file["main_taxon_id"]:
            names[int(of_file["main_taxon_id"])] = label.organism
    value = names.get(taxon_id, f"taxon:{taxon_id}")
    return Found(value, "the sample sheet's word, else --organism-names', else taxon:ID")


def _compared(sources: Sources, row: Row) -> Found:
    taxon_id = int(row["taxon_id"])
    inputs = sources.need_inputs()
    named = set(sources.record["options"]["organisms"])
    main = [
        (int(of_file["main_taxon_id"]), inputs.labels[of_file["source_file"]].compare)
        for of_file in sources.rows("inputs")
        if of_file["main_taxon_id"]
    ]
    if named:
        return Found(taxon_id in named, "named by --organism", cells={"--organism": sorted(named)})
    if any(compare is not None for _, compare in main):
        value = taxon_id in dict(main) and (taxon_id, False) not in main
        return Found(value, "as the sample sheet's column `compare` says")
    largest = max(int(other["n_gene_products"]) for other in sources.rows("organisms"))
    number = int(row["n_gene_products"])
    cells = {"n_gene_products": number, "largest n_gene_products of the run": largest}
    value = number >= MIN_GENE_PRODUCTS or number >= MIN_SHARE_OF_LARGEST * largest
    how = (
        f"at least {MIN_GENE_PRODUCTS} gene products, or {MIN_SHARE_OF_LARGEST:.0%} of the largest"
    )
    return Found(value, how, cells=cells)


def _complete(sources: Sources, row: Row) -> Found:
    labels = sources.need_inputs().labels
    chosen = [name for name, label in labels.items() if not label.complete]
    taxa = {
        fact.taxon_id
        for fact in sources.need_inputs().lines.facts(int(row["taxon_id"]))
        if fact.row.source_file in chosen
    }
    how = "no file with a line of it was chosen by the outcome (sample sheet: complete)"
    return Found(int(row["taxon_id"]) not in taxa, how)


def _n_foreign(sources: Sources, row: Row) -> Found:
    taxon_id = int(row["taxon_id"])
    files = [
        of_file["source_file"]
        for of_file in sources.rows("inputs")
        if of_file["main_taxon_id"] == row["taxon_id"]
    ]
    lines = sources.need_inputs().lines
    foreign = (
        outcome.facts[0]
        for name in files
        for outcome in lines.outcomes(name)
        if outcome.facts and outcome.facts[-1].taxon_id != taxon_id
    )
    facts, n_lines = first(foreign, sources.limit)
    how = "kept lines of other taxa in the files whose main taxon it is"
    return Found(n_lines, how, facts, n_lines, {"files": "|".join(sorted(files))})


_OTHERS: Mapping[str, Callable[[Sources, Row], Found]] = {
    "taxon_id": _taxon_id,
    "organism": _organism,
    "compared": _compared,
    "complete": _complete,
    "verdict": _verdict,
    "contested": _contested,
    "best_group": _best_group,
    "n_negated_gene_products": _negated,
    "n_conflicting_gene_products": _conflicting,
    "n_foreign_in_files": _n_foreign,
}


_HOW = {
    "status": "the first word that holds (docs/verdicts.md) of what its lines say together",
    "best_group": "the strongest group of its supporting lines (docs/evidence.md)",
    "flags": "what its lines have in common or between them (docs/formats.md)",
    "n_annotations": "lines of the gene product in `annotations`",
}


def gene_product_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `gene_products` made again from its rows in `annotations`."""
    taxon_id, object_id = int(row["taxon_id"]), row["object_id"]
    table = sources.table("gene_products")
    product = sources.product(taxon_id, object_id)
    facts = product.facts()
    cells = product.encode(facts).decode("utf-8").split("\t")
    cells[-1] = "" if cells[-1] == "-" else cells[-1]  # how a record writes no flags
    key = {name: row[name] for name in table.key}
    value: object = {**dict(zip(table.column_names[2:], cells, strict=True)), **key}[column]
    if table.columns[table.column_names.index(column)].type == "texts":
        value = list_cell(str(value))
    lines = (fact for fact in sources.closure_facts(taxon_id) if fact.object_id == object_id)
    how = _HOW.get(column, "as its lines in `annotations` say it")
    said = _said(facts) if column in ("status", "best_group") else {}
    return Found(value, how, *first(lines, sources.limit), said)


def _said(facts: Facts) -> dict[str, object]:
    """Return what the lines of a gene product say together."""
    return {
        "supporting target lines": facts.n_target_annotations,
        "their groups": sorted(facts.target_groups),
        "effective NOT": facts.is_negated,
        "positive target line of another relation": facts.has_other_relation,
        "supporting regulator line": facts.is_regulator,
    }
