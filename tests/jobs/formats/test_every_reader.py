"""The same tests for every format: one small file of each, written by hand."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.mapper.mapper import Digest
from gafreduce.jobs.model.annotation import Annotation, Rejection
from gafreduce.ontology.termfile import TermFile, TermSetMember

TERMS = TermFile(
    data_version="",
    ontology_sha256="",
    relations=("is_a", "part_of"),
    target="GO:0030420",
    definition="",
    go_ids=("GO:0003674", "GO:0005886", "GO:0008150", "GO:0030420"),
    aspects="FCPP",
    parents=("", "", "", "2"),
    obsolete=frozenset(),
    repairs={},
    negating=frozenset({2, 3}),
    term_set=(TermSetMember("GO:0030420", "target", "", "competence"),),
    names=("",) * 4,
)
TAXON = 224308


@dataclass(frozen=True)
class Example:
    """A small file of a format, and what it says."""

    format: str
    text: str
    says: list[Annotation]
    needs_taxon: bool = False
    n_header: int = 0
    n_blank: int = 0
    name: str = ""

    @property
    def lines(self) -> list[bytes]:
        return self.text.encode().split(b"\n")[:-1]

    def source(self, taxon_id: int | None = None) -> InputFile:
        found = registry.sniff(self.text.encode(), "x")
        taxon_id = (TAXON if self.needs_taxon else 0) if taxon_id is None else taxon_id
        size = len(self.text.encode())
        return InputFile("x", "x", found.format, "plain", size, taxon_id, "", found.layout)

    def reader(self) -> LineReader:
        return registry.make_reader(self.source())


def row(*cells: str) -> str:
    return "\t".join(cells) + "\n"


def unstated(local_id: str, go_id: str, db: str = "local") -> Annotation:
    return Annotation(db, local_id, go_id=go_id, taxon_id=TAXON)


COMEA = Annotation(
    db="UniProtKB",
    local_id="P39694",
    symbol="comEA",
    relation="involved_in",
    go_id="GO:0030420",
    reference="GO_REF:0000043",
    evidence_code="IEA",
    with_from="UniProtKB-KW:KW-0178",
    aspect="P",
    name="ComE operon protein 1",
    synonyms="comEA|BSU25590",
    object_type="protein",
    taxon_id=TAXON,
    date="20191214",
    assigned_by="UniProt",
    annotation_extension="part_of(CL:1)",
    gene_product_form="UniProtKB:P39694-2",
)
GAF_ROW = row(
    *("UniProtKB", "P39694", "comEA", "involved_in", "GO:0030420", "GO_REF:0000043", "IEA"),
    *("UniProtKB-KW:KW-0178", "P", "ComE operon protein 1", "comEA|BSU25590", "protein"),
    *("taxon:224308", "20191214", "UniProt", "part_of(CL:1)", "UniProtKB:P39694-2"),
)
GPAD_SAYS = Annotation(
    db="UniProtKB",
    local_id="P39694",
    relation="involved_in",
    negated=True,
    go_id="GO:0030420",
    reference="PMID:1|DOI:2",
    evidence_code="IDA",
    with_from="X:1",
    taxon_id=TAXON,
    interacting_taxon="562",
    date="20191214",
    assigned_by="UniProt",
    annotation_extension="part_of(CL:1)",
    eco_id="ECO:0000314",
)
QUICKGO_SAYS = Annotation(
    db="UniProtKB",
    local_id="P40396",
    symbol="comK",
    relation="enables",
    go_id="GO:0003677",
    reference="GO_REF:0000043",
    evidence_code="IEA",
    with_from="UniProtKB-KW:KW-0238",
    aspect="F",
    name="Competence factor",
    taxon_id=TAXON,
    date="20251201",
    assigned_by="UniProt",
    eco_id="ECO:0007322",
)
AMIGO_SAYS = Annotation(
    db="UniProtKB",
    local_id="P40396",
    symbol="comK",
    negated=True,
    go_id="GO:0003677",
    reference="PMID:7",
    evidence_code="IDA",
    taxon_id=TAXON,
)
PREDICTED = "IEA"
MD5 = "0123456789abcdef0123456789abcdef"

EXAMPLES = [
    Example(
        "gaf",
        f"!gaf-version: 2.2\n!note\n{GAF_ROW}\n" + GAF_ROW.replace("involved_in", "NOT|enables"),
        [COMEA, COMEA._replace(relation="enables", negated=True)],
        n_header=2,
        n_blank=1,
    ),
    Example(
        "gaf",
        "\t".join(GAF_ROW.split("\t")[:15]).replace("involved_in", "") + "\n",
        [COMEA._replace(relation="", annotation_extension="", gene_product_form="")],
        name="gaf-1.0",
    ),
    Example(
        "gpad",
        "!gpa-version: 1.1\n"
        + row(
            *("UniProtKB", "P39694", "NOT|involved_in", "GO:0030420", "PMID:1|DOI:2"),
            *("ECO:0000314", "X:1", "taxon:562", "20191214", "UniProt", "part_of(CL:1)", ""),
        ),
        [GPAD_SAYS],
        needs_taxon=True,
        n_header=1,
        name="gpad-1.1",
    ),
    Example(
        "gpad",
        row(
            *("UniProtKB:P39694", "NOT", "RO:0002331", "GO:0030420", "PMID:1|DOI:2"),
            *("ECO:0000314", "X:1", "NCBITaxon:562", "2019-12-14", "UniProt", "part_of(CL:1)", ""),
        ),
        [GPAD_SAYS],
        needs_taxon=True,
        name="gpad-2.0",
    ),
    Example(
        "gene2go",
        "#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory\n"
        "224308\t814629\tGO:0005886\tISM\tNOT located_in\tplasma membrane\t1|2\tComponent\n"
        "224308\t814629\tGO:0030420\tIEA\t-\tcompetence\t-\tProcess\n",
        [
            Annotation(
                *("NCBIGene", "814629"),
                relation="located_in",
                negated=True,
                go_id="GO:0005886",
                reference="PMID:1|PMID:2",
                evidence_code="ISM",
                aspect="C",
                object_type="gene",
                taxon_id=TAXON,
            ),
            Annotation(
                *("NCBIGene", "814629"),
                go_id="GO:0030420",
                evidence_code="IEA",
                aspect="P",
                object_type="gene",
                taxon_id=TAXON,
            ),
        ],
        n_header=1,
    ),
    Example(
        "quickgo",
        row(
            *("GENE PRODUCT DB", "GENE PRODUCT ID", "SYMBOL", "QUALIFIER", "GO TERM", "GO NAME"),
            *("GO ASPECT", "ECO ID", "GO EVIDENCE CODE", "REFERENCE", "WITH/FROM", "TAXON ID"),
            *("TAXON NAME", "ASSIGNED BY", "GENE NAME", "DATE"),
        )
        + row(
            *("UniProtKB", "P40396", "comK", "enables", "GO:0003677", "DNA binding"),
            *("molecular_function", "ECO:0007322", "IEA", "GO_REF:0000043"),
            *("UniProtKB-KW:KW-0238", "224308", "Bacillus", "UniProt", "Competence factor"),
            "20251201",
        ),
        [QUICKGO_SAYS],
        n_header=1,
    ),
    Example(
        "quickgo",
        "P40396\tECO:0007322\tGO:0003677\t224308\t20251201\tcomK\tenables\n"
        "P39694\tECO:0000314\tGO:0030420\t224308\t20251201\tcomEA\tinvolved_in\n",
        [
            Annotation(
                *("UniProtKB", "P40396"),
                relation="enables",
                go_id="GO:0003677",
                evidence_code="IEA",
                taxon_id=TAXON,
                date="20251201",
                eco_id="ECO:0007322",
            ),
            Annotation(
                *("UniProtKB", "P39694"),
                relation="involved_in",
                go_id="GO:0030420",
                evidence_code="IDA",
                taxon_id=TAXON,
                date="20251201",
                eco_id="ECO:0000314",
            ),
        ],
        name="quickgo-headless",
    ),
    Example(
        "amigo",
        "taxon\tbioentity\tbioentity_label\tannotation_class\tevidence_type\tqualifier\treference\n"
        "NCBITaxon:224308\tUniProtKB:P40396\tcomK\tGO:0003677\tIDA\tnot\tPMID:7\n",
        [AMIGO_SAYS],
        n_header=1,
    ),
    Example(
        "amigo",
        "NCBITaxon:224308\tUniProtKB:P40396\tGO:0003677\tIDA\tPMID:7\tnot\n"
        "NCBITaxon:224308\tUniProtKB:P39694\tGO:0030420\tIEA\tGO_REF:0000043\t\n",
        [
            AMIGO_SAYS._replace(symbol=""),
            Annotation(
                *("UniProtKB", "P39694"),
                go_id="GO:0030420",
                reference="GO_REF:0000043",
                evidence_code="IEA",
                taxon_id=TAXON,
            ),
        ],
        name="amigo-headless",
    ),
    Example(
        "uniprot_tsv",
        "Entry\tGene Names\tOrganism (ID)\tGene Ontology (biological process)\tGene Ontology IDs\n"
        'P39694\tcomEA BSU25590\t224308\t"competence, [GO:0030420]"\tGO:0005886; GO:0030420\n'
        "P40396\tcomK\t224308\t\t\n",
        [
            Annotation(
                *("UniProtKB", "P39694", "comEA"),
                go_id=go_id,
                aspect=aspect,
                synonyms="BSU25590",
                object_type="protein",
                taxon_id=TAXON,
            )
            for go_id, aspect in (("GO:0030420", "P"), ("GO:0005886", ""))
        ],
        n_header=1,
        n_blank=1,
    ),
    Example(
        "uniprot_tsv",
        "Entry\tGene Ontology IDs\nP39694\tGO:0030420\n",
        [
            Annotation(
                *("UniProtKB", "P39694"),
                go_id="GO:0030420",
                object_type="protein",
                taxon_id=TAXON,
            )
        ],
        needs_taxon=True,
        n_header=1,
        name="uniprot_tsv-two-columns",
    ),
    Example(
        "interproscan",
        row(
            *("sp|P39694|COMEA", MD5, "338", "Pfam", "PF1", "x", "1", "9", "1e-3", "T"),
            *("29-08-2024", "IPR004509", "ComEA", "GO:0030420(InterPro)|GO:0003677(PANTHER)", "-"),
        )
        + row("BSU_1", MD5, "9", "Pfam", "PF2", "y", "1", "9", "-", "T", "29-08-2024", "-", "-")
        + row(
            *("BSU_1", MD5, "9", "Pfam", "PF2", "y", "1", "9", "-", "T", "29-08-2024"),
            *("IPR1", "z", "GO:0005886"),
        ),
        [
            Annotation(
                *("UniProtKB", "P39694"),
                go_id="GO:0030420",
                reference="GO_REF:0000002",
                evidence_code=PREDICTED,
                with_from="InterPro:IPR004509",
                object_type="protein",
                taxon_id=TAXON,
                date="20240829",
                assigned_by="InterProScan",
            ),
            Annotation(
                *("UniProtKB", "P39694"),
                go_id="GO:0003677",
                reference="GO_REF:0000118",
                evidence_code=PREDICTED,
                with_from="Pfam:PF1",
                object_type="protein",
                taxon_id=TAXON,
                date="20240829",
                assigned_by="InterProScan",
            ),
            Annotation(
                *("local", "BSU_1"),
                go_id="GO:0005886",
                reference="GO_REF:0000002",
                evidence_code=PREDICTED,
                with_from="InterPro:IPR1",
                object_type="protein",
                taxon_id=TAXON,
                date="20240829",
                assigned_by="InterProScan",
            ),
        ],
        needs_taxon=True,
        n_blank=1,
    ),
    Example(
        "eggnog",
        "## emapper-2.1.12\n#query\tseed_ortholog\tevalue\tDescription\tPreferred_name\tGOs\tEC\n"
        "BSU_1\t224308.BSU1\t0.0\tbinds DNA\tdnaA\tGO:0003677,GO:0005886\t-\n"
        "BSU_2\t224308.BSU2\t0.0\t-\t-\t-\t-\n## 2 queries scanned\n",
        [
            Annotation(
                *("local", "BSU_1", "dnaA"),
                go_id=go_id,
                evidence_code=PREDICTED,
                with_from="eggNOG:224308.BSU1",
                name="binds DNA",
                object_type="protein",
                taxon_id=TAXON,
                assigned_by="eggNOG-mapper",
            )
            for go_id in ("GO:0003677", "GO:0005886")
        ],
        needs_taxon=True,
        n_header=3,
        n_blank=1,
    ),
    Example(
        "eggnog",
        "BSU_1\t224308.BSU1\t0.0\t877.0\tDNAA\tGO:0003677\tK1\n",
        [
            Annotation(
                *("local", "BSU_1", "DNAA"),
                go_id="GO:0003677",
                evidence_code=PREDICTED,
                with_from="eggNOG:224308.BSU1",
                object_type="protein",
                taxon_id=TAXON,
                assigned_by="eggNOG-mapper",
            )
        ],
        needs_taxon=True,
        name="eggnog-1-headless",
    ),
    Example(
        "id_list",
        "gene\tGO_ids\nBSU_1\tGO:0003677; GO:0030420;GO:0003677\nMGI:MGI:88276\tGO:0005886\nBSU_2\t\n",
        [
            unstated("BSU_1", "GO:0003677"),
            unstated("BSU_1", "GO:0030420"),
            unstated("MGI:88276", "GO:0005886", db="MGI"),
        ],
        needs_taxon=True,
        n_header=1,
        n_blank=1,
    ),
]
each_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=[example.name or example.format for example in EXAMPLES]
)


def parsed(reader: LineReader, lines: list[bytes]) -> list[Annotation]:
    said: list[Annotation] = []
    for line in lines:
        if line.strip() and not reader.is_header(line):
            result = reader.parse(line)
            assert not isinstance(result, Rejection), (result, line)
            said += result
    return said


def digest(source: InputFile, blocks: list[bytes]) -> tuple[Counter[bytes], FileCounts]:
    """Return the gene products' tokens, however the file was cut, and the counts."""
    counts = FileCounts(0)
    tokens: Counter[bytes] = Counter()
    n_lines = 0
    for block in blocks:  # each a part of the file that a task of its own reads
        for records in Digest(TERMS, False).records(source, [block] if block else [], counts):
            for record in b"\n".join(records).splitlines():
                key, object_id, kind, *rest = record.split(b"\t")
                file, slash, n_of_run = kind.partition(b"/")
                if file == b"=0":
                    n_lines += int(n_of_run if slash else rest[0])
                    tokens.update(b"%s %s %s" % (key, object_id, one) for one in rest[1].split())
                else:
                    tokens[record] += 1
    assert n_lines == counts.n_kept
    return tokens, counts


def adds_up(counts: FileCounts) -> bool:
    n_rejected = sum(refused.n_lines for refused in counts.refused.values())
    return counts.n_lines == counts.n_kept + n_rejected + counts.n_header + counts.n_blank


def test_every_format_has_an_example() -> None:
    assert {example.format for example in EXAMPLES} == set(registry.FORMATS)


@each_example
def test_found_by_content_and_by_no_other_format(example: Example) -> None:
    assert registry.sniff(example.text.encode(), "x").format == example.format


@each_example
def test_what_the_lines_say(example: Example) -> None:
    assert parsed(example.reader(), example.lines) == example.says


@each_example
def test_every_line_is_counted_once(example: Example) -> None:
    _, counts = digest(example.source(), [example.text.encode()])
    assert adds_up(counts)
    assert (counts.n_header, counts.n_blank) == (example.n_header, example.n_blank)
    assert counts.n_kept == counts.n_lines - example.n_header - example.n_blank


@each_example
def test_a_line_says_the_same_wherever_the_file_is_cut(example: Example) -> None:
    text = example.text.encode()
    whole, counts = digest(example.source(), [text])
    expected = sorted(counts.records())
    for number in range(len(example.lines) + 1):
        cut = sum(len(line) + 1 for line in example.lines[:number])
        parts, counts_of_parts = digest(example.source(), [text[:cut], text[cut:]])
        assert parts == whole
        assert sorted(counts_of_parts.records()) == expected


@each_example
def test_crlf_and_bom_change_nothing(example: Example) -> None:
    text = b"\xef\xbb\xbf" + example.text.encode().replace(b"\n", b"\r\n")
    found = registry.sniff(text, "x")
    assert found == registry.sniff(example.text.encode(), "x")
    tokens, counts = digest(example.source(), [text[3:]])
    expected, _ = digest(example.source(), [example.text.encode()])
    assert adds_up(counts)
    assert {t for t in tokens if b"\tA\t" not in t} == {t for t in expected if b"\tA\t" not in t}


@each_example
def test_a_line_cut_short_is_refused_or_says_less_and_never_raises(example: Example) -> None:
    reader = example.reader()
    for line in example.lines:
        for end in range(1, len(line)):
            cut = line[:end]
            if cut.strip() and not reader.is_header(cut):
                assert isinstance(reader.parse(cut), (list, Rejection))


@each_example
def test_bad_lines_leave_the_others_alone(example: Example) -> None:
    text = example.text.encode()
    junk = b"just words\n\xff\xfe\x00\n" + b"\t" * 30 + b"\nx\tGO:1\n"
    tokens, counts = digest(example.source(), [text + junk])
    expected, _ = digest(example.source(), [text])
    assert tokens == expected
    assert adds_up(counts)


@each_example
def test_a_missing_taxon_is_said_with_what_to_do(example: Example) -> None:
    if not example.needs_taxon:
        registry.make_reader(example.source(taxon_id=0))
        return
    with pytest.raises(registry.FormatError, match=r"^x: expected .*\(name .*taxon_id"):
        registry.make_reader(example.source(taxon_id=0))


@each_example
def test_a_forced_format_needs_no_sniffing(example: Example) -> None:
    found = registry.sniff(example.text.encode(), "x", example.format)
    assert found == registry.sniff(example.text.encode(), "x")


READERS = [example.reader() for example in EXAMPLES]
hostile = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from(
            ["GO:0030420", "GO:1", "ECO:0000314", "taxon:1", "P39694", "a:b", "", "NOT", ":", "|"]
        ),
        max_size=18,
    ).map(lambda cells: "\t".join(cells).encode()),
)


@given(hostile)
def test_no_line_raises(line: bytes) -> None:
    line = line.replace(b"\n", b"").rstrip(b"\r")
    for reader in READERS:
        if line.strip() and not reader.is_header(line):
            result = reader.parse(line)
            assert isinstance(result, Rejection) or all(
                isinstance(each, Annotation) and each.taxon_id > 0 for each in result
            )


REFUSED = "refused"


def sniffed_or_refused(text: bytes) -> str:
    try:
        return registry.sniff(text, "x").format
    except registry.FormatError as error:
        return REFUSED if str(error).startswith("x: expected ") else str(error)


@given(st.lists(hostile, max_size=6))
def test_no_file_raises_but_in_words(lines: list[bytes]) -> None:
    text = b"\n".join(lines)
    assert sniffed_or_refused(text) in registry.FORMATS or sniffed_or_refused(text) == REFUSED
    for name in registry.FORMATS:  # a forced one is refused only where no line ends
        with (
            contextlib.nullcontext() if b"\n" in text else contextlib.suppress(registry.FormatError)
        ):
            registry.sniff(text, "x", name)


def test_the_format_of_real_files(tmp_path: Path) -> None:
    folder = Path(__file__).parents[4] / "shared" / "data" / "formats"
    if not folder.is_dir():
        pytest.skip("needs ../shared")
    refused = []
    for path in sorted(folder.iterdir()):
        text = path.read_bytes()
        if sniffed_or_refused(text[:65536]) == REFUSED:
            refused.append(path.name)
            continue
        found = registry.sniff(text[:65536], path.name)
        source = InputFile("x", "x", found.format, "plain", len(text), TAXON, "", found.layout)
        _, counts = digest(source, [text])
        assert adds_up(counts)
        assert counts.n_kept > 0
    assert refused == [
        "biopython_gp_information.goa_yeast.28.gpi",
        "goatools_goslim_generic.obo",
        "ips6_expected_tsv_13-15col.tsv",
    ]


def test_a_taxon_of_the_sheet_does_not_replace_one_in_the_file() -> None:
    example = EXAMPLES[0]
    reader = registry.make_reader(replace(example.source(), taxon_id=1))
    assert parsed(reader, example.lines) == example.says
