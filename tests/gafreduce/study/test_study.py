"""Studies: each run folder has the bytes of a run of its own, whatever options there are."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gafreduce.cli.main import main
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.traits.overview import make_overview

TRAITS = ("GO:0030420", "GO:0009294", "GO:0003677", "GO:0005886", "GO:0005524")
_DATA = ("tables/", "parquet/", "extras/quarantine/")
#: Keys of run records that say when and how a run was made.
_OF_THE_RUN = ("created", "command", "timings")

#: Lines by file: object id, relation, term, evidence code, aspect, type. The taxa are 101 and so on.
LINES = {
    # no biological process is known; a molecular function is
    "nd": (
        ("P1", "involved_in", "GO:0008150", "ND", "P", "protein"),
        ("P1", "enables", "GO:0003677", "IEA", "F", "protein"),
    ),
    # a NOT on the term above competence, and ND in the aspect
    "not": (
        ("P2", "involved_in", "GO:0008150", "ND", "P", "protein"),
        ("P2", "NOT|involved_in", "GO:0009294", "IDA", "P", "protein"),
    ),
    # a negative regulator and an unsigned one
    "regulator": (
        ("P3", "involved_in", "GO:0045808", "IEA", "P", "protein"),
        ("P4", "involved_in", "GO:0045304", "IMP", "P", "protein"),
    ),
    # an experiment, of an RNA; the product is in the membrane too
    "rna": (
        ("P5", "involved_in", "GO:0030420", "IDA", "P", "RNA"),
        ("P5", "located_in", "GO:0005886", "IEA", "C", "RNA"),
    ),
    # no molecular function is known, but for a line that --qualifier-relations makes another one
    "binding": (
        ("P6", "enables", "GO:0003674", "ND", "F", "protein"),
        ("P6", "enables", "GO:0003677", "IDA", "F", "protein"),
        ("P6", "part_of", "GO:0005886", "IDA", "C", "protein"),
    ),
}
#: The options of each study, and the verdicts that follow: by trait, in the order of LINES.
VARIANTS = {
    "plain": (
        (),
        {
            "GO:0030420": "no_data not_annotated regulators_only experimental not_annotated",
            "GO:0009294": "no_data negated regulators_only experimental not_annotated",
        },
    ),
    "evidence": (
        ("--exclude-evidence", "IDA", "--object-type", "protein"),
        {
            "GO:0030420": "no_data no_data regulators_only filtered_out not_annotated",
            "GO:0005886": "not_annotated not_annotated not_annotated filtered_out filtered_out",
        },
    ),
    "relations": (
        ("--qualifier-relations", "involved_in"),
        {
            "GO:0003677": "other_relation_only not_annotated not_annotated not_annotated "
            "other_relation_only",
            "GO:0005524": "not_annotated not_annotated not_annotated not_annotated not_annotated",
        },
    ),
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    sheet = ["path\tcomplete\tgroup"]
    for number, (name, lines) in enumerate(LINES.items(), 101):
        rows = [
            "\t".join(
                [
                    *("UniProtKB", object_id, object_id.lower(), relation, term, "PMID:1", code),
                    *("", aspect, "", "", kind, f"taxon:{number}", "20200101", "UniProt", "", ""),
                ]
            )
            for object_id, relation, term, code, aspect, kind in lines
        ]
        (folder / f"{name}.gaf").write_text("\n".join(["!gaf-version: 2.2", *rows, ""]))
        sheet.append(f"{name}.gaf\ttrue\t{'a' if number < 103 else 'b'}")
    (folder / "inputs.tsv").write_text("\n".join(sheet) + "\n")
    return folder


def run(inputs: Path, samples: Path, folder: Path, *more: str) -> Path:
    ontology = str(samples / "go-samples.obo")
    assert main(["run", str(inputs), "--ontology", ontology, "-q", "-o", str(folder), *more]) == 0
    return folder


def list_terms(terms: tuple[str, ...] = TRAITS) -> list[str]:
    return [word for term in terms for word in ("--term", term)]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def list_runs(study: Path) -> Iterator[tuple[str, Path]]:
    for trait in json.loads((study / "study.json").read_text())["traits"]:
        yield trait["go_id"], study / trait["folder"]


def check_equal(study: Path, term: str, own: Path) -> None:
    """Check that the run folder of a term has the tables and the record of a run of its own."""
    of_study = dict(list_runs(study))[term]
    names, expected = (
        [name for name in RunFolder(folder).list_files() if name.startswith(_DATA)]
        for folder in (of_study, own)
    )
    assert names == expected
    assert "tables/annotations.tsv" in names
    for name in names:
        if "/runs" in name:  # its row has the time of the run
            continue
        assert (of_study / name).read_bytes() == (own / name).read_bytes(), (term, name)
    records = [RunFolder(folder).read_record() for folder in (of_study, own)]
    for record in records:
        for key in _OF_THE_RUN:
            del record[key]
        del record["options"]["output"]
    assert records[0] == records[1]


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_run_folder_is_that_of_a_run_of_its_own(
    variant: str, inputs: Path, samples: Path, tmp_path: Path
) -> None:
    options, verdicts = VARIANTS[variant]
    more = (*options, "--no-report")
    study = run(inputs, samples, tmp_path / "study", *list_terms(), *more)
    for term, folder in list_runs(study):
        if term in verdicts:
            check_equal(study, term, run(inputs, samples, tmp_path / term, "--term", term, *more))
            rows = read(folder / "tables" / "organisms.tsv")
            assert " ".join(row["verdict"] for row in rows) == verdicts[term]


def test_samples_id_maps_and_partial_files_give_the_same_bytes(
    samples: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "inputs.tsv"
    paths = sorted(samples.glob("*.gaf"))
    sheet.write_text(
        "path\ttaxon_id\tsample\tpool_taxa\tcomplete\n"
        f"{paths[0]}\t1386\tone\ttrue\tfalse\n{paths[1]}\t1386\tone\ttrue\ttrue\n"
        f"{paths[3]}\t\ttwo\ttrue\ttrue\n{paths[4]}\t\t\t\ttrue\n{paths[5]}\t\t\t\t\n"
    )
    ids = tmp_path / "ids.tsv"
    ids.write_text("UniProtKB:P39694\tUniProtKB:P39145\n")
    more = ("--id-map", str(ids), "--no-report", "--quarantine", "-r", "local", "--cores", "2")
    terms = ("GO:0030420", "GO:0016020")
    study = run(sheet, samples, tmp_path / "study", *list_terms(terms), *more)
    for term in terms:
        check_equal(study, term, run(sheet, samples, tmp_path / term, "--term", term, *more))


def test_the_overview_has_each_trait_in_each_organism(
    inputs: Path, samples: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "traits.csv"
    sheet.write_text(
        "id,label,group\n0030420,competence,DNA\nGO:0009294,uptake,DNA\n\n#x\n5886,,\n"
    )
    study = run(inputs, samples, tmp_path / "study", "--terms", str(sheet), "--no-report")
    rows = {(row["trait"], row["organism_id"]): row for row in read(study / "tables/traits.tsv")}
    assert len(rows) == 15
    competence = rows["GO:0030420", "104"]
    assert competence["label"] == "competence"
    assert competence["trait_group"] == "DNA"
    assert competence["organism_group"] == "b"
    assert competence["nested_in"] == "GO:0009294"
    assert competence["shared_with"] == "GO:0005886|GO:0009294"  # P5 has all three
    assert competence["n_shared_gene_products"] == "1"
    assert rows["GO:0009294", "104"]["includes"] == "GO:0030420"
    assert rows["GO:0005886", "105"]["shared_with"] == ""
    regulated = rows["GO:0030420", "103"]
    signs = ("n_positive_regulators", "n_negative_regulators", "n_unsigned_regulators")
    assert [regulated[name] for name in signs] == ["0", "1", "1"]
    assert {row["complete"] for row in rows.values()} == {"true"}
    # one product of one in the aspect against none of two: by hand, 1 / C(3, 1)
    assert float(competence["p_value"]) == pytest.approx(1 / 3)
    shared = read(study / "tables/shared_products.tsv")
    assert [
        (row["trait_a"], row["trait_b"], row["nested"], row["object_ids"]) for row in shared
    ] == [
        ("GO:0030420", "GO:0009294", "a_in_b", "UniProtKB:P5"),
        ("GO:0030420", "GO:0005886", "", "UniProtKB:P5"),
        ("GO:0009294", "GO:0005886", "", "UniProtKB:P5"),
    ]
    groups = {
        (row["trait"], row["organism_group"]): (row["n_annotated"], row["n_organisms"])
        for row in read(study / "tables/trait_groups.tsv")
    }
    assert groups["GO:0030420", "b"] == ("1", "3")
    assert groups["GO:0005886", "b"] == ("2", "3")
    assert groups["GO:0030420", "a"] == ("0", "2")
    check_overview(study, tmp_path)
    check_published(inputs, samples, study, sheet)


def check_overview(study: Path, scratch: Path) -> None:
    """Check figure and page of a study."""
    copy = RunFolder(scratch / "copy")
    shutil.copytree(study, copy.path)
    make_overview(
        copy, next(folder for _, folder in list_run_folders(copy.path)), is_clustered=True
    )
    page = (copy.path / "index.html").read_text(encoding="utf-8")
    # traits: transformation with competence, plasma membrane; organisms: 101 to 105, all complete
    assert "Of 3 traits, all are annotated in some of 5 organisms with complete files" in page
    assert "1 annotated only electronically (IEA)" in page  # P5 in the membrane
    assert "4 annotated, by experiment" not in page
    assert "1 pair of traits are nested, by the ontology: competence in uptake." in page
    assert page.index('href="traits/GO_0009294/') < page.index('href="traits/GO_0030420/')
    assert 'class="nested"' in page
    assert {path.suffix for path in (copy.path / "figures").iterdir()} == {".svg", ".png", ".pdf"}
    svg = (copy.path / "figures" / "traits.svg").read_bytes()
    assert svg.startswith(b"<?xml")


def list_run_folders(study: Path) -> Iterator[tuple[str, RunFolder]]:
    for term, folder in list_runs(study):
        yield term, RunFolder(folder)


def check_published(inputs: Path, samples: Path, study: Path, sheet: Path) -> None:
    """Check that a study is there already, is replaced, and can be verified."""
    record = (study / "study.json").read_bytes()
    run(inputs, samples, study, "--terms", str(sheet), "--no-report")
    assert (study / "study.json").read_bytes() == record
    assert main(["verify", str(study)]) == 0
    arguments = ["run", str(inputs), "--ontology", str(samples / "go-samples.obo"), "--no-report"]
    assert main([*arguments, "--term", TRAITS[0], "-o", str(study)]) == 1  # another run
    run(inputs, samples, study, *list_terms(TRAITS[2:4]), "--no-report", "--force")
    assert [term for term, _ in list_runs(study)] == list(TRAITS[2:4])
    table = next((study / "traits").iterdir()) / "tables" / "terms.tsv"
    table.write_bytes(table.read_bytes()[:-1])
    assert main(["verify", str(study)]) == 1


def test_terms_that_cannot_be_used_are_named_with_their_lines(
    inputs: Path, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "t.tsv"
    sheet.write_text("id\nGO:0030420\nGO:0030421\nnonsense\n")
    arguments = ["run", str(inputs), "--ontology", str(samples / "go-samples.obo"), "--no-report"]
    out = tmp_path / "study"
    assert main([*arguments, "--terms", str(sheet), "-o", str(out)]) == 1
    errors = capsys.readouterr().err
    assert "t.tsv:3: 'GO:0030421': expected an id" in errors
    assert "t.tsv:4: 'nonsense': expected an id" in errors
    assert not out.exists()
    sheet.write_text("id\nGO:0030420\n30420\n")
    assert main([*arguments, "--terms", str(sheet), "-o", str(out)]) == 1
    assert "t.tsv:3: expected another term than at" in capsys.readouterr().err
