"""The warnings of a run: which there are, with which numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from gafreduce.jobs.accounting.line_counts import CountedFinding
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.model.organisms import TAXA_ONLY
from gafreduce.pipeline.run_warnings import list_finding_warnings, list_warnings
from gafreduce.reports.tables.core_tables import OrganismRow


def total_of(n_kept: int = 1, **changes: Any) -> FileTotal:
    empty = FileTotal(n_kept, 0, 0, 0, n_kept, 0, 0, "", 1, 9, [9], [n_kept], {}, {}, [])
    return empty._replace(**changes)


def find(
    word: str, n_lines: int, value: str = "", example: str = "a", is_refused: bool = False
) -> CountedFinding:
    return CountedFinding(word, value, "", is_refused, n_lines, [example])


def warn(
    *organisms: OrganismRow,
    totals: Mapping[int, FileTotal] | None = None,
    by_status: Mapping[str, int] | None = None,
    requested: tuple[str, ...] = (),
    note: str = "",
    leaves_out: bool = False,
    **filters: Any,
) -> list[str]:
    plan: Any = SimpleNamespace(
        listing=SimpleNamespace(
            notes=["a note"] if note else [],
            inputs=[
                SimpleNamespace(
                    source_file=f"file-{n}",
                    format="gaf",
                    sheet_taxon=0,
                    compare=False if leaves_out else None,
                    sample="",
                    sample_files=0,
                    organism=f"organism {n}",
                )
                for n in range(3)
            ],
            organisms=TAXA_ONLY,
        ),
        terms=SimpleNamespace(note=note),
        slim=None,
        options=SimpleNamespace(organisms=requested, filters=Filters(**filters)),
    )
    made: Any = SimpleNamespace(organisms=organisms, n_terms_by_status=by_status or {})
    return list(list_warnings(plan, totals or {}, made))


def organism(taxon_id: int, compared: bool = True, n_annotations: int = 1) -> OrganismRow:
    return OrganismRow(str(taxon_id), f"organism {taxon_id}", compared, "", n_annotations, 0)


def test_a_run_without_anything_odd_has_no_warnings() -> None:
    assert warn(organism(1), organism(2), totals={0: total_of()}, requested=("1", "2")) == []


def test_notes_of_inputs_and_ontology_come_first() -> None:
    assert warn(organism(1), note="old ontology") == ["a note", "old ontology"]


@pytest.mark.parametrize(
    ("status", "n", "expected"),
    [
        ("obsolete", 1, "1 obsolete term without a replacement: counted directly, without "),
        ("unknown", 2, "2 term ids unknown to this ontology: counted directly, without "),
    ],
)
def test_terms_without_ancestors_are_counted(status: str, n: int, expected: str) -> None:
    (warning,) = warn(organism(1), by_status={status: n})
    assert warning == f"{expected}ancestors (table terms, status {status})"
    assert warn(organism(1), by_status={status: 0}) == []


@pytest.mark.parametrize(("n", "words"), [(1, "1 line was"), (2, "2 lines were")])
def test_rejected_lines_are_counted(n: int, words: str) -> None:
    refused = total_of(found=[find("bad_taxon", n, is_refused=True)])
    assert warn(organism(1), totals={0: refused, 1: total_of()}) == [
        f"{words} rejected (table rejections)"
    ]


@pytest.mark.parametrize(("n", "more"), [(1, ""), (5, ""), (6, " and 1 more"), (7, " and 2 more")])
def test_organisms_that_are_not_compared_are_named(n: int, more: str) -> None:
    excluded = [organism(taxon_id, compared=False) for taxon_id in range(2, n + 2)]
    names = ", ".join(each.organism for each in excluded[:5])
    are = "organism is" if n == 1 else "organisms are"
    (warning,) = warn(organism(1), *excluded)
    assert warning == (
        f"{n} other {are} not compared (too few gene products, or not requested; table "
        f"organisms): {names}{more}"
    )


def test_a_file_whose_main_organism_is_a_stray_is_named() -> None:
    small = organism(9, compared=False)
    totals = {0: total_of(), 1: total_of(main_taxon_id=1), 2: total_of()}
    assert warn(organism(1), small, totals=totals)[1:] == [
        "file-0, file-2: most lines are of organism 9, which has too few gene products beside the "
        "others (to compare it, name it in a sample sheet)"
    ]
    assert len(warn(organism(1), small, totals={0: totals[1]})) == 1
    assert len(warn(organism(1), small, totals=totals, requested=("1",))) == 1
    assert len(warn(organism(1), small, totals=totals, leaves_out=True)) == 1


def test_requested_organisms_without_annotations_are_named() -> None:
    empty = [organism(taxon_id, n_annotations=0) for taxon_id in (2, 3)]
    found = warn(organism(1), *empty, requested=("1", "2", "3"))
    words = "was requested but has no annotations in these files"
    assert found == [f"organism 2 {words}", f"organism 3 {words}"]


def test_a_run_without_a_compared_organism_says_so() -> None:
    assert warn() == ["no organism is compared"]
    assert warn(organism(1, compared=False))[1:] == ["no organism is compared"]


def test_lines_that_filters_exclude_are_counted_by_option() -> None:
    totals = {
        0: total_of(filtered={"exclude_evidence": 1000, "aspect": 2}),
        2: total_of(n_kept=0, filtered={"aspect": 3}),
        1: total_of(n_kept=0),
    }
    assert warn(organism(1), totals=totals, aspects=("P",)) == [
        "1,005 lines were excluded by filters: --aspect 5, --exclude-evidence 1,000",
    ]


def test_relations_that_support_are_named_unless_they_are_the_usual_ones() -> None:
    (warning,) = warn(organism(1), supporting_relations=("", "enables"))
    assert warning == ("--qualifier-relations: only none, enables count as support for a term")


def test_findings_in_kept_lines_are_added_up_over_files() -> None:
    totals = [
        total_of(
            found=[find("unknown_evidence", 2, example="z"), find("bad_taxon", 5, is_refused=True)]
        ),
        total_of(found=[find("unknown_evidence", 1, example="b" * 200)]),
    ]
    (warning,) = list_finding_warnings(totals)
    assert warning == (
        "3 lines with an evidence code or ECO id unknown to GO, counted as not stated, "
        f"for example '{'b' * 100}'"
    )
    refused = total_of(found=[find("unknown_evidence", 2, is_refused=True)])
    assert list(list_finding_warnings([refused])) == []


def test_replaced_terms_are_counted_once() -> None:
    found = [find("repaired_go_id", 2, "GO:1"), find("repaired_go_id", 3, "GO:1")]
    (warning,) = list_finding_warnings([total_of(found=found)])
    assert warning.startswith("5 lines with 1 merged or replaced term id, counted under the repl")


def test_other_findings_are_named_if_they_are_warnings() -> None:
    found = [
        *(find("root_without_nd", 1000), find("root_without_nd", 1), find("bad_date", 2)),
        *(find("obsolete_go_id", 3), find("unknown_go_id", 4)),
        *(find("iba_of_others", 5), find("aspect_corrected", 6)),  # information, and a repair
    ]
    words = [text.partition(": ")[2] for text in list_finding_warnings([total_of(found=found)])]
    assert words == ["bad_date 2, root_without_nd 1,001"]
