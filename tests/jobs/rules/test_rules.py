"""Every rule with a line that meets it and a line that violates it."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest
from small_terms import make_terms

from gafreduce.errors import UsageError
from gafreduce.jobs.accounting.line_counts import CountedFinding, FileCounts, FileSums
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.model.annotation import Rejection
from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.reducer.product_rules import ProductRuleChecker
from gafreduce.jobs.rules import catalogue
from gafreduce.jobs.rules.catalogue import (
    RULES,
    SEVERITIES,
    find_rules,
    find_strict_rules,
    load_unchecked_rules,
)

#: The terms of the lines below. GO:0000010 was replaced by GO:0000020; GO:0000011 by nothing.
IDS = {
    "GO:0000010": "P",
    "GO:0000011": "P",
    "GO:0000020": "P",  # a process
    "GO:0000021": "P",  # regulates it
    "GO:0000022": "P",  # too general for people
    "GO:0000023": "P",  # too general for all
    "GO:0000024": "P",  # about to become obsolete
    "GO:0000025": "P",  # between organisms
    "GO:0000030": "F",
    "GO:0000040": "C",
    "GO:0000041": "C",  # a complex
    "GO:0003674": "F",
    "GO:0005575": "C",
    "GO:0008150": "P",
}
NUMBER = {go_id: number for number, go_id in enumerate(IDS)}
TERMS = make_terms(
    IDS,
    target="GO:0000030",
    term_set=(),
    obsolete=frozenset({NUMBER["GO:0000010"], NUMBER["GO:0000011"]}),
    repairs={
        **{"GO:0000010": "GO:0000020", "GO:0000019": "GO:0000020"},
        "GO:0000018": "GO:0000011",  # merged into a term that is obsolete
    },
    marks={
        "gocheck_do_not_annotate": frozenset({NUMBER["GO:0000023"]}),
        "gocheck_do_not_manually_annotate": frozenset({NUMBER["GO:0000022"]}),
        "gocheck_obsoletion_candidate": frozenset({NUMBER["GO:0000024"]}),
        "interspecies": frozenset({NUMBER["GO:0000025"]}),
        "complex": frozenset({NUMBER["GO:0000041"]}),
    },
    regulates=((NUMBER["GO:0000021"], NUMBER["GO:0000020"]),),
)
COLUMNS = {
    **{"db": "DB", "id": "P1", "symbol": "abc", "relation": "", "go_id": "GO:0000020"},
    **{"reference": "PMID:1", "code": "IDA", "with_from": "", "aspect": "P", "name": "a protein"},
    **{"synonyms": "", "type": "protein", "taxon": "taxon:562", "date": "20200131"},
    **{"assigned_by": "UniProt", "extension": "", "form": ""},
}
Cells = dict[str, str]


def gaf(**cells: str) -> str:
    return "\t".join({**COLUMNS, **cells}.values())


def counted(
    text: str, form: str = "gaf", filters: Filters | None = None, taxon_id: int = 0
) -> list[CountedFinding]:
    counts = FileCounts(0)
    source = InputFile("x", "x", form, "plain", 0, taxon_id)
    digest = ProfileMapper(TERMS, False, filters or Filters())
    for _ in digest.map_blocks(source, [text.encode()], counts):
        pass
    return counts.found


def words(text: str) -> set[str]:
    return {found.word for found in counted(f"{text}\n")}


#: Word, cells of a line that violates the rule, cells of a line that meets it.
EXAMPLES: list[tuple[str, Cells, Cells]] = [
    ("no_object_id", {"id": ""}, {}),
    ("no_object_id", {"db": " "}, {}),
    ("control_character", {"id": "P\x011"}, {}),
    ("bad_taxon", {"taxon": "E. coli"}, {"taxon": "NCBITaxon:562"}),
    ("bad_go_id", {"go_id": "GO:20"}, {}),
    ("nd_not_on_root", {"code": "ND"}, {"code": "ND", "go_id": "GO:0008150"}),
    ("ikr_without_not", {"code": "IKR"}, {"code": "IKR", "relation": "NOT"}),
    ("repaired_go_id", {"go_id": "GO:0000010"}, {"go_id": "GO:0000020"}),
    ("repaired_go_id", {"go_id": "GO:0000019"}, {"go_id": "GO:0000011"}),
    ("aspect_corrected", {"aspect": "F"}, {"aspect": ""}),
    ("obsolete_go_id", {"go_id": "GO:0000011"}, {"go_id": "GO:0000010"}),
    ("obsolete_go_id", {"go_id": "GO:0000018"}, {"go_id": "GO:0000019"}),
    ("unknown_go_id", {"go_id": "GO:7777777"}, {"go_id": "GO:0000018"}),
    ("unknown_go_id", {"go_id": "GO:7777777"}, {"go_id": "GO:0000011"}),
    ("unknown_evidence", {"code": "MADEUP"}, {"code": "NR"}),
    ("missing_value", {"symbol": ""}, {}),
    ("missing_value", {"reference": " "}, {}),
    ("missing_value", {"code": ""}, {}),
    ("missing_value", {"type": ""}, {}),
    ("missing_value", {"date": ""}, {}),
    ("missing_value", {"assigned_by": ""}, {"form": ""}),
    ("too_many_columns", {"form": "\tmore"}, {"form": "more"}),
    ("bad_date", {"date": "2020-01-31"}, {}),
    ("bad_date", {"date": "20200230"}, {"date": "20200229"}),
    ("bad_date", {"date": "TODAY"}, {}),
    ("odd_taxon", {"taxon": "NCBITaxon:562"}, {"taxon": "taxon:562|taxon:9606"}),
    ("odd_taxon", {"taxon": "taxon:562|mouse"}, {"taxon": " taxon:562"}),
    ("bad_aspect", {"aspect": "X"}, {"aspect": ""}),
    ("bad_extension", {"extension": "part_of"}, {"extension": "part_of(CL:1)"}),
    ("bad_extension", {"extension": "part_of(x)"}, {"extension": "a(B:1),c(D:2)|e(F:3)"}),
    ("bad_extension", {"extension": "part_of(X:9 X:8)"}, {}),
    ("bad_reference", {"reference": "PMID:unpublished"}, {"reference": "GO_REF:0000002"}),
    ("bad_reference", {"reference": "PMID:1|a paper"}, {"reference": "PMID:1|MGI:MGI:2"}),
    ("unknown_relation", {"relation": "integral_to"}, {"relation": "NOT|involved_in"}),
    ("relation_not_allowed", {"relation": "enables"}, {"relation": "acts_upstream_of"}),
    (
        "relation_not_allowed",
        {"relation": "located_in", "go_id": "GO:0000041", "aspect": "C"},
        {"relation": "part_of", "go_id": "GO:0000041", "aspect": "C"},
    ),
    (
        "relation_not_allowed",
        {"relation": "contributes_to", "go_id": "GO:0003674", "code": "ND", "aspect": "F"},
        {"relation": "enables", "go_id": "GO:0003674", "code": "ND", "aspect": "F"},
    ),
    ("iep_not_on_process", {"code": "IEP", "go_id": "GO:0000030"}, {"code": "IEP"}),
    ("iep_not_on_process", {"code": "HEP", "go_id": "GO:0000040"}, {"code": "HEP"}),
    ("too_general_term", {"go_id": "GO:0000023", "code": "IEA"}, {}),
    ("too_general_term", {"go_id": "GO:0000022"}, {"go_id": "GO:0000022", "code": "IEA"}),
    ("root_without_nd", {"go_id": "GO:0008150"}, {"go_id": "GO:0008150", "code": "ND"}),
    (
        "dual_taxon",
        {"taxon": "taxon:562|taxon:9606"},
        {"taxon": "taxon:562|taxon:9606", "go_id": "GO:0000025"},
    ),
    ("ic_without_go_id", {"code": "IC"}, {"code": "IC", "with_from": "GO:0000030"}),
    ("obsolete_go_ref", {"reference": "GO_REF:0000038"}, {"reference": "GO_REF:0000043"}),
    (
        "complex_on_complex",
        {"db": "ComplexPortal", "go_id": "GO:0000041"},
        {"db": "ComplexPortal", "go_id": "GO:0000040"},
    ),
    (
        "self_reference",
        {"code": "ISS", "with_from": "X:2|DB:P1"},
        {"code": "ISS", "with_from": "DB:P12"},
    ),
    ("iss_without_source", {"code": "ISO"}, {"code": "ISM"}),
    ("obsoletion_candidate", {"go_id": "GO:0000024"}, {}),
    (
        "iba_of_others",
        {"code": "IBA", "reference": "GO_REF:0000033"},
        {"code": "IBA", "reference": "GO_REF:0000033", "assigned_by": "GO_Central"},
    ),
    (
        "iba_of_others",
        {"code": "IBA", "assigned_by": "GO_Central"},
        {"code": "IBA", "reference": "PMID:21873635", "assigned_by": "GO_Central"},
    ),
    ("no_public_reference", {"reference": "MGI:MGI:1"}, {"reference": "MGI:MGI:1|DOI:10.1/x"}),
    ("several_references", {"reference": "PMID:1|PMID:2"}, {"reference": "PMID:1|MGI:MGI:2"}),
]


@pytest.mark.parametrize(("word", "bad", "good"), EXAMPLES)
def test_a_rule_finds_the_line_that_violates_it_only(word: str, bad: Cells, good: Cells) -> None:
    assert word in words(gaf(**bad))
    assert word not in words(gaf(**good))


def test_a_line_that_meets_all_rules_has_no_finding() -> None:
    assert counted(gaf() + "\n") == []


ELSEWHERE = {
    "too_few_columns": counted("DB\tP1\n"),
    "not_two_columns": counted("a\tb\tc\n", "id_list", taxon_id=1),
    "obsolete_dropped": counted(gaf(go_id="GO:0000010") + "\n", filters=Filters(obsolete="drop")),
    "refused_in_part": counted("a\tGO:0000020;GO:1;GO:2\n", "id_list", taxon_id=1),
    "ambiguous_eco_id": counted(
        "DB:P1\t\tRO:0002331\tGO:0000020\tPMID:1\tECO:0007295\t\t\t2020-01-01\tX\n",
        "gpad",
        taxon_id=1,
    ),
}


@pytest.mark.parametrize("word", ELSEWHERE)
def test_rules_of_other_formats_and_options_find_their_lines(word: str) -> None:
    assert word in {found.word for found in ELSEWHERE[word]}


def test_a_line_refused_in_part_has_a_finding_for_each_reason() -> None:
    found = counted(
        "a\tGO:0000020;GO:1;GO:0000011;GO:2\n", "id_list", Filters(obsolete="drop"), taxon_id=1
    )
    assert {(each.word, each.value, each.n_lines) for each in found} == {
        ("refused_in_part", "bad_go_id", 1),
        ("refused_in_part", "obsolete_dropped", 1),
    }


def test_every_rule_has_examples() -> None:
    of_gpi = {"unknown_gene_product"}  # tests/jobs/formats/test_gpi.py
    across = {word for word, rule in RULES.items() if rule.needs == catalogue.ACROSS_LINES}
    assert {word for word, _, _ in EXAMPLES} | set(ELSEWHERE) | of_gpi | across == set(RULES)


def test_every_rule_is_complete() -> None:
    for word, rule in RULES.items():
        assert rule.word == word
        assert rule.severity in SEVERITIES
        assert rule.title
        assert rule.why
        assert all(re.fullmatch(r"GORULE:\d{7}", each) for each in filter(None, [rule.gorule[:14]]))
        assert bool(rule.link) == bool(rule.gorule)
        assert re.fullmatch(r"(https://[a-z.]+/[a-z/-]+/gorule-\d{7}\.md)?", rule.link)
    checked = {number for rule in RULES.values() for number in re.findall(r"\d{7}", rule.gorule)}
    assert not [
        rule for rule in load_unchecked_rules() if rule[7:14] in checked and "(" not in rule
    ]


def test_rejections_in_the_code_agree_with_the_catalogue() -> None:
    found = []
    for path in (Path(__file__).parents[3] / "jobs").rglob("*.py"):
        found += re.findall(r'Rejection\(\s*"(\w+)",\s*"(\S+?)"', path.read_text())
    assert len(found) > 7
    for reason, rule in found:
        assert (RULES[reason].gorule, RULES[reason].severity) == (rule, "reject")


@pytest.mark.parametrize(
    "word", sorted(find_strict_rules(["all"]) - {"ambiguous_eco_id", "process_and_regulation"})
)
def test_strict_refuses_lines_that_are_otherwise_kept(word: str) -> None:
    (bad, good) = next((bad, good) for known, bad, good in EXAMPLES if known == word)
    found = counted(gaf(**bad) + "\n", filters=Filters(strict=(word,)))
    assert [(each.word, each.severity, each.n_lines) for each in found] == [(word, "reject", 1)]
    assert word not in {
        each.word for each in counted(gaf(**good) + "\n", filters=Filters(strict=(word,)))
    }


def test_rules_are_found_by_word_and_gorule_id() -> None:
    assert find_rules(["all"]) == set(RULES)
    assert find_rules(["gorule:0000037", "bad_date"]) == {"iba_of_others", "bad_date"}
    assert "nd_not_on_root" not in find_strict_rules(["GORULE:0000011"])
    for names in (["GORULE:9999999"], [""], ["bad-date"]):
        with pytest.raises(UsageError, match="expected rules such as"):
            find_rules(names)
    for name in ("too_few_columns", "nd_beside_others", "refused_in_part"):
        with pytest.raises(UsageError, match="expected a rule with lines that are otherwise kept"):
            find_strict_rules([name])


@pytest.mark.parametrize(
    ("obsolete", "go_id", "becomes", "finding"),
    [
        ("repair", "GO:0000010", "GO:0000020", "repaired_go_id"),
        ("keep", "GO:0000010", "GO:0000010", "obsolete_go_id"),
        ("drop", "GO:0000010", None, "obsolete_dropped"),
        ("repair", "GO:0000011", "GO:0000011", "obsolete_go_id"),
        ("keep", "GO:0000011", "GO:0000011", "obsolete_go_id"),
        ("drop", "GO:0000011", None, "obsolete_dropped"),
        ("drop", "GO:0000018", None, "obsolete_dropped"),
        *((word, "GO:0000019", "GO:0000020", "repaired_go_id") for word in ("keep", "drop")),
    ],
)
def test_obsolete_terms_are_repaired_kept_or_dropped(
    obsolete: str, go_id: str, becomes: str | None, finding: str
) -> None:
    filters = Filters(obsolete=obsolete)
    reading = ProfileMapper(TERMS, False, filters).interpret(("", False, go_id, "IDA", "P"))
    assert isinstance(reading, Rejection) == (becomes is None)
    assert getattr(reading, "go_id", None) == becomes
    (found,) = counted(gaf(go_id=go_id) + "\n", filters=filters)
    assert found.word == finding
    if becomes is not None:
        repaired = "" if becomes == go_id else becomes
        assert (found.value, found.becomes) == (go_id, repaired)


def total_of(texts: list[str]) -> FileTotal:
    totals = FileSums()
    records = []
    for text in texts:
        counts = FileCounts(0)
        source = InputFile("x", "x", "gaf", "plain", 0, 0)
        for _ in ProfileMapper(TERMS, False).map_blocks(source, [text.encode()], counts):
            pass
        records += counts.encode()
    for record in sorted(records):
        totals.add(*record.split(b"\t", 2)[1:])
    return FileTotal.decode(totals.encode(b"F000000").split(b"\t", 2)[2])


def test_findings_in_parts_of_a_file_add_up() -> None:
    lines = [gaf(id=f"P{n % 5}", date="x", symbol="") + "\n" for n in range(20)]
    whole = total_of(["".join(lines)])
    for cut in (1, 7, 13):
        assert total_of(["".join(lines[cut:]), "".join(lines[:cut])]) == whole
    dates, symbols = whole.found
    assert (dates.word, dates.n_lines) == ("bad_date", 20)
    assert [example.split("\t")[1] for example in dates.examples] == ["P0", "P1", "P2"]
    assert (symbols.value, symbols.n_lines) == ("symbol", 20)
    assert [example.split("\t")[1] for example in symbols.examples] == ["P0"]


def test_the_number_of_values_is_limited_and_every_line_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gafreduce.jobs.accounting.line_counts.N_VALUES_NAMED", 3)
    lines = [gaf(go_id=f"GO:70000{n:02d}") + "\n" for n in range(10) for _ in range(2)]
    found = total_of(["".join(lines)]).found
    named = {each.value: each.n_lines for each in found}
    assert named == {"GO:7000000": 2, "GO:7000001": 2, "GO:7000002": 2, "...": 14}


def test_counts_are_full_before_they_take_much_memory() -> None:
    counts = FileCounts(0, has_quarantine=True)
    source = InputFile("x", "x", "gaf", "plain", 0, 0)
    text = "".join(gaf(go_id=f"GO:7{n:06d}") + "\n" for n in range(6000)).encode()
    for _ in ProfileMapper(TERMS, False).map_blocks(source, [text], counts):
        pass
    assert counts.is_full()
    records = list(counts.encode())
    assert not counts.is_full()
    assert sum(b"\tfound:" in record for record in records) == 6000
    counts.add_rejection(Rejection("bad_go_id"), b"x" * (5 << 20))
    assert counts.is_full()


def across(*pieces: tuple[str, int, str]) -> list[tuple[str, str, int]]:
    lines = [f"000000000001.00\t{name}\t={n}\t1\t{tokens}\n".encode() for name, n, tokens in pieces]
    found = []
    records = ProductRuleChecker(TERMS).reduce([*lines, b"F000000\tcounts\t1\n"])
    for record in chain.from_iterable(records):
        if b"found:" in record:
            file, kind, value = record.decode().split("\t")
            found.append((file, kind.partition(":")[2], int(value[1 : value.index(",")])))
    return sorted(found)


def test_rules_across_lines_hold_over_all_files_and_parts() -> None:
    process, regulation = (NUMBER[go_id] for go_id in ("GO:0000020", "GO:0000021"))
    both = "kept|process_and_regulation|GO:0000020 GO:0000021|"
    assert across(("DB:P1", 0, f"{process}e"), ("DB:P1", 1, f"{regulation}x {regulation}e")) == [
        ("F000000", both, 1),
        ("F000001", both, 2),
    ]
    assert across(("DB:P1", 0, f"{process}e"), ("DB:P2", 0, f"{regulation}x")) == []
    beside = "kept|nd_beside_others|P|"
    assert across(("DB:P1", 0, "P F"), ("DB:P1", 1, f"{process}e n")) == [("F000000", beside, 1)]
    assert across(("DB:P1", 0, "F"), ("DB:P1", 1, f"{process}e a n GO:7777777Pe")) == []
