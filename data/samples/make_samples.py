"""Makes the sample files from annotation files of the seven organisms and a whole GO.

    python data/samples/make_samples.py FOLDER GO_BASIC_OBO [OUT]

FOLDER holds `whole/` (five organisms, .gaf.gz) and `excerpt/` (all seven, .gaf). Of each organism
the whole file is taken where there is one. Chosen are: every line of the four terms of the closure
of GO:0030420; about 100 gene products with all their lines, by the checksum of their accession;
and in the file of G. kaustophilus a few lines of a foreign taxon, which real downloads hold too.
The same input gives the same bytes.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

CLOSURE = frozenset({"GO:0030420", "GO:0045304", "GO:0045808", "GO:0045809"})
#: Gene products taken besides those of the closure.
N_GENE_PRODUCTS = 94
#: Lines of foreign taxa that are kept, of the file of this taxon.
FOREIGN_IN = 235909
FOREIGN_TAXON = 2359090

ORGANISMS = {
    326423: "Bacillus amyloliquefaciens FZB42",
    279010: "Bacillus licheniformis ATCC 14580",
    592022: "Bacillus megaterium DSM 319",
    224308: "Bacillus subtilis 168",
    83333: "Escherichia coli K-12",
    235909: "Geobacillus kaustophilus HTA426",
    420246: "Geobacillus thermodenitrificans NG80-2",
}

HEADER = """\
!gaf-version: 2.1
!A sample of the GO annotations of {organism} (taxon {taxon_id}), December 2019
!Source: Gene Ontology Consortium, https://geneontology.org; licence CC BY 4.0
!Chosen by the outcome: every annotation to GO:0030420 and its regulation, few others
!How it was made: data/samples/make_samples.py
"""

Row = list[str]


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the data lines of a GAF file as 17 columns."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as stream:
        for line in stream:
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) >= 15:
                yield (cells + [""] * 17)[:17]


def source_of(folder: Path, taxon_id: int) -> Path:
    """Return the whole file of an organism, or its excerpt."""
    found = sorted(folder.glob(f"whole/*{taxon_id}.gaf.gz"))
    return (found or sorted(folder.glob(f"excerpt/*{taxon_id}.gaf")))[0]


def choose(rows: list[Row], taxon_id: int) -> list[Row]:
    """Return the lines of a sample, in the order of the source."""
    own = [row for row in rows if row[12].split("|")[0] == f"taxon:{taxon_id}"]
    in_closure = {row[1] for row in own if row[4] in CLOSURE}
    others = sorted({row[1] for row in own} - in_closure, key=lambda name: crc32(name.encode()))
    chosen = in_closure | set(others[:N_GENE_PRODUCTS])
    keep_all = [row for row in own if row[1] in chosen]
    foreign = [
        row
        for row in rows
        if taxon_id == FOREIGN_IN and row[12].split("|")[0] == f"taxon:{FOREIGN_TAXON}"
    ]
    return keep_all + foreign[:3]


def write_sample(rows: Iterable[Row], taxon_id: int, out: Path) -> str:
    """Write one sample as GAF 2.1 and return its name."""
    organism = ORGANISMS[taxon_id]
    name = re.sub(r"[^A-Za-z0-9]+", "_", organism) + f"-{taxon_id}.gaf"
    lines = ["\t".join(row) for row in rows]
    text = HEADER.format(organism=organism, taxon_id=taxon_id) + "\n".join(lines) + "\n"
    (out / name).write_bytes(text.encode())
    return name


def write_sheet(names: dict[int, str], out: Path) -> None:
    """Write the sample sheet: all compared, none complete."""
    rows = ["path\ttaxon_id\torganism\tcompare\tcomplete"]
    rows += [f"{names[t]}\t{t}\t{ORGANISMS[t]}\ttrue\tfalse" for t in ORGANISMS]
    (out / "inputs.tsv").write_bytes(("\n".join(rows) + "\n").encode())


def write_ontology(obo: Path, used: set[str], out: Path) -> None:
    """Write the terms that are used, with every ancestor over every relation."""
    opener = gzip.open if obo.suffix == ".gz" else open
    with opener(obo, "rt", encoding="utf-8") as stream:
        text = stream.read()
    header, *stanzas = re.split(r"(?=^\[)", text, flags=re.MULTILINE)
    by_id: dict[str, str] = {}
    primary: dict[str, str] = {}
    for stanza in stanzas:
        if stanza.startswith("[Term]"):
            go_id = re.findall(r"^id: (\S+)", stanza, re.MULTILINE)[0]
            by_id[go_id] = stanza.rstrip("\n")
            for other in re.findall(r"^alt_id: (\S+)", stanza, re.MULTILINE):
                primary[other] = go_id
    wanted: set[str] = set()
    todo = [primary.get(go_id, go_id) for go_id in sorted(used | CLOSURE)]
    while todo:
        go_id = todo.pop()
        if go_id in by_id and go_id not in wanted:
            wanted.add(go_id)
            stanza = by_id[go_id]
            todo += re.findall(r"^(?:is_a:|relationship: \S+) (\S+)", stanza, re.MULTILINE)
    typedefs = [s.rstrip("\n") for s in stanzas if s.startswith("[Typedef]")]
    parts = [header.rstrip("\n"), *(by_id[go_id] for go_id in sorted(wanted)), *typedefs]
    (out / "go-samples.obo").write_bytes(("\n\n".join(parts) + "\n").encode())


def main(folder: Path, obo: Path, out: Path) -> None:
    """Write all sample files."""
    names, used = {}, set()
    for taxon_id in ORGANISMS:
        rows = choose(list(read_rows(source_of(folder, taxon_id))), taxon_id)
        used |= {row[4] for row in rows}
        names[taxon_id] = write_sample(rows, taxon_id, out)
    write_sheet(names, out)
    write_ontology(obo, used, out)


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else here)
