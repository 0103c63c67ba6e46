"""Sentences on sources: what remains, what carries a verdict, and what GO stopped using."""

from __future__ import annotations

from gafreduce.reports.summary.source_sentences import (
    write_deciding_sources,
    write_negative_regulators,
    write_remaining,
    write_retired_caveats,
    write_sensitivity,
)
from gafreduce.reports.summary.source_summary import (
    RetiredLoss,
    SourceLoss,
    SourceSummary,
    find_keyword_loss,
    summarise_sources,
)


def loss(source: str, n_left: int, n_regulators: int = 0) -> SourceLoss:
    return SourceLoss(source, n_left, n_regulators, "electronic_only")


def make(
    n: int,
    *largest: SourceLoss,
    n_regulators: int = 0,
    deciding: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    rests: bool = False,
    n_retired: int = 0,
) -> SourceSummary:
    retired = RetiredLoss("UniProt keywords", "a keyword mapping", "2026-03", (), n_retired)
    return SourceSummary(
        n, n_regulators, largest, deciding, without, rests, (retired,) if n_retired else ()
    )


def test_what_remains_is_given_with_what_it_is() -> None:
    assert write_remaining(make(6, loss("InterPro", 3, 2))) == (
        "3 of 6 remain without InterPro, 2 of them also negative regulators"
    )
    assert write_remaining(make(2, loss("A", 1, 1))) == (
        "1 of 2 remains without A, 1 of them also a negative regulator"
    )
    assert write_remaining(make(6)) == "6 of 6 remain without any one source"
    assert write_remaining(make(0)) == ""


def test_ties_name_all_sources() -> None:
    assert write_remaining(make(2, loss("A", 1), loss("B", 1))) == "1 of 2 remains without A or B"
    assert write_remaining(make(4, loss("A", 2), loss("B", 2, 2), loss("C", 2))) == (
        "2 of 4 remain without A or C; 2 of 4 remain without B, 2 of them also negative regulators"
    )


def test_no_source_carries_a_verdict_only_where_it_holds_without_negative_regulators() -> None:
    safe, regulated = make(6, loss("A", 3)), make(6, loss("A", 3, 2), n_regulators=2)
    assert write_deciding_sources({"o": safe, "p": safe}) == (
        "No single source carries a verdict: all 2 are the same without any one source."
    )
    assert write_deciding_sources({"o": regulated}) == (
        "No single source carries the verdict: it is the same without any one source, also when "
        "negative regulators are left out."
    )
    fragile = make(3, loss("A", 2, 2), n_regulators=2, without=("A",))
    text = write_deciding_sources({"o": safe, "p": fragile})
    assert "No single source" not in text
    assert text.endswith("that of 1 of 2 changes without a single source: p (A).")
    mistaken = make(2, loss("A", 1, 1), n_regulators=2, rests=True)
    assert write_deciding_sources({"o": mistaken}).endswith(
        "The verdict of 1 of 1 changes when negative regulators are left out: o."
    )
    assert write_deciding_sources({"o": safe, "p": make(1, loss("B", 0), deciding=("B",))}) == (
        "The verdict of 1 of 2 organisms changes without a single source: p (B)."
    )


def test_organisms_with_the_same_remainder_are_named_together() -> None:
    same = make(6, loss("InterPro", 3))
    (text,) = write_sensitivity({"a": same, "b": same, "c": make(2, loss("X", 0))}, [])
    assert text == (
        "Gene products without the largest source: 3 of 6 remain without InterPro (a, b); "
        "0 of 2 remain without X (c)."
    )
    many = {f"o{n}": make(n + 1, loss("X", 1)) for n in range(1, 9)}
    assert next(write_sensitivity(many, [])).endswith("; and 3 other organisms.")
    assert list(write_sensitivity({}, [])) == []


def test_retired_sources_are_counted_with_what_they_come_out_of() -> None:
    def rest(n: int, n_retired: int) -> tuple[int, tuple[RetiredLoss, ...]]:
        return n, make(n, n_retired=n_retired).retired

    (text,) = write_retired_caveats({"B. subtilis": rest(52, 48)})
    assert text == (
        "48 of 52 gene products of B. subtilis rest only on a keyword mapping that GO stopped "
        "using in March 2026."
    )
    (text,) = write_retired_caveats({"a": rest(6, 2), "b": rest(3, 0), "c": rest(5, 5)})
    assert text == (
        "7 of 14 gene products rest only on a keyword mapping that GO stopped using in March 2026: "
        "5 of 5 in c, 2 of 6 in a."
    )
    assert list(write_retired_caveats({"b": rest(3, 0)})) == []
    (text,) = write_retired_caveats({f"o{n}": rest(9, n) for n in range(1, 10)})
    assert text.endswith(": 9 of 9 in o9, 8 of 9 in o8, 7 of 9 in o7, 21 in 6 other organisms.")


def test_keywords_are_counted_by_flags_without_statistics() -> None:
    (found,) = find_keyword_loss(2, "Bacillus subtilis 168", 224308)
    assert (found.source, found.n_lost) == ("UniProt keywords", 2)
    assert find_keyword_loss(0, "Bacillus subtilis 168", 224308) == ()
    assert find_keyword_loss(2, "my isolate", 10665) == ()  # Escherichia phage T4


def test_negative_regulators_are_counted_with_all_gene_products() -> None:
    (text,) = write_negative_regulators({"o": make(6, n_regulators=2)}, ["mecA", "mecB"])
    assert text == (
        "2 of 6 gene products (mecA, mecB) are also annotated as negative regulators of the term, "
        "and may act against it."
    )
    assert list(write_negative_regulators({"o": make(6)}, [])) == []


def row(kind: str, source: str, n_left: int, n_lost: int, **cells: str) -> dict[str, str]:
    return {
        "organism_id": "1",
        "kind": kind,
        "source": source,
        "verdict": "electronic_only",
        "changes_verdict": "false",
        "n_target_gene_products": str(n_left),
        "n_gene_products_lost": str(n_lost),
        "n_also_negative_regulators": "0",
        "verdict_without_negative_regulators": "electronic_only",
        **cells,
    }


def test_summary_of_the_rows_of_an_organism() -> None:
    rows = [
        row("electronic", "", 0, 6),
        row("none", "", 6, 0, n_also_negative_regulators="2"),
        row("source", "A", 3, 3, n_also_negative_regulators="2"),
        row("source", "B", 3, 3, verdict_without_negative_regulators="not_annotated"),
        row("source", "C", 6, 0, changes_verdict="true"),
        row("retired", "UniProt keywords", 4, 2),
        row("with_entry", "A:1", 0, 6),
    ]
    found = summarise_sources(rows)["1"]
    assert (found.n_gene_products, found.n_negative_regulators) == (6, 2)
    assert found.largest == (loss("A", 3, 2), loss("B", 3))
    assert (found.deciding, found.deciding_without_negative_regulators) == (("C",), ("B",))
    assert [(each.source, each.n_lost, each.retired) for each in found.retired] == [
        ("UniProt keywords", 2, "2026-03")
    ]
    nothing = summarise_sources([row("none", "", 6, 0), row("source", "A", 6, 0)])["1"]
    assert (nothing.largest, nothing.retired) == ((), ())
