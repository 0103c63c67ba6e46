"""Count the organisms and gene products of a run that are annotated with terms."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_columns

_NOT_COUNTED = "not counted"  # outside the scope of the run


class TermCounts(NamedTuple):
    """Counts of a term over the compared organisms; None when the run did not count the term."""

    n_organisms: int | None  # with a gene product on the term or a descendant
    n_gene_products: int | None  # on the term or a descendant, summed over organisms
    n_gene_products_direct: int | None  # on the term itself
    n_compared: int

    def describe_organisms(self) -> str:
        """Return the number of organisms and of those that are compared.

        >>> TermCounts(6, 33, 33, 7).describe_organisms()
        '6 of 7'
        """
        known = self.n_organisms
        return _NOT_COUNTED if known is None else f"{known:,} of {self.n_compared:,}"

    def describe_gene_products(self) -> str:
        """Return the number of gene products."""
        known = self.n_gene_products
        return _NOT_COUNTED if known is None else f"{known:,}"


def count_terms(folder: RunFolder, go_ids: Collection[str]) -> dict[str, TermCounts]:
    """Return the counts of terms in a run.

    Args:
        folder: The run folder.
        go_ids: Ids of current terms.
    """
    compared = {
        organism
        for organism, is_compared in read_columns(folder, "organisms", ("organism_id", "compared"))
        if is_compared == "true"
    }
    sums = dict.fromkeys(go_ids, (0, 0, 0))
    columns = ("go_id", "organism_id", "n_gene_products_propagated", "n_gene_products")
    for go_id, organism, propagated, direct in read_columns(folder, "profile", columns):
        if go_id in sums and organism in compared:
            n_organisms, n_propagated, n_direct = sums[go_id]
            sums[go_id] = (
                n_organisms + (propagated != "0"),
                n_propagated + int(propagated),
                n_direct + int(direct),
            )
    counted = set(sums)
    if folder.read_record()["scope"] == "target":
        terms = read_columns(folder, "term_set", ("go_id", "term_class"))
        counted &= {go_id for go_id, _ in terms}
    return {
        go_id: TermCounts(*found, len(compared))
        if go_id in counted
        else TermCounts(None, None, None, len(compared))
        for go_id, found in sums.items()
    }
