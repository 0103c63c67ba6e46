"""polars as a peer: a lazy scan of the text, joins and group_bys on the streaming engine.

python peer_polars.py TERM_FILE OUT FILE...
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
from contract import TAKING_PART, TARGET_CLASSES, UNSTATED_CODES, Terms, is_compared, read_terms

CELLS = [f"c{number}" for number in range(1, 18)]
PRODUCT = ["taxon_id", "c1", "c2"]


def term_frame(terms: Terms) -> pl.DataFrame:
    """Return every id that may be written, with its term's number, class and aspect."""
    number = {go_id: n for n, go_id in enumerate(terms.go_ids)}
    written = {**{go_id: go_id for go_id in terms.go_ids}, **terms.primary}
    return pl.DataFrame(
        {
            "c5": list(written),
            "number": [number[go_id] for go_id in written.values()],
            "go_id": list(written.values()),
            "term_class": [terms.term_class.get(go_id, "") for go_id in written.values()],
            "negating": [go_id in terms.negating for go_id in written.values()],
            "aspect": [terms.aspects[number[go_id]] for go_id in written.values()],
        },
        schema_overrides={"number": pl.Int32},
    )


def ancestor_frame(terms: Terms, numbers: pl.Series) -> pl.DataFrame:
    """Return all pairs (term, ancestor or itself) of some terms."""
    edge = pl.DataFrame(
        [(n, parent) for n, parents in enumerate(terms.parents) for parent in parents],
        schema={"ancestor": pl.Int32, "parent": pl.Int32},
        orient="row",
    )
    new = pl.DataFrame({"number": numbers, "ancestor": numbers})
    found = [new]
    while new.height:
        step = new.join(edge, on="ancestor").select("number", ancestor="parent").unique()
        new = step.join(pl.concat(found), on=["number", "ancestor"], how="anti")
        found.append(new)
    return pl.concat(found)


def scan(files: list[str], terms: Terms) -> pl.LazyFrame:
    """Return the lines with their interpretation."""
    lines = pl.scan_csv(
        files,
        separator="\t",
        has_header=False,
        quote_char=None,
        schema=dict.fromkeys(CELLS, pl.String),
        empty_string_is_null=False,
    )
    return lines.join(term_frame(terms).lazy(), on="c5", how="left").with_columns(
        taxon_id=pl.col("c13").str.extract(r"^taxon:(\d+)").cast(pl.Int64),
        negated=pl.col("c4").str.contains(r"(?i)(?:^|\|)not(?:\||$)"),
        supports=pl.col("c4").str.to_lowercase().is_in(list(TAKING_PART)) & (pl.col("c7") != "ND"),
        stated=~pl.col("c7").is_in(list(UNSTATED_CODES)),
    )


def write(out: Path, name: str, frame: pl.DataFrame) -> None:
    """Write a table as TSV and Parquet."""
    frame.write_csv(out / f"{name}.tsv", separator="\t", quote_style="never")
    frame.write_parquet(out / f"{name}.parquet")


def main(terms_path: Path, out: Path, files: list[str]) -> None:
    """Write the tables."""
    out.mkdir(parents=True)
    terms = read_terms(terms_path)
    lines = scan(files, terms)
    shown = lines.filter((pl.col("term_class") != "") | (pl.col("negated") & pl.col("negating")))
    facts, annotations = pl.collect_all(
        [
            lines.group_by(*PRODUCT, "number").agg(
                n_lines=pl.len(),
                n_annotations=pl.col("supports").sum(),
                non_electronic=(pl.col("supports") & pl.col("stated")).any(),
                in_aspect=(pl.col("supports") & (pl.col("aspect") == "P")).any(),
                is_target=pl.col("term_class").is_in(TARGET_CLASSES).any(),
            ),
            shown.select(
                "taxon_id",
                "go_id",
                object_id=pl.concat_str("c1", "c2", separator=":"),
                line=pl.concat_str(CELLS, separator=" "),
            ),
        ],
        engine="streaming",
    )
    columns = ["taxon_id", "object_id", "go_id", "line"]
    write(out, "annotations", annotations.select(columns).sort(columns))
    _write_counts(facts, terms, out)


def _write_counts(facts: pl.DataFrame, terms: Terms, out: Path) -> None:
    products = facts.group_by(PRODUCT).agg(pl.col("in_aspect").any()).with_row_index("product")
    supported = facts.filter(pl.col("n_annotations") > 0)
    direct = supported.group_by("number", "taxon_id").agg(
        n_annotations=pl.col("n_annotations").sum(),
        n_gene_products=pl.len(),
        n_gene_products_non_electronic=pl.col("non_electronic").sum(),
    )
    ancestors = ancestor_frame(terms, supported["number"].unique())
    propagated = (
        supported.lazy()
        .join(products.lazy().select("product", *PRODUCT), on=PRODUCT)
        .select("product", "taxon_id", "number")
        .join(ancestors.lazy(), on="number")
        .select("product", "taxon_id", "ancestor")
        .unique()
        .group_by("ancestor", "taxon_id")
        .agg(n_gene_products_propagated=pl.len())
        .collect(engine="streaming")
    )
    go_ids = (
        pl.DataFrame({"go_id": terms.go_ids}).with_row_index("number").cast({"number": pl.Int32})
    )
    profile = (
        propagated.rename({"ancestor": "number"})
        .join(direct, on=["number", "taxon_id"], how="left")
        .join(go_ids.cast({"number": pl.Int32}), on="number")
        .select(
            "go_id",
            "taxon_id",
            pl.col("n_annotations", "n_gene_products").fill_null(0),
            "n_gene_products_propagated",
            pl.col("n_gene_products_non_electronic").fill_null(0),
        )
        .sort("go_id", "taxon_id")
    )
    write(out, "profile", profile)
    organisms = _organisms(facts, products, direct)
    write(out, "organisms", organisms)
    write(out, "terms", _terms(profile, organisms))


def _organisms(facts: pl.DataFrame, products: pl.DataFrame, direct: pl.DataFrame) -> pl.DataFrame:
    on_target = facts.filter(pl.col("is_target") & (pl.col("n_annotations") > 0))
    target = on_target.group_by("taxon_id").agg(
        n_target_annotations=pl.col("n_annotations").sum(),
        n_target_gene_products=pl.struct("c1", "c2").n_unique(),
    )
    return (
        facts.group_by("taxon_id")
        .agg(n_annotations=pl.col("n_lines").sum())
        .join(
            products.group_by("taxon_id").agg(
                n_gene_products=pl.len(), n_in_aspect=pl.col("in_aspect").sum()
            ),
            on="taxon_id",
        )
        .join(direct.group_by("taxon_id").agg(n_terms=pl.len()), on="taxon_id", how="left")
        .join(target, on="taxon_id", how="left")
        .select(
            *("taxon_id", "n_annotations", "n_gene_products"),
            pl.col("n_terms").fill_null(0),
            "n_in_aspect",
            pl.col("n_target_annotations", "n_target_gene_products").fill_null(0),
        )
        .sort("taxon_id")
    )


def _terms(profile: pl.DataFrame, organisms: pl.DataFrame) -> pl.DataFrame:
    largest = organisms["n_gene_products"].max()
    compared = [
        taxon
        for taxon, n in organisms.select("taxon_id", "n_gene_products").iter_rows()
        if is_compared(n, largest)
    ]
    known = pl.col("taxon_id").is_in(compared)
    return (
        profile.group_by("go_id")
        .agg(
            n_organisms=(known & (pl.col("n_gene_products") > 0)).sum(),
            n_organisms_propagated=known.sum(),
        )
        .sort("go_id")
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
