from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import detection, gaf, registry
from gafreduce.jobs.formats.base import FormatError
from gafreduce.jobs.formats.detection import sniff
from gafreduce.jobs.model.annotation import Rejection

REPOSITORY = Path(__file__).parents[3]
GAF = "\t".join(["DB", "1", "s", "{}", "GO:0030420", "R:1", "IEA", "", "P", "", "", "protein"])
GAF += "\ttaxon:1\t20200101\tX"


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("!gaf-version: 2.1\n" + GAF + "\t\t", "2.1"),
        ("! GAF_version 2.0\n" + GAF, "2.0"),
        ("!gaf-version: 2.2\n" + GAF + "\n!gaf-version: 2.1\n!gaf-version: 2.2\n", "2.2, 2.1"),
        ("!gaf-version:\n" + GAF, "?"),
        (GAF, "1.0 by columns"),
        (GAF.format("") + "\t\t", "2.1 or 2.0 by columns"),
        (GAF.format("NOT|contributes_to") + "\t\t", "2.1 or 2.0 by columns"),
        (GAF.format("NOT|involved_in") + "\t\t", "2.2 by columns"),
        ("!gaf-version: 2.2\n!nothing else", "2.2"),
    ],
)
def test_the_layout_of_gaf_is_its_version(text: str, layout: str) -> None:
    assert sniff(f"{text}\n".encode(), "x") == ("gaf", layout)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("!gpad-version: 2.0\n!x\n", "2.0"),
        ("!gpa-version: 1.1\n", "1.1"),
        ("A:1\t\tRO:1\tGO:0030420\tR:1\tECO:0000314\t\t\t\tX\t\t\n", "2.0 by columns"),
        ("A\t1\tenables\tGO:0030420\tR:1\tECO:0000314\t\t\t\tX\t\t\n", "1.1 by columns"),
    ],
)
def test_the_layout_of_gpad_is_its_version(text: str, layout: str) -> None:
    assert sniff(text.encode(), "x") == ("gpad", layout)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"\n \n", "an empty file"),
        (b"PK\x03\x04rest", "a workbook (unpack it, or save the sheet as tab-separated"),
        (b"GAF\0\n", "binary data"),
        (b"<!DOCTYPE html>\n", "a web page"),
        (b"format-version: 1.2\n", "an ontology in OBO format (name it with --ontology)"),
        (b"[Term]\nid: GO:0030420\n", "an ontology in OBO format"),
        (b'{"results": []}\n', "JSON"),
        (b">sp|P39694\nMKT\n", "FASTA"),
        (
            b"\t".join([b"P", b"0" * 32, b"9", *[b"x"] * 12]) + b"\n",
            "matches of InterProScan without a GO id in its beginning (run it with --goterms)",
        ),
        (b"GENE PRODUCT DB\tGO TERM\nA\tGO:0030420\n", "has no column `GENE PRODUCT ID`"),
        (b"Entry\tLength\nP39694\t9\n", "has no column `Gene Ontology ...`"),
        (b"taxon\tannotation_class\nNCBITaxon:1\tGO:0030420\n", "has no column `bioentity`"),
        (b"!gaf-version: 2.2\rDB\tP1\r", "CR alone (convert them: tr '\\r' '\\n' < OLD > NEW)"),
        (b"just words\nand more\n", "without a GO id that no known format has"),
    ],
)
def test_other_files_are_refused_by_their_kind(content: bytes, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        sniff(content, "x")
    assert re.match("x: expected (annotation lines|lines ended by LF), got ", str(caught.value))
    assert words in str(caught.value)


def test_a_file_of_two_formats_is_refused_unless_forced() -> None:
    """The file has lines of GAF below a header row of QuickGO."""
    text = b"GO TERM\tGENE PRODUCT ID\tTAXON ID\n" + GAF.encode() + b"\n"
    with pytest.raises(FormatError, match=r"got one that fits gaf, quickgo \(name it: --format\)"):
        sniff(text, "x")
    assert sniff(text, "x", "gaf").format == "gaf"


@pytest.mark.parametrize(
    ("name", "text", "missing"),
    [
        ("quickgo", "words\tmore\n", "the gene product id, the GO id, the taxon"),
        ("amigo", "UniProtKB:P39694\tGO:0030420\tIEA\n", "the taxon"),
        (
            "uniprot_tsv",
            "P39694\tGO:0030420\n",
            "`Entry` and `Gene Ontology ...` in its header row",
        ),
        ("eggnog", "a\tb\n", "the header row"),
    ],
)
def test_a_forced_format_names_the_missing_columns(name: str, text: str, missing: str) -> None:
    found = sniff(text.encode(), "x", name)
    with pytest.raises(FormatError) as caught:
        registry.make_reader(InputFile("x", "x", name, "plain", 0, 0, "", found.layout))
    assert missing in str(caught.value)


def test_the_first_bytes_may_end_in_a_line() -> None:
    text = (GAF + "\n").encode() * 2
    for end in range(len(GAF) + 1, len(text)):
        assert sniff(text[:end], "x").format == "gaf"


def test_columns_of_quickgo_may_have_any_order() -> None:
    text = "GO TERM\tTAXON ID\tGENE PRODUCT ID\tQUALIFIER\nGO:0030420\t1\tP39694\tNOT|enables\n"
    found = sniff(text.encode(), "x")
    assert found == ("quickgo", "go_id|taxon_id|local_id|relation")
    reader = registry.make_reader(InputFile("x", "x", "quickgo", "plain", 0, 0, "", found.layout))
    parsed = reader.parse(text.split("\n")[1].encode())
    assert not isinstance(parsed, Rejection)
    (annotation,) = parsed
    assert (annotation.object_id, annotation.negated) == ("UniProtKB:P39694", True)
    assert annotation.evidence_code == ""


@pytest.mark.parametrize(
    ("local_id", "object_id"),
    [
        ("URS0000000001_1", "RNAcentral:URS0000000001_1"),
        ("CPX-1", "ComplexPortal:CPX-1"),
        ("P39694-2", "UniProtKB:P39694-2"),
        ("gene1", "local:gene1"),
    ],
)
def test_an_id_may_show_its_database(local_id: str, object_id: str) -> None:
    reader = registry.make_reader(
        InputFile("x", "x", "quickgo", "plain", 0, 1, "", "local_id|go_id|date")
    )
    parsed = reader.parse(f"{local_id}\tGO:0030420\t2020-01-02".encode())
    assert not isinstance(parsed, Rejection)
    (annotation,) = parsed
    assert (annotation.object_id, annotation.date) == (object_id, "20200102")


def test_more_lines_are_read_if_the_first_show_no_format() -> None:
    """The first lines are comments, lines of no format, or matches without GO ids."""
    gaf = f"{GAF}\n".encode()
    assert sniff(b"! words\n" * 50 + gaf, "x").format == "gaf"
    assert sniff(b"words\n" * 50 + gaf, "x").format == "gaf"
    match = b"\t".join([b"P", b"0" * 32, b"9", *[b"x"] * 10])
    late = (match + b"\t-\n") * 50 + match + b"\tGO:0030420\n"
    assert sniff(late, "x").format == "interproscan"


@pytest.mark.parametrize(
    "folder", ["data/samples", "../shared/data/formats", "../shared/data/seven-organisms/excerpt"]
)
def test_the_first_lines_show_the_same_format_as_all_lines(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = REPOSITORY / folder
    if not found.is_dir():
        pytest.skip("needs ../shared")

    def sniff_files() -> dict[str, object]:
        results: dict[str, object] = {}
        for path in filter(Path.is_file, found.iterdir()):
            try:
                results[path.name] = sniff(path.read_bytes()[: 1 << 16], path.name)
            except FormatError as error:
                results[path.name] = str(error)
        return results

    by_first_lines = sniff_files()
    monkeypatch.setattr(detection, "_FIRST_DATA_LINES", 1 << 30)
    assert by_first_lines == sniff_files()
    monkeypatch.setattr(gaf, "is_plain_gaf", lambda _: False)
    assert by_first_lines == sniff_files()


def test_every_format_is_known_by_its_own_name() -> None:
    found = {name: registry.find_format(name).name for name in registry.FORMATS}
    assert found == {name: name for name in registry.FORMATS}
    modules = {
        ".".join(path.relative_to(REPOSITORY / "jobs/formats").with_suffix("").parts)
        for path in (REPOSITORY / "jobs/formats").rglob("*.py")
        if "\nFORMAT = " in path.read_text(encoding="utf-8")
    }
    assert modules == set(registry.FORMATS.values())


def test_a_gaf_file_is_recognised_and_read_without_the_other_formats() -> None:
    program = (
        "import sys; from gafreduce.jobs.files.input_list import InputFile;"
        "from gafreduce.jobs.formats import detection, gaf, registry;"
        "print(*detection.sniff(sys.argv[1].encode(), 'x'));"
        "registry.make_reader(InputFile('x', 'x', 'gaf', 'plain', 0));"
        "print(*(name for name in sys.modules if 'formats.delimited' in name "
        "or 'formats.predictions' in name))"
    )
    text = f"!gaf-version: 2.1\n{GAF}\t\t\n"
    printed = subprocess.check_output([sys.executable, "-c", program, text], text=True)
    assert printed == "gaf 2.1\n\n"
