"""Delimited text as people have it: separators, quotes, headings, words for no term, columns."""

from __future__ import annotations

import re

import pytest

from gafreduce.cli import options
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import detection, registry
from gafreduce.jobs.formats.base import FormatError
from gafreduce.jobs.formats.column_choice import ColumnChoice
from gafreduce.jobs.formats.delimited import rows
from gafreduce.jobs.model.annotation import Annotation, Rejection, check_object_id

TAXON = 224308


def read(
    text: str, choice: ColumnChoice | None = None, forced: str | None = None
) -> tuple[detection.Sniffed, list[Annotation], list[str]]:
    """Return the format, the annotations, and what the other lines are."""
    content = text.encode()
    found = (
        detection.sniff(content, "x", forced)
        if choice is None
        else detection.sniff(content, "x", forced, choice)
    )
    source = InputFile("x", "x", found.format, "plain", len(content), TAXON, "", found.layout)
    reader = registry.make_reader(source)
    annotations: list[Annotation] = []
    others: list[str] = []
    for line in filter(bytes.strip, content.split(b"\n")):
        if reader.is_header(line):
            others.append("header")
            continue
        parsed = reader.parse(line)
        if isinstance(parsed, Rejection):
            others.append(parsed.reason)
        elif not parsed:
            others.append("no term")
        else:
            annotations += parsed
    return found, annotations, others


def pairs(annotations: list[Annotation]) -> list[tuple[str, str]]:
    return [(each.object_id, each.go_id) for each in annotations]


TWO = [("local:g1", "GO:0030420"), ("local:g2", "GO:0005886")]


@pytest.mark.parametrize(
    "text",
    [
        "g1\tGO:0030420\ng2\tGO:0005886\n",
        "g1,GO:0030420\ng2,GO:0005886\n",
        "g1;GO:0030420\ng2;GO:0005886\n",
        "g1|GO:0030420\ng2|GO:0005886\n",
        "g1 GO:0030420\ng2   GO:0005886\n",
        '"g1","GO:0030420"\n"g2","GO:0005886"\n',
        '"g1" "GO:0030420"\n"g2" "GO:0005886"\n',
        "V1\tV2\ng1\tGO:0030420\ng2\tGO:0005886\n",
        "transcript_id,gene_ontology\ng1,GO:0030420\ng2,GO:0005886\n",
        '"x" "y"\n"1" "g1" "GO:0030420"\n"2" "g2" "GO:0005886"\n',  # names of rows: write.table
        "go_id\tgene_id\nGO:0030420\tg1\nGO:0005886\tg2\n",
        "g1\tGO:0030420\t4e-42\ng2\tGO:0005886\t0.0\n",
        "g1\tGO:0030420\tcompetence\t0.5\ng2\tGO:0005886\tmembrane\t1\n",
        "gene,term,evalue\ng1,GO:0030420,1e-5\ng2,GO:0005886,0\n",
        '"gene"; "GO"; "p, adjusted"\ng1;"GO:0030420";1\ng2;"GO:0005886";0,5\n',
        "Locus,Product,GO Terms\ng1,kinase,competence [GO:0030420]\ng2,,plasma membrane [GO:0005886]\n",
        "gene\tDAVID\tscore\ng1\tGO:0030420~competence\t1\ng2\tGO:0005886~membrane\t2\n",
        "n,locus_tag,goslim,GO IDs\n1,g1,GO:0008150,GO:0030420\n2,g2,GO:0005575,GO:0005886\n",
        "gene\tgoid\tscore\ng1\t0030420\t7\ng2\t0005886\t8\n",
        'gene,GO\ng1,"[\'GO:0030420\']"\ng2,"c(""GO:0005886"")"\n',  # lists of programs
        "gene\tgo\ng1\t[\"GO:0030420\"]\ng2\t{'GO:0005886'}\n",
        "Gene ID\tGO Term\tGO ID\ng1\tcompetence\tGO:0030420\ng2\tmembrane\tGO:0005886\n",
        "ORF,GO ID,Name\ng1,GO:0030420,competence\ng2,GO:0005886,membrane\n",
        "g1: GO:0030420\ng2: GO:0005886\n",
        "gene,go,goall\ng1,GO:0030420,GO:0008150\ngene,go,goall\ng2,GO:0005886,GO:0005575\n",
        "gene\tgoid\tx\ng1\t0030420\ta\ngene\tgoid\tx\ng2\t0005886\tb\n",  # joined files
    ],
)
def test_a_table_of_two_genes_is_read(text: str) -> None:
    _, annotations, others = read(text)
    assert pairs(annotations) == TWO
    assert set(others) <= {"header"}
    assert {each.evidence_code for each in annotations} == {""}


@pytest.mark.parametrize("separator", [";", ",", "|", " ", "; ", ", ", " | "])
def test_ids_in_a_cell_have_any_separator(separator: str) -> None:
    ids = separator.join(["GO:0030420", "GO:0005886"])
    _, annotations, _ = read(f"g0\tGO:0005886\ng1\t{ids}\n")
    assert pairs(annotations)[1:] == [("local:g1", "GO:0030420"), ("local:g1", "GO:0005886")]


@pytest.mark.parametrize(
    "word", ["unknown", "Unknown", "NA", "-", "none", "None", "", "N/A", ".", "[]", "no GO terms"]
)
@pytest.mark.parametrize("template", ["{0}{1}", "{1}{0}"])
@pytest.mark.parametrize("separator", ["\t", ","])
def test_a_word_for_no_term_is_no_term_wherever_it_is(
    word: str, template: str, separator: str
) -> None:
    without = f"g0{separator}{word}\n" * 12
    some = f"g1{separator}GO:0030420\ng2{separator}GO:0005886\n"
    _, annotations, others = read(template.format(some, without))
    assert pairs(annotations) == TWO
    assert others == ["no term"] * 12


def test_a_word_for_no_term_beside_ids_is_left_out() -> None:
    _, annotations, _ = read("g1\tGO:0030420;unknown\ng2\tNA|GO:0005886\n")
    assert pairs(annotations) == TWO


def test_a_damaged_id_is_no_word_for_no_term() -> None:
    _, annotations, _ = read("g1\tGO:0030420\ng2\tGO:12;unkown\n")
    assert [each.go_id for each in annotations] == ["GO:0030420", "GO:12", "unkown"]


@pytest.mark.parametrize(
    ("header", "object_id"),
    [
        ("Gene stable ID\tTranscript stable ID\tGO term accession", "ENSEMBL:G1"),
        ("Transcript stable ID\tGene stable ID\tGO term accession", "ENSEMBL:T1"),
        ("ensembl_gene_id\tensembl_transcript_id\tgo_id", "ENSEMBL:G1"),
        ("Ensembl Gene ID\tEnsembl Transcript ID\tGO Term Accession", "ENSEMBL:G1"),
        ("wbps_gene_id\twbps_transcript_id\tgo_accession", "ENSEMBL:G1"),
        ("Gene name\tTranscript stable ID\tGO term accession", "ENSEMBL:T1"),
    ],
)
def test_genes_of_biomart_are_counted_and_not_transcripts(header: str, object_id: str) -> None:
    cells = ["T1", "G1"] if header.startswith("Transcript") else ["G1", "T1"]
    text = f"{header}\n{cells[0]}\t{cells[1]}\tGO:0030420\n"
    expected = "ENSEMBL:G1" if "Gene stable ID" in header else object_id
    found, annotations, _ = read(text)
    assert found.format == "biomart"
    assert pairs(annotations) == [(expected, "GO:0030420")]


@pytest.mark.parametrize(
    "names", ["GO term evidence code", "go_linkage_type", "Evidence", "GO Evidence Code"]
)
def test_a_stated_evidence_code_is_used(names: str) -> None:
    text = f"gene\tGO\t{names}\ng1\tGO:0030420\tIDA\ng2\tGO:0005886\t\n"
    _, annotations, _ = read(text)
    assert [each.evidence_code for each in annotations] == ["IDA", ""]


@pytest.mark.parametrize("cell", ["ida", "IDA: direct assay", "direct (IDA)", "IEA,IDA"])
def test_a_code_among_words_is_read(cell: str) -> None:
    text = (
        f"gene\tevidence\tGO\ng1\t{cell}\tGO:0030420\ng2\t{cell}\tGO:0005886\ng3\tX\tGO:0005886\n"
    )
    _, annotations, _ = read(text)
    assert [each.evidence_code for each in annotations] == ["IDA", "IDA", "X"]


def test_one_odd_cell_does_not_hide_its_column() -> None:
    """A NOT stays a NOT, and a row with a taxon is never one of the taxon that the user named."""
    heading = "gene\tqualifier\ttaxon_id\tGO"
    rows_ = ["g1\tNOT\t1423\tGO:0030420", "g2\todd\t562\tGO:0030420", "g3\tweird\tx\tGO:0030420"]
    _, annotations, others = read("\n".join([heading, *rows_, ""]))
    assert [(each.negated, each.relation) for each in annotations] == [(True, ""), (False, "odd")]
    assert [each.taxon_id for each in annotations] == [1423, 562]
    assert others == ["header", "bad_taxon"]


@pytest.mark.parametrize("nothing", ["NA", "-", "", "N/A", "None", "<NA>"])
@pytest.mark.parametrize(
    "heading", ["gene\tGO", "gene\tx\tGO", "Gene stable ID\tGO term accession"]
)
def test_a_word_for_nothing_is_no_gene_product(nothing: str, heading: str) -> None:
    """R writes NA for a gene without an id of Entrez: all such rows would be one gene product."""
    middle = "\tx" * (heading.count("\t") - 1)
    ids = ["g1", nothing, "na", nothing, "g2"]
    text = "".join(f"{each}{middle}\tGO:0030420\n" for each in ids)
    _, annotations, others = read(f"{heading}\n{text}")
    assert [each.local_id for each in annotations if each.db] == ["g1", "na", "g2"]
    assert [check_object_id(each) for each in annotations if not each.db] == [
        Rejection("no_object_id", "GORULE:0000001")
    ] * 2
    assert others == ["header"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Inferred from Electronic Annotation", "IEA"),
        ("inferred from direct assay", "IDA"),
        ("Inferred from Sequence or structural Similarity", "ISS"),
        ("Non-traceable Author Statement", "NAS"),
        ("Traceable Author Statement", "TAS"),
        ("Inferred by Curator", "IC"),
        ("inferred from high-throughput direct assay", "HDA"),
        ("Inferred from IEA", "IEA"),
        ("mutant phenotype evidence used in manual assertion", "IMP"),
        ("sequence similarity evidence used in automatic assertion", "IEA"),
    ],
)
def test_the_name_of_a_code_is_read(cell: str, code: str) -> None:
    _, annotations, _ = read(f"gene\tevidence\tGO\ng1\t{cell}\tGO:0030420\n")
    assert [each.evidence_code for each in annotations] == [code]


@pytest.mark.parametrize(
    ("terms", "cell", "codes"),
    [
        ("GO:0030420;GO:0005886", "IDA;IEA", ["IDA", "IEA"]),
        ("GO:0030420, GO:0005886", "IEA, IMP", ["IEA", "IMP"]),
        ("GO:0030420|GO:0005886", "IDA|", ["IDA", ""]),
        ("GO:0030420;GO:0005886", "IDA", ["IDA", "IDA"]),
        # nobody knows whose codes these are
        ("GO:0030420;GO:0005886;GO:0008150", "IDA;IEA", ["IEA", "IEA", "IEA"]),
        ("GO:0030420;GO:0005886", "IEA;IDA;IMP", ["IEA", "IEA"]),
        # several codes of one term: the strongest counts
        ("GO:0030420", "IEA;IDA", ["IDA"]),
    ],
)
def test_as_many_codes_as_terms_are_one_for_each(terms: str, cell: str, codes: list[str]) -> None:
    text = f"gene\tGO\tevidence\ng1\t{terms}\t{cell}\ng2\tGO:0008150\tIEA\n"
    found, annotations, _ = read(text)
    assert [each.evidence_code for each in annotations] == [*codes, "IEA"]
    source = InputFile("x", "x", found.format, "plain", 1, TAXON, "", found.layout)
    pattern = registry.make_reader(source).make_row_pattern(has_quotes=False)
    assert pattern is not None
    first, second = pattern.rows.findall(text.encode())[1:3]
    assert any(second)
    # rows of a list of codes are read one by one, not term by term
    assert any(first) == (len(cell) == len("IDA"))


@pytest.mark.parametrize(
    "text",
    [
        "gene\tGO\ng1\tcompetence [GO:0030420]\ng2\tmembrane [GO:0005886]\n",
        'id,annotation\ng1,"GO:0030420 - competence"\ng2,GO:0005886 - membrane\n',
        "gene\tGO_ids\tGO_text\ng1\tGO:0030420\t\ng2\t\tmembrane [GO:0005886]\n",
        "g1\tGO:0030420|0.612\ng2\tGO:0005886|0.9\n",
        "Entry\tName\tGene Ontology IDs\ng1\tx\tGO:0030420\ng2\ty\tGO:0005886\n",
    ],
)
def test_go_ids_beside_text_or_scores_are_read(text: str) -> None:
    _, annotations, _ = read(text)
    assert pairs(annotations) == TWO


def test_terms_with_names_in_another_column_count_once_and_are_read_from_the_ids() -> None:
    text = "gene\tGO IDs\tGO Names\ng1\tGO:0030420\tGO:0008150~x\ng2\tGO:0005886\tGO:0005575~y\n"
    _, annotations, _ = read(text)
    assert pairs(annotations) == TWO


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("!WEGO\ng1\tGO:0030420\tGO:0005886\ng2\tGO:0005886\ng3\n", ["header", "no term"]),
        ("g1 GO:0030420 GO:0005886\ng2 GO:0005886\ng3\n", ["no term"]),
        ("g1\tGO:0030420,GO:0005886\ng2\tGO:0005886\ng3\n", ["no term"]),
        ("g1\tGO:0030420,GO:0005886\ng2\tGO:0005886\ng3 GO:1\n", ["not_two_columns"]),
        ("g1\tGO:0030420,GO:0005886\ng2\tGO:0005886\ng3,GO:0005886\n", ["not_two_columns"]),
        ("g,a\ng1,GO:0030420;GO:0005886\ng2,GO:0005886\ng3\n", ["header", "no term"]),
        ("g,a,x\ng1,GO:0030420;GO:0005886,x\ng2,GO:0005886,x\ng3\n", ["header", "too_few_columns"]),
    ],
)
def test_an_id_alone_in_a_list_is_a_gene_product_without_a_term(
    text: str, others: list[str]
) -> None:
    _, annotations, found = read(text)
    assert [each.local_id for each in annotations] == ["g1", "g1", "g2"]
    assert found == others


def test_digits_are_go_ids_where_the_user_says_so() -> None:
    text = "gene,GO\ng1,30420\ng2,5886\n"  # a spreadsheet took the zeros
    with pytest.raises(FormatError, match="without a GO id"):
        read(text)
    _, annotations, _ = read(text, ColumnChoice("", "gene", "GO"))
    assert pairs(annotations) == TWO
    _, annotations, _ = read(text.replace("GO", "n"), ColumnChoice("", "gene", "n"))
    assert {each.go_id for each in annotations} == {"30420", "5886"}, "refused: a count, or a score"


@pytest.mark.parametrize("odd", ["GO_0030420", "go:0030420", "http://x.org/obo/GO_0030420"])
def test_go_ids_that_are_written_otherwise_are_named_with_a_command(odd: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(f"gene\tGO\ng1\t{odd}\n")
    shown = odd.rpartition("/")[2]
    message = str(caught.value)
    assert f"expected GO ids such as GO:0030420, got {shown} (write them anew: sed" in message
    pattern, replacement = re.search(r"sed -E 's#(.*)#(.*)#g'", message).groups()  # type: ignore
    rewritten = re.sub(pattern.replace("[:space:]", r"\s"), replacement, f"g1\t{odd}")
    assert rewritten == "g1\tGO:0030420"


def test_a_title_above_the_names_of_columns_hides_none() -> None:
    _, annotations, others = read("My genes,,\nno,locus_tag,GO\n1,g1,GO:0030420\n2,g2,GO:0005886\n")
    assert (pairs(annotations), others) == (TWO, ["no term", "header"])


def test_a_number_is_no_evidence_whatever_its_heading() -> None:
    _, annotations, _ = read("gene\tGO\tEvidence\ng1\tGO:0030420\t1e-9\ng2\tGO:0005886\t0.3\n")
    assert pairs(annotations) == TWO
    assert {each.evidence_code for each in annotations} == {""}


def test_a_count_of_go_ids_is_no_go_id() -> None:
    text = "SeqName\t#GO\tGO IDs\nc1\t2\tP:GO:0030420; C:GO:0005886\nc2\t1\tF:GO:0003677\n"
    _, annotations, _ = read(text)
    assert len(annotations) == 3


def test_not_is_respected_in_lists_and_tables() -> None:
    for text in (
        "gene\tqualifier\tGO\ng1\tNOT|involved_in\tGO:0030420\n",
        "g1\tGO:0030420\tNOT\ng2\tGO:0005886\t\n",
    ):
        _, annotations, _ = read(text)
        assert annotations[0].negated


def test_a_row_of_the_names_of_columns_is_a_header_wherever_it_is() -> None:
    text = "V1\tV2\ng1\tGO:0030420\nV1\tV2\ng2\tGO:0005886\n"
    _, annotations, others = read(text)
    assert pairs(annotations) == TWO
    assert others == ["header", "header"]


@pytest.mark.parametrize(
    ("text", "choice", "expected"),
    [
        ("a,b,c\ng1,x,GO:0030420\ng2,y,GO:0005886\n", ColumnChoice("comma", "a", "c"), TWO),
        ("a,b,c\nx,g1,GO:0030420\ny,g2,GO:0005886\n", ColumnChoice("", "2", "3"), TWO),
        ("a,b,c\nx,g1,GO:0030420\ny,g2,GO:0005886\n", ColumnChoice("", "B", ""), TWO),
        (
            "a\tGO\tmine\ng1\tGO:0008150\tGO:0030420\ng2\tGO:0008150\tGO:0005886\n",
            ColumnChoice("", "", "mine"),
            TWO,
        ),
        ("g1:GO:0030420\tx\ng2:GO:0005886\ty\n", ColumnChoice("tab", "2", "1"), None),
    ],
)
def test_the_user_names_the_columns(
    text: str, choice: ColumnChoice, expected: list[tuple[str, str]] | None
) -> None:
    found, annotations, _ = read(text, choice)
    assert found.format == "table"
    if expected is None:
        assert [each.local_id for each in annotations] == ["x", "y"]
    else:
        assert pairs(annotations) == expected


def test_a_column_that_is_not_there_is_an_error_with_those_that_are() -> None:
    with pytest.raises(FormatError, match=r"a column 'nope', got 2 columns 'gene', 'go'"):
        read("gene\tGO\ng1\tGO:0030420\n", ColumnChoice("", "nope", ""))


def test_wide_tables_without_names_are_not_taken_for_lists() -> None:
    """Their first column may be a database: one gene product would have all terms."""
    for row in ("DB\t{0}\tGO:0030420\tx\n", "a\tb\tc\td\te\t{0}\tGO:0030420\n"):
        with pytest.raises(FormatError, match="that no known format has"):
            read("".join(row.format(f"g{number}") for number in range(5)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("GO:0030420\tcompetence for transformation\nGO:0005886\tplasma membrane\n", "no known fo"),
        ("GO:0030420\tbiological_process\nGO:0005886\tcellular_component\n", "no known format"),
        ("GO:0030420\tGO:0008150\nGO:0005886\tGO:0005575\n", "no known format"),
        (
            "!version\nInterPro:IPR000003 Retinoid X > GO:DNA binding ; GO:0003677\n",
            "a mapping of other entries to GO terms",
        ),
        ("GO:0030420\tg1, g2\nGO:0005886\tg2\n", "no known format"),
        ("GO:0030420,g1 g2 g3\nGO:0005886,g2 g4\n", "no known format"),
        ("GO:0030420\tna\tg1\tg2\tg3\nGO:0005886\tna\tg2\n", "no known format"),
        (
            "Category\tTerm\tPValue\tGenes\nBP\tGO:0030420~x\t.01\tg1, g2\nCC\tGO:0005886~y\t1\tg3\n",
            "no known format",
        ),
        (
            "GO.ID Term Annotated classic\nGO:0030420 a 5 0.5\nGO:0005886 b 6 0.1\n",
            "no known format",
        ),
        ("GO\tREFLIST\tx\nGO:0030420\t5\t2\nGO:0005886\t6\t1\n", "no known format"),
        ("##gff-version 3\nc\tx\tgene\t1\t2\t.\t+\t.\tID=g1;t=GO:0030420\n", "features"),
        (
            "ID   X\nDR   GO; GO:0030420; P:a; IDA:X.\nDR   GO; GO:0005886; C:b; IDA:X.\n",
            "features",
        ),
    ],
    ids=[
        *(
            "names",
            "aspects",
            "ancestors",
            "mapping",
            "topgo_sets",
            "blanks",
            "gmt",
            "david",
            "topgo",
        ),
        *("panther", "gff", "uniprot"),
    ],
)
def test_tables_of_terms_without_genes_are_no_annotations(text: str, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ("g1\tGO:0030420\tGO:0005886\ng2\tGO:0005886\n", ["g1", "g1", "g2"]),  # WEGO
        ("814629\tGO:0030420\n814630\tGO:0005886\n", ["814629", "814630"]),  # NCBI's ids
        ("sp|P1|A,GO:0030420\nsp|P2|B,GO:0005886\n", ["P1", "P2"]),
        ("Term,Genes\nGO:0030420,g1\nGO:0005886,g2\n", ["g1", "g2"]),
        ("query,GO\ng1 len=9,GO:0030420\ng2 len=8,GO:0005886\n", ["g1 len=9", "g2 len=8"]),
        ("1\tGO:0030420\t0.5\n2\tGO:0005886\t0.6\n", ["1", "2"]),
        ("GO:0030420\tg1 x\tg1\nGO:0005886\tg2 y\tg2\n", ["g1", "g2"]),
        ("c1\tGO:0030420\tkinase, ATP\nc1\tGO:0005886\n", ["c1", "c1"]),  # .annot
    ],
)
def test_the_gene_is_found_without_names(text: str, genes: list[str]) -> None:
    _, annotations, others = read(text)
    assert [each.local_id for each in annotations] == genes
    assert set(others) <= {"header"}


def test_a_file_that_shows_its_format_is_never_read_as_a_list() -> None:
    """QuickGO's table without a column of ids would have a database as gene product."""
    with pytest.raises(FormatError, match="has no column `GENE PRODUCT ID`"):
        read("GENE PRODUCT DB\tGO TERM\nUniProtKB\tGO:0030420\n")


@pytest.mark.parametrize(
    ("text", "delimiter", "cells"),
    [
        ('a,"b, ""c""",d', "comma", ["a", 'b, "c"', "d"]),
        ('"a","b",', "comma", ["a", "b", ""]),
        (',"b"', "comma", ["", "b"]),
        ('a "quoted" word\tb', "tab", ['a "quoted" word', "b"]),
        ('"not closed,b', "comma", ['"not closed', "b"]),
        ('"a"b,c', "comma", ['"a"b', "c"]),
        ('"a b"\t"c"', "tab", ["a b", "c"]),
        ('"a b" c', "blank", ["a b", "c"]),
        ("", "comma", [""]),
    ],
)
def test_cells_are_split_as_rfc_4180_has_it(text: str, delimiter: str, cells: list[str]) -> None:
    assert rows.split_cells(text, delimiter) == cells


def test_several_predictors_are_one_annotation() -> None:
    header = "gene_id\ttranscript_id\tgene_ontology_BLASTX\tEggNM.GOs\n"
    text = f"{header}g1\tt1\tGO:0030420^a^b`GO:0005886^a^b\tGO:0030420,GO:0003677\n"
    found, annotations, _ = read(text)
    assert found.format == "trinotate"
    assert [each.go_id for each in annotations] == ["GO:0030420", "GO:0005886", "GO:0003677"]
    assert {(each.object_id, each.evidence_code) for each in annotations} == {("local:g1", "IEA")}


def test_the_message_for_a_file_of_no_format_is_short_and_names_the_nearest() -> None:
    with pytest.raises(FormatError) as caught:
        read("gene,score,note\ng1,3,a\ng2,4,b\n")
    assert str(caught.value) == (
        "x: expected annotation lines, got text of 3 columns separated by commas and without a GO "
        "id that no known format has (name its columns: --id-column, --go-column, --delimiter; or "
        "its format: --format; or remove the file)"
    )
    assert list(caught.value.details) == [
        "first row: gene | score | note",
        "nearest formats (docs/formats.md has all), with what they need:",
        "table: no column of GO ids, or none of gene products; gene sets and enrichments are none",
        "id_list: no column with nothing but GO ids, or none of gene products next to it",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "gene\tsome \x1b[31mwords\n",
        "one column\nof words\n",
        "a\t" * 300 + "\n",
        "x" * 9000 + "\t" + "y" * 9000 + "\n",
        "!only\n!comments\n",
    ],
)
def test_the_message_is_short_whatever_the_file(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(text)
    lines = [str(caught.value), *caught.value.details]
    assert len(lines) <= 6
    assert all(len(line) <= 250 and line.isprintable() for line in lines)


def test_the_nearest_format_of_a_damaged_gaf_is_gaf() -> None:
    row = "DB\t1\ts\t\tGO:0030420\tPMID:1\tIEA\t\tP\t\t\tprotein\ttaxon:1\t2020\n"  # 14 columns
    with pytest.raises(FormatError) as caught:
        read(row)
    assert any("gaf: no line has 15 tab-separated columns" in line for line in caught.value.details)


def test_a_forced_format_that_does_not_fit_says_what_lacks() -> None:
    source = InputFile("x", "x", "gaf", "plain", 1, TAXON)
    text = registry.describe_mismatch(source, ["g1\tGO:0030420"])
    assert text.startswith("gaf: no line has 15 tab-separated columns (the first data line: 2);")


def test_the_options_know_the_separators() -> None:
    assert tuple(rows.DELIMITERS) == options.DELIMITERS


@pytest.mark.parametrize(
    ("text", "gene_products"),
    [
        ("go_id\tentrezgene_id\nGO:0030420\t1\nGO:0005886\t2\n", ["1", "2"]),
        ("gene\tgo_id\tp_value\ng1\tGO:0030420\t0.1\ng1\tGO:0005886\t0.2\n", ["g1", "g1"]),
        ("GO ID,Gene,FDR\nGO:0030420,g1,0.1\nGO:0005886,g2,0.2\n", ["g1", "g2"]),
    ],
)
def test_a_named_gene_product_with_a_score_is_no_result_of_an_enrichment(
    text: str, gene_products: list[str]
) -> None:
    _, annotations, _ = read(text)
    assert [each.local_id for each in annotations] == gene_products
