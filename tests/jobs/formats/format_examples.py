"""An example file of every format, written by hand, with the annotations in it.

A format to add needs an `Example` here; the tests of `test_every_format` and the fuzzer use them.
"""

from __future__ import annotations

from dataclasses import dataclass

from small_terms import make_terms

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import detection, registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.model.annotation import Annotation

TERMS = make_terms(
    {"GO:0003674": "F", "GO:0005886": "C", "GO:0008150": "P", "GO:0030420": "P"},
    "GO:0030420",
    parents=("", "", "", "2"),
    negating=frozenset({2, 3}),
)
TAXON = 224308


@dataclass(frozen=True)
class Example:
    """A small file of a format."""

    format: str
    text: str
    annotations: list[Annotation]  # of all of its lines
    needs_taxon: bool = False  # whether the format has no column for it
    n_header: int = 0
    n_blank: int = 0  # lines without a term, too
    name: str = ""  # in the ids of tests; the format if empty

    @property
    def lines(self) -> list[bytes]:
        return self.text.encode().split(b"\n")[:-1]

    def source(self, taxon_id: int | None = None) -> InputFile:
        found = detection.sniff(self.text.encode(), "x")
        taxon_id = (TAXON if self.needs_taxon else 0) if taxon_id is None else taxon_id
        size = len(self.text.encode())
        return InputFile("x", "x", found.format, "plain", size, taxon_id, "", found.layout)

    def reader(self) -> LineReader:
        return registry.make_reader(self.source())


def make_row(*cells: str) -> str:
    return "\t".join(cells) + "\n"


def make_unstated(local_id: str, go_id: str, db: str = "local") -> Annotation:
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
GAF_ROW = make_row(
    *("UniProtKB", "P39694", "comEA", "involved_in", "GO:0030420", "GO_REF:0000043", "IEA"),
    *("UniProtKB-KW:KW-0178", "P", "ComE operon protein 1", "comEA|BSU25590", "protein"),
    *("taxon:224308", "20191214", "UniProt", "part_of(CL:1)", "UniProtKB:P39694-2"),
)
GPAD_ANNOTATION = Annotation(
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
QUICKGO_ANNOTATION = Annotation(
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
AMIGO_ANNOTATION = Annotation(
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
INTERPROSCAN_ANNOTATION = Annotation(
    db="local",
    local_id="BSU_1",
    go_id="GO:0005886",
    reference="GO_REF:0000002",
    evidence_code=PREDICTED,
    with_from="InterPro:IPR1",
    object_type="protein",
    taxon_id=TAXON,
    date="20240829",
    assigned_by="InterProScan",
)
EGGNOG_ANNOTATION = Annotation(
    db="local",
    local_id="BSU_1",
    symbol="dnaA",
    go_id="GO:0003677",
    evidence_code=PREDICTED,
    with_from="eggNOG:224308.BSU1",
    object_type="protein",
    taxon_id=TAXON,
    assigned_by="eggNOG-mapper",
)
GENE2GO_ANNOTATION = Annotation(
    db="NCBIGene",
    local_id="814629",
    go_id="GO:0030420",
    evidence_code="IEA",
    aspect="P",
    object_type="gene",
    taxon_id=TAXON,
)
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
        + make_row(
            *("UniProtKB", "P39694", "NOT|involved_in", "GO:0030420", "PMID:1|DOI:2"),
            *("ECO:0000314", "X:1", "taxon:562", "20191214", "UniProt", "part_of(CL:1)", ""),
        ),
        [GPAD_ANNOTATION],
        needs_taxon=True,
        n_header=1,
        name="gpad-1.1",
    ),
    Example(
        "gpad",
        make_row(
            *("UniProtKB:P39694", "NOT", "RO:0002331", "GO:0030420", "PMID:1|DOI:2"),
            *("ECO:0000314", "X:1", "NCBITaxon:562", "2019-12-14", "UniProt", "part_of(CL:1)", ""),
        ),
        [GPAD_ANNOTATION],
        needs_taxon=True,
        name="gpad-2.0",
    ),
    Example(
        "gene2go",
        "#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory\n"
        "224308\t814629\tGO:0005886\tISM\tNOT located_in\tplasma membrane\t1|2\tComponent\n"
        "224308\t814629\tGO:0030420\tIEA\t-\tcompetence\t-\tProcess\n",
        [
            GENE2GO_ANNOTATION._replace(
                relation="located_in",
                negated=True,
                go_id="GO:0005886",
                reference="PMID:1|PMID:2",
                evidence_code="ISM",
                aspect="C",
            ),
            GENE2GO_ANNOTATION,
        ],
        n_header=1,
    ),
    Example(
        "quickgo",
        make_row(
            *("GENE PRODUCT DB", "GENE PRODUCT ID", "SYMBOL", "QUALIFIER", "GO TERM", "GO NAME"),
            *("GO ASPECT", "ECO ID", "GO EVIDENCE CODE", "REFERENCE", "WITH/FROM", "TAXON ID"),
            *("TAXON NAME", "ASSIGNED BY", "GENE NAME", "DATE"),
        )
        + make_row(
            *("UniProtKB", "P40396", "comK", "enables", "GO:0003677", "DNA binding"),
            *("molecular_function", "ECO:0007322", "IEA", "GO_REF:0000043"),
            *("UniProtKB-KW:KW-0238", "224308", "Bacillus", "UniProt", "Competence factor"),
            "20251201",
        ),
        [QUICKGO_ANNOTATION],
        n_header=1,
    ),
    Example(
        "quickgo",
        "P40396\tECO:0007322\tGO:0003677\t224308\t20251201\tcomK\tenables\n"
        "P39694\tECO:0000314\tGO:0030420\t224308\t20251201\tcomEA\tinvolved_in\n",
        [
            Annotation(
                *("UniProtKB", local_id),
                relation=relation,
                go_id=go_id,
                evidence_code=evidence_code,
                taxon_id=TAXON,
                date="20251201",
                eco_id=eco_id,
            )
            for local_id, relation, go_id, evidence_code, eco_id in (
                ("P40396", "enables", "GO:0003677", "IEA", "ECO:0007322"),
                ("P39694", "involved_in", "GO:0030420", "IDA", "ECO:0000314"),
            )
        ],
        name="quickgo-headless",
    ),
    Example(
        "amigo",
        "taxon\tbioentity\tbioentity_label\tannotation_class\tevidence_type\tqualifier\treference\n"
        "NCBITaxon:224308\tUniProtKB:P40396\tcomK\tGO:0003677\tIDA\tnot\tPMID:7\n",
        [AMIGO_ANNOTATION],
        n_header=1,
    ),
    Example(
        "amigo",
        "NCBITaxon:224308\tUniProtKB:P40396\tGO:0003677\tIDA\tPMID:7\tnot\n"
        "NCBITaxon:224308\tUniProtKB:P39694\tGO:0030420\tIEA\tGO_REF:0000043\t\n",
        [
            AMIGO_ANNOTATION._replace(symbol=""),
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
        make_row(
            *("sp|P39694|COMEA", MD5, "338", "Pfam", "PF1", "x", "1", "9", "1e-3", "T"),
            *("29-08-2024", "IPR004509", "ComEA", "GO:0030420(InterPro)|GO:0003677(PANTHER)", "-"),
        )
        + make_row(
            "BSU_1", MD5, "9", "Pfam", "PF2", "y", "1", "9", "-", "T", "29-08-2024", "-", "-"
        )
        + make_row(
            *("BSU_1", MD5, "9", "Pfam", "PF2", "y", "1", "9", "-", "T", "29-08-2024"),
            *("IPR1", "z", "GO:0005886"),
        ),
        [
            INTERPROSCAN_ANNOTATION._replace(
                db="UniProtKB",
                local_id="P39694",
                go_id="GO:0030420",
                with_from="InterPro:IPR004509",
            ),
            INTERPROSCAN_ANNOTATION._replace(
                db="UniProtKB",
                local_id="P39694",
                go_id="GO:0003677",
                reference="GO_REF:0000118",
                with_from="Pfam:PF1",
            ),
            INTERPROSCAN_ANNOTATION,
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
            EGGNOG_ANNOTATION._replace(go_id=go_id, name="binds DNA")
            for go_id in ("GO:0003677", "GO:0005886")
        ],
        needs_taxon=True,
        n_header=3,
        n_blank=1,
    ),
    Example(
        "eggnog",
        "BSU_1\t224308.BSU1\t0.0\t877.0\tDNAA\tGO:0003677\tK1\n",
        [EGGNOG_ANNOTATION._replace(symbol="DNAA")],
        needs_taxon=True,
        name="eggnog-1-headless",
    ),
    Example(
        "id_list",
        "gene\tGO_ids\nBSU_1\tGO:0003677; GO:0030420;GO:0003677\nMGI:MGI:88276\tGO:0005886\nBSU_2\t\n",
        [
            make_unstated("BSU_1", "GO:0003677"),
            make_unstated("BSU_1", "GO:0030420"),
            make_unstated("MGI:88276", "GO:0005886", db="MGI"),
        ],
        needs_taxon=True,
        n_header=1,
        n_blank=1,
    ),
    Example(
        "id_list",
        "transcript_id\tgene_ontology\nt1\tGO:0030420|GO:0005886\nt2\tunknown\nt3\tNA\n",
        [make_unstated("t1", "GO:0030420"), make_unstated("t1", "GO:0005886")],
        needs_taxon=True,
        n_header=1,
        n_blank=2,
        name="id_list-any-header",
    ),
    Example(
        "id_list",
        "SpyX_0001\tGO:0030420\t4e-42\nSpyX_0002\tnone\t\nSpyX_0003\tGO:0005886\t0.0\n",
        [make_unstated("SpyX_0001", "GO:0030420"), make_unstated("SpyX_0003", "GO:0005886")],
        needs_taxon=True,
        n_blank=1,
        name="id_list-with-scores",
    ),
    Example(
        "id_list",
        "gA,GO:0030420,GO:0005886\ngB,GO:0005886\n",
        [
            make_unstated("gA", "GO:0030420"),
            make_unstated("gA", "GO:0005886"),
            make_unstated("gB", "GO:0005886"),
        ],
        needs_taxon=True,
        name="id_list-commas",
    ),
    Example(
        "id_list",
        "GO:0030420\tgA\tIDA\nGO:0005886\tgB\tIEA\n",
        [
            make_unstated("gA", "GO:0030420")._replace(evidence_code="IDA"),
            make_unstated("gB", "GO:0005886")._replace(evidence_code="IEA"),
        ],
        needs_taxon=True,
        name="id_list-terms-first",
    ),
    Example(
        "biomart",
        "Gene stable ID\tTranscript stable ID\tGO term accession\tGO term name\t"
        "GO term evidence code\tGO domain\n"
        "ENSG00000000001\tENST00000000001\tGO:0005886\tplasma, membrane\tIDA\t"
        "cellular_component\n"
        "ENSG00000000002\tENST00000000003\t\t\t\t\n",
        [
            make_unstated("ENSG00000000001", "GO:0005886", "ENSEMBL")._replace(
                evidence_code="IDA", aspect="C"
            )
        ],
        needs_taxon=True,
        n_header=1,
        n_blank=1,
    ),
    Example(
        "biomart",
        '"","ensembl_gene_id","go_id","name_1006","namespace_1003"\n'
        '"1","Bo1g001000","GO:0005886","membrane, the ""outer"" one","cellular_component"\n'
        '"2","Bo1g001000","","",""\n'
        '"3","Bo1g001001",NA,NA,NA\n',
        [make_unstated("Bo1g001000", "GO:0005886", "ENSEMBL")._replace(aspect="C")],
        needs_taxon=True,
        n_header=1,
        n_blank=2,
        name="biomart-getbm-csv",
    ),
    Example(
        "table",
        "#locusName;transcriptName;Qualifier;GO;Best-hit\n"
        "Pp1;Pp1.1;NOT;GO:0030420 GO:0005886;AT1G01010\nPp2;Pp2.1;;;\n",
        [
            make_unstated("Pp1", go_id)._replace(negated=True)
            for go_id in ("GO:0030420", "GO:0005886")
        ],
        needs_taxon=True,
        n_header=1,
        n_blank=1,
    ),
    Example(
        "table",
        'tax_id,gene,"GO terms",score\n224308,BSU_1,"competence [GO:0030420]; x [GO:0005886]",4\n',
        [make_unstated("BSU_1", "GO:0030420"), make_unstated("BSU_1", "GO:0005886")],
        n_header=1,
        name="table-text-and-taxon",
    ),
    Example(
        "table",
        "sep=;\ngene;note;GO\ng1;a, b;GO:0030420\n",
        [make_unstated("g1", "GO:0030420")],
        needs_taxon=True,
        n_header=2,
        name="table-of-Excel",
    ),
    Example(
        "pannzer",
        "qpid\tontology\tgoid\tdesc\tARGOT_score\tARGOT_PPV\tARGOT_rank\n"
        "contig_1\tBP\t0030420\tcompetence\t14.4\t0.84\t1\n"
        "contig_1\tCC\t5886\tplasma membrane\t4.4\t0.4\t1\n",
        [
            make_unstated("contig_1", go_id)._replace(
                evidence_code=PREDICTED,
                aspect=aspect,
                object_type="protein",
                assigned_by="PANNZER",
            )
            for go_id, aspect in (("GO:0030420", "P"), ("GO:0005886", "C"))
        ],
        needs_taxon=True,
        n_header=1,
    ),
    Example(
        "pannzer",
        "qpid\ttype\tscore\tPPV\tid\tdesc\n"
        "contig_1\toriginal_DE\tbac\tn.d.\t0.5\thypothetical\n"
        "contig_1\tBP_ARGOT\t14.4\t0.84\t0030420\tcompetence\n"
        "contig_1\tEC_ARGOT\t14.4\t0.84\t1.1.1.1\tGO:0030420\n",
        [
            make_unstated("contig_1", "GO:0030420")._replace(
                evidence_code=PREDICTED,
                aspect="P",
                object_type="protein",
                assigned_by="PANNZER",
            )
        ],
        needs_taxon=True,
        n_header=1,
        n_blank=2,
        name="pannzer-anno.out",
    ),
    Example(
        "blast2go",
        "Tags\tSeqName\tDescription\tLength\t#Hits\te-Value\tsim mean\t#GO\tGO IDs\tGO Names\t"
        "Enzyme Codes\tInterPro GO IDs\n"
        "[ANNOTATED]\tc1\tkinase\t300\t20\t1E-9\t70\t2\tP:GO:0030420; C:GO:0005886\t"
        "P:competence; C:plasma membrane\tEC:2.7.1.1\tF:GO:0003674\n"
        "[NO-BLAST]\tc2\t---NA---\t200\t\t\t\t\t\t\t\tno GO terms\n",
        [make_unstated("c1", "GO:0030420"), make_unstated("c1", "GO:0005886")],
        needs_taxon=True,
        n_header=1,
        n_blank=1,
    ),
    Example(
        "blast2go",
        "c1\tGO:0030420\tkinase\nc1\tGO:0005886\nc1\tEC:2.7.1.1\n",
        [make_unstated("c1", "GO:0030420"), make_unstated("c1", "GO:0005886")],
        needs_taxon=True,
        n_blank=1,
        name="blast2go-annot",
    ),
    Example(
        "blast2go",
        "Sequence Name,Sequence Desc.,GO ID,GO Term,GO Group,Evidence Code\n"
        "c1,kinase,GO:0030420,competence,Biological Process,ISS\n",
        [make_unstated("c1", "GO:0030420")._replace(evidence_code="ISS", aspect="P")],
        needs_taxon=True,
        n_header=1,
        name="blast2go-evidence",
    ),
    Example(
        "trinotate",
        "#gene_id\ttranscript_id\tsprot_Top_BLASTX_hit\tprot_id\tPfam\tgene_ontology_BLASTX\t"
        "gene_ontology_BLASTP\tgene_ontology_Pfam\ttranscript\n"
        "DN1_c0_g1\tDN1_c0_g1_i1\tX_HUMAN^X_HUMAN^Q:1-9\tDN1.p1\tPF1\t"
        "GO:0030420^biological_process^competence`GO:0005886^cellular_component^plasma membrane\t"
        "GO:0005886^cellular_component^plasma membrane\t.\t.\n"
        "DN1_c0_g2\tDN1_c0_g2_i1\t.\t.\t.\t.\t.\t.\t.\n",
        [
            make_unstated("DN1_c0_g1", go_id)._replace(
                evidence_code=PREDICTED, object_type="gene", assigned_by="Trinotate"
            )
            for go_id in ("GO:0030420", "GO:0005886")
        ],
        needs_taxon=True,
        n_header=1,
        n_blank=1,
    ),
    Example(
        "gene2go",
        "#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory\n"
        "224308\tENSMUSG00000000002.1\tGO:0005886\tIDA\t-\tplasma membrane\t-\tComponent\n",
        [
            Annotation(
                *("ENSEMBL", "ENSMUSG00000000002.1"),
                go_id="GO:0005886",
                evidence_code="IDA",
                aspect="C",
                object_type="gene",
                taxon_id=TAXON,
            )
        ],
        n_header=1,
        name="gene2go-ensembl",
    ),
    Example(
        "gaf",
        "!gaf-version: 2.2\n!generated-by: AgBase\n\n"
        + make_row(
            *("Database", "DB_Object_ID", "DB_Object_Symbol", "Qualifier", "GO_ID"),
            *("DB_Reference", "Evidence_Code", "With_From", "Aspect", "DB_Object_Name"),
            *("DB_Object_Synonyms", "DB_Object_Type", "Taxon", "Date", "Assigned_By"),
            *("Annotation_Extension", "Gene_Product_Form_ID"),
        )
        + GAF_ROW,
        [COMEA],
        n_header=3,
        n_blank=1,
        name="gaf-goanna",
    ),
]
