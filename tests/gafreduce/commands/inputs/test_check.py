"""`gafreduce check`, and the same findings in runs: exit codes, formats, repairs, quarantine."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import oracle_rules
import pytest

from gafreduce.cli import main
from gafreduce.jobs.rules.catalogue import RULES
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows
from gafreduce.reports.tables.schema import FINDINGS

REPOSITORY = Path(__file__).parents[4]
SAMPLES = REPOSITORY / "data" / "samples"
OBO = SAMPLES / "go-samples.obo"
SHARED = REPOSITORY.parent / "shared" / "data"
ACROSS = {"process_and_regulation", "nd_beside_others"}

#: Chains, a loop, a term that was merged and later replaced, and one that only has a `consider`.
TERMS = {
    "GO:0008150": ["name: biological_process"],
    "GO:0030420": ["alt_id: GO:0000001", "is_a: GO:0008150"],
    "GO:0000002": ["is_obsolete: true", "replaced_by: GO:0000003"],
    "GO:0000003": ["is_obsolete: true", "replaced_by: GO:0000001"],
    "GO:0000004": ["is_obsolete: true", "replaced_by: GO:0000005"],
    "GO:0000005": ["is_obsolete: true", "replaced_by: GO:0000004"],
    "GO:0000006": ["is_obsolete: true", "alt_id: GO:0000007", "replaced_by: GO:0030420"],
    "GO:0000008": ["is_obsolete: true", "consider: GO:0030420"],
    "GO:0000009": ["subset: gocheck_do_not_annotate", "is_a: GO:0008150"],
}
REPAIRED = {f"GO:000000{n}": "GO:0030420" for n in (1, 2, 3, 6, 7)}
KEPT = ("GO:0000004", "GO:0000005", "GO:0000008")


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def ontology(tmp_path):
    stanzas = []
    for go_id, lines in TERMS.items():
        named = [] if lines[0].startswith("name:") else [f"name: {go_id}"]
        head = ["[Term]", f"id: {go_id}", *named, "namespace: biological_process"]
        stanzas.append("\n".join([*head, *lines]))
    path = tmp_path / "small.obo"
    path.write_text("format-version: 1.2\n\n" + "\n\n".join(stanzas) + "\n")
    return path


def gaf(go_id: str, name: str = "P1", code: str = "IDA") -> str:
    cells = ["DB", name, "s", "", go_id, "PMID:1", code, "", "P", "", "", "protein", "taxon:562"]
    return "\t".join([*cells, "20200101", "X"]) + "\n"


def check(capsys, *arguments: object) -> tuple[int, str, str]:
    code = main.main(["check", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def rows_of(text: str) -> list[dict[str, str]]:
    header, *lines = text.splitlines()
    assert header.split("\t") == list(FINDINGS.column_names)
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


def run(folder: Path, *arguments: object) -> Path:
    more = ["--no-report", "-q", "-o", folder]
    assert main.main(["run", *map(str, [*arguments, *more])]) == 0
    return folder


def test_clean_files_exit_with_zero_and_warnings_only_when_asked(capsys):
    code, text, errors = check(capsys, SAMPLES, "--ontology", OBO)
    assert (code, errors) == (0, "")
    assert "obsolete_go_ref" in text
    code, text, errors = check(capsys, SAMPLES, "--ontology", OBO, "--fail-on", "warn", "-q")
    assert (code, text) == (5, "")
    assert "lines with warnings" in errors
    rules = ("--rules", "GORULE:0000042,bad_date", "--fail-on", "warn")
    assert check(capsys, SAMPLES, "--ontology", OBO, *rules)[0] == 0


def test_refused_lines_exit_with_one_after_the_report(capsys, tmp_path):
    path = tmp_path / "x.gaf"
    path.write_text(gaf("GO:0030420") + gaf("GO:1") * 20 + "short\n")
    code, text, errors = check(capsys, path, "--ontology", OBO)
    assert code == 1
    assert "22 lines = 1 kept + 21 rejected" in text
    assert errors == "gafreduce: expected clean files, got 21 findings of refused lines\n"
    path.write_text("short\n" + gaf("GO:0030420"))
    assert check(capsys, path, "--ontology", OBO, "--rules", "GORULE:0000027")[0] == 0
    path.write_text(gaf("GO:1"))
    assert check(capsys, path, "--ontology", OBO, "--format", "gaf")[0] == 1


def test_rules_skipped_without_an_ontology_are_listed(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GAFREDUCE_ONTOLOGY", raising=False)
    path = tmp_path / "x.gaf"
    path.write_text(gaf("GO:7777777") + gaf("GO:0030420", code="MADEUP") + gaf("GO:0000001"))
    code, text, _ = check(capsys, path, "--json")
    report = json.loads(text)
    assert code == 0
    assert [found["finding"] for found in report["findings"]] == ["unknown_evidence"]
    assert set(report["not_asked"]) == {word for word, rule in RULES.items() if rule.needs}


def test_every_output_format_has_the_same_findings(capsys, tmp_path):
    path = tmp_path / "x.gaf"
    path.write_text("!gaf-version: 2.1\n" + gaf("GO:<b>") + gaf("GO:0030420") + gaf("GO:7777777"))
    arguments = (path, SAMPLES, "--ontology", OBO)
    found = json.loads(check(capsys, *arguments, "--json")[1])
    rows = rows_of(check(capsys, *arguments, "--to", "tsv")[1])
    assert rows == [
        {name: str(each.get(name, "")).replace("\t", " ") for name in FINDINGS.column_names}
        for each in found["by_file"]
    ]
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sums[row["finding"], row["value"]] += int(row["n_lines"])
    assert sums == {(each["finding"], each["value"]): each["n_lines"] for each in found["findings"]}
    text = check(capsys, *arguments)[1]
    page = check(capsys, *arguments, "--to", "html")[1]
    for each in found["findings"]:
        assert each["finding"] in text
        assert each["finding"] in page
        assert each["value"] in text
    assert "<b>" not in page
    assert "GO:&lt;b&gt;" in page
    assert "://" not in page.replace('href="https://github.com/geneontology/', "")
    seen = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: seen.append(tag)
    parser.feed(page)
    assert {"caption", "th", "h2"} <= set(seen)
    assert "script" not in seen


def test_the_same_on_every_runner_and_in_a_run(capsys, tmp_path):
    arguments = (SAMPLES, "--ontology", OBO, "--to", "tsv")
    inline = check(capsys, *arguments, "-r", "inline")[1]
    assert check(capsys, *arguments, "-r", "local", "--cores", "2")[1] == inline
    folder = run(tmp_path / "run", SAMPLES, "--ontology", OBO)
    rows = rows_of(inline)
    assert {row["finding"] for row in rows} & ACROSS
    assert [dict(row) for row in read_rows(RunFolder(folder), "findings")] == rows
    narrow = run(tmp_path / "narrow", SAMPLES, "--ontology", OBO, "--scope", "target")
    within = [row for row in rows if row["finding"] not in ACROSS]
    assert [dict(row) for row in read_rows(RunFolder(narrow), "findings")] == within
    assert {row["finding"] for row in rows_of(inline)} & ACROSS


def test_meca_supports_competence_and_regulates_it(capsys):
    text = check(capsys, SAMPLES, "--ontology", OBO, "--rules", "GORULE:0000036")[1]
    assert "GO:0030420 GO:0045808" in text


def test_repairs_are_listed_with_before_and_after(capsys, tmp_path, ontology):
    path = tmp_path / "x.gaf"
    ids = [*REPAIRED, *KEPT, "GO:7777777", "GO:0000009"]
    path.write_text("".join(gaf(go_id) * 2 for go_id in ids))
    rows = rows_of(check(capsys, path, "--ontology", ontology, "--to", "tsv")[1])
    by_word = {
        word: {row["value"]: row["becomes"] for row in rows if row["finding"] == word}
        for word in ("repaired_go_id", "obsolete_go_id", "unknown_go_id", "too_general_term")
    }
    assert by_word == {
        "repaired_go_id": REPAIRED,
        "obsolete_go_id": dict.fromkeys(KEPT, ""),
        "unknown_go_id": {"GO:7777777": ""},
        "too_general_term": {"": ""},
    }
    assert {row["n_lines"] for row in rows} == {"2"}


@pytest.mark.parametrize(
    ("obsolete", "n_kept", "n_rejected"), [("repair", 40, 0), ("keep", 40, 0), ("drop", 10, 30)]
)
def test_obsolete_terms_in_a_run(tmp_path, ontology, obsolete, n_kept, n_rejected):
    """Dropping them is no fault of the file, however many they are."""
    path = tmp_path / "x.gaf"
    text = gaf("GO:0000002") * 15 + gaf("GO:0000008") * 15 + gaf("GO:0000001") * 10
    path.write_text(text)
    folder = run(tmp_path / "run", path, "--ontology", ontology, "--obsolete", obsolete)
    (row,) = read_rows(RunFolder(folder), "inputs")
    assert (row["n_kept"], row["n_rejected"]) == (str(n_kept), str(n_rejected))
    (organism,) = read_rows(RunFolder(folder), "organisms")
    dropped = [
        (row["value"], row["n_lines"], row["severity"])
        for row in read_rows(RunFolder(folder), "findings")
        if row["finding"] == "obsolete_dropped"
    ]
    both = [("GO:0000002", "15", "reject"), ("GO:0000008", "15", "reject")]
    assert dropped == (both if obsolete == "drop" else [])
    on_target = {"repair": 25, "keep": 10, "drop": 10}[obsolete]
    assert organism["n_target_annotations"] == str(on_target)
    assert (
        json.loads((folder / "run.json").read_text())["options"]["filters"]["obsolete"] == obsolete
    )


def test_partly_refused_lines_exit_with_one(capsys, tmp_path, ontology):
    path = tmp_path / "x.txt"
    path.write_text("a\tGO:0030420;GO:1\nb\tGO:0030420\nc\tGO:0030420\n")
    arguments = ("--taxon", "562", "--ontology", ontology)
    code, text, error = check(capsys, path, *arguments)
    assert code == 1
    assert "refused_in_part: 1 line" in text
    assert "got 1 finding of refused lines" in error
    path.write_text("a\tGO:0030420\nb\tGO:0030420\nc\tGO:0030420\n")
    assert check(capsys, path, *arguments)[0] == 0


def test_a_file_without_annotations_fails(capsys, tmp_path, ontology):
    path = tmp_path / "x.tsv"
    path.write_text("a\t\nb\t\n")
    arguments = ("--format", "id_list", "--taxon", "562", "--ontology", ontology)
    code, _, error = check(capsys, path, *arguments)
    assert code == 1
    assert "got 2 of gene products without a term and no other (is it the whole file?" in error


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_companion_of_other_gene_products_is_named(
    capsys, tmp_path, ontology, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)  # it is named as one does, and tasks have folders of their own
    gpad = "!gpa-version: 1.1\nUniProtKB\tP1\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000314\t\t\t"
    Path("x.gpad").write_text(f"{gpad}20200101\tX\t\t\n")
    gpi = "!gpi-version: 1.2\nUniProtKB\t{}\ts\tn\t\tprotein\ttaxon:562\t\t\t\n"
    arguments = ["x.gpad", "--companion", "x.gpi", "--ontology", str(ontology)]
    arguments += ["-o", "out", "-q"] if command == "run" else []
    Path("x.gpi").write_text(gpi.format("P1"))
    assert main.main([command, *arguments]) == 0
    Path("x.gpi").write_text(gpi.format("P2"))
    capsys.readouterr()
    assert main.main([command, *arguments, *(["--force"] if command == "run" else [])]) == 1
    captured = capsys.readouterr()
    said = "the GPI file of these gene products?" if command == "run" else "unknown_gene_product: 1"
    assert said in captured.out + captured.err


def test_strict_lines_are_rejected_and_count_as_such(capsys, tmp_path, ontology):
    path = tmp_path / "x.gaf"
    path.write_text(gaf("GO:0030420") + gaf("GO:0008150") * 3)
    arguments = (path, "--ontology", ontology)
    folder = run(tmp_path / "run", *arguments, "--strict", "root_without_nd")
    (row,) = read_rows(RunFolder(folder), "rejections")
    assert (row["reason"], row["rule"], row["n_lines"]) == (
        "root_without_nd",
        "GORULE:0000011",
        "3",
    )
    assert check(capsys, *arguments)[0] == 0
    assert check(capsys, *arguments, "--strict", "all")[0] == 1
    path.write_text(gaf("GO:0030420") + gaf("GO:0008150") * 30)
    command = ["run", *map(str, arguments), "--no-report", "--strict", "GORULE:0000011"]
    assert main.main([*command, "-o", str(tmp_path / "other")]) == 1
    assert "raise --max-rejected" in capsys.readouterr().err


def test_quarantined_lines_keep_their_bytes(tmp_path, ontology):
    path = tmp_path / "x.gaf"
    bad = [b"caf\xe9 short", b"sh\x01rt", "kurz \N{SNOWMAN}".encode()]
    repaired = [gaf(go_id)[:-1].encode() + b"\t\t" for go_id in REPAIRED]
    lines = [*bad, *repaired, gaf("GO:0030420")[:-1].encode()]
    path.write_bytes(b"".join(line + b"\r\n" for line in lines))
    folders = [
        run(tmp_path / name, given, "--ontology", ontology, "--quarantine", *more)
        for name, given, more in (
            ("a", path, ()),
            ("b", path, ("-r", "local", "--cores", "2")),
        )
    ]
    name = Path("extras") / "quarantine" / "x.gaf.tsv.gz"
    contents = {(folder / name).read_bytes() for folder in folders}
    assert len(contents) == 1
    header, *found = gzip.decompress(contents.pop()).split(b"\n")[:-1]
    assert header == b"rule\tfinding\tline"
    kept = [line.split(b"\t", 2) for line in found]
    assert sorted(line for _, _, line in kept) == sorted(bad + repaired)
    assert {(rule, word) for rule, word, _ in kept} == {
        (b"GORULE:0000001", b"too_few_columns"),
        (b"GORULE:0000020", b"repaired_go_id"),
    }
    assert str(name) in (folders[0] / "MANIFEST.tsv").read_text()
    assert not (run(tmp_path / "none", path, "--ontology", ontology) / "extras").exists()


def test_a_forced_file_without_any_term_fails(capsys, tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text("a\t\nb\t\n")
    arguments = [str(path), "--format", "id_list", "--taxon", "562", "--ontology", str(OBO)]
    assert main.main(["run", *arguments, "-o", str(tmp_path / "run"), "--no-report"]) == 1
    assert (
        "got 2 of gene products without a term and no other (is it the whole file?"
        in capsys.readouterr().err
    )
    path.write_text("a\t\nb\tGO:0030420\n")
    assert main.main(["run", *arguments, "-o", str(tmp_path / "run"), "--no-report"]) == 0


@pytest.mark.parametrize(
    ("rules", "said"),
    [("GORULE:1", "expected rules such as"), (" , ", "expected a comma-separated list")],
)
def test_unknown_rules_are_wrong_usage(capsys, rules, said):
    with pytest.raises(SystemExit) as caught:
        main.main(["check", str(SAMPLES), "--rules", rules])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


# Real files

#: What stands in the comments above the lines of ontobio's file of errors.
ONTOBIO = {
    ("GORULE:0000027", "bad_go_id", ""): 1,
    ("GORULE:0000001", "missing_value", "symbol"): 1,
    ("GORULE:0000001", "too_few_columns", ""): 1,
    ("GORULE:0000001", "bad_extension", ""): 4,
    ("GORULE:0000001", "unknown_evidence", ""): 1,
    ("GORULE:0000001", "bad_date", ""): 2,
    ("GORULE:0000001", "no_object_id", ""): 1,
}


@pytest.fixture
def shared():
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    return SHARED


def test_every_bad_line_of_ontobio_is_found_by_its_rule(capsys, shared, real_ontology):
    path = shared / "formats" / "ontobio_errors.gaf"
    arguments = (path, "--ontology", real_ontology, "--to", "tsv")
    code, text, _ = check(capsys, *arguments)
    found = {
        (row["rule"], row["finding"], row["value"]): int(row["n_lines"]) for row in rows_of(text)
    }
    assert code == 1
    assert {key: found.get(key) for key in ONTOBIO} == ONTOBIO


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "ontobio_test-qualifiers-2.2.gaf",
            # "colocalizes with", with a blank, is read as colocalizes_with
            {"relation_not_allowed": 3, "no_public_reference": 7, "odd_taxon": 7},
        ),
        ("owltools_rgd_multiple_taxon.gaf", {}),
        ("ontobio_truncated-pombase.gaf", {"repaired_go_id": 33, "obsolete_go_id": 1}),
    ],
)
def test_other_files_of_validators(capsys, shared, real_ontology, name, expected):
    path = shared / "formats" / name
    _, text, _ = check(capsys, path, "--ontology", real_ontology, "--to", "tsv")
    found: Counter[str] = Counter()
    for row in rows_of(text):
        found[row["finding"]] += int(row["n_lines"])
    assert found == expected


@pytest.mark.filterwarnings("ignore")
def test_the_five_whole_files_agree_with_sql(capsys, shared, real_ontology):
    files = sorted((shared / "seven-organisms" / "whole").glob("*.gaf.gz"))
    _, text, _ = check(capsys, *files, "--ontology", real_ontology, "--json")
    found = {
        (each["finding"], each["value"]): each["n_lines"] for each in json.loads(text)["findings"]
    }
    assert found == oracle_rules.count(files, real_ontology)
    assert sum(word == "process_and_regulation" for word, _ in found) > 10
    of_terms = Counter(dict.fromkeys(("repaired_go_id", "obsolete_go_id"), 0))
    for (word, _), n_lines in found.items():
        of_terms[word] += n_lines
    assert (of_terms["repaired_go_id"], of_terms["obsolete_go_id"]) == (326, 2747)
    ids = [value for word, value in found if word in ("repaired_go_id", "obsolete_go_id")]
    assert (len(ids), len(set(ids))) == (38, 38)


@pytest.mark.filterwarnings("ignore")
def test_the_files_of_the_formats_agree_with_sql(capsys, shared, real_ontology):
    """Curated lines, where more rules have something to say."""
    names = ("ontobio_truncated-pombase.gaf", "biopython_goa_yeast.gaf")
    files = [shared / "formats" / name for name in names]
    _, text, _ = check(capsys, *files, "--ontology", real_ontology, "--json")
    expected = oracle_rules.count(files, real_ontology)
    words = {word for word, _ in expected}
    assert len(words) >= 2
    found = {
        (each["finding"], each["value"]): each["n_lines"]
        for each in json.loads(text)["findings"]
        if each["finding"] in words
    }
    assert found == expected
