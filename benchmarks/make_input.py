"""Make the benchmarks' inputs from the whole annotation files; none of them is committed.

    python make_input.py SHAPE FOLDER_WITH_WHOLE_FILES OUT [--lines N] [--copies N] [--gz]

Every input is written as a stream: one copy of the whole files (16 MB) is held, never the result.
The same arguments give the same bytes. Taxa and accessions are made distinct: taxon 1,000,000 +
100 x copy + place, accession with `x` and the number of the copy behind it.

shape           what is made
plain           the whole files, --copies times, in seven files
other-sets      the same, the terms distributed again over the lines of each organism with a seed:
                every frequency stays, no set of terms is seen twice, so that no cache is flattered
shuffled        the lines of `plain` in random order
organisms       taxa of 20 lines each (--lines in all)
one-organism    one taxon
one-product     one gene product
many-files      files of 200 lines
one-term        `plain`, each line on GO:0005524
goa             UniProt-GOA's shape: products in no order of taxa, taxa by a power law, 0.5 % of the
                lines curated, gz parts of unequal size; with --sample-of N, whole organisms of what
                N lines would be, so that its figures predict those of N lines
"""

from __future__ import annotations

import argparse
import gzip
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby, islice
from pathlib import Path
from typing import IO, NamedTuple, cast

COPIES = 20
N_FILES = 7
FIRST_TAXON = 1_000_000
TAXA_OF_COPY = 100
LINES_OF_ORGANISM = 20
LINES_OF_FILE = 200
BUCKET_LINES = 400_000  # of a shuffle: held in memory at a time
ONE_TERM = (b"GO:0005524", b"F")

# Assumptions about UniProt-GOA: 1.5 G lines on a million taxa; the largest taxon has 0.16 % of the
# lines, and ten times the rank a twelfth of the lines.
GOA_LINES_OF_TAXON = 1500
GOA_EXPONENT = 1.1
GOA_OFFSET = 100
GOA_CURATED_SHARE = 0.005
GOA_CURATED_CODES = (b"IBA", b"IBA", b"IBA", b"IDA", b"ISS", b"IMP", b"TAS")
GOA_PARTS = (1, 2, 4, 8, 1, 16, 3, 1, 30, 2, 12, 20)  # sizes of the parts to each other

Lines = Iterator[bytes]


class Line(NamedTuple):
    """One line of the whole files, cut where copies differ."""

    product: tuple[int, bytes, bytes]  # place of its taxon, database, accession
    before_term: bytes  # columns 3 and 4, with their tabs
    go_id: bytes
    reference: bytes
    evidence_code: bytes
    with_from: bytes
    aspect: bytes
    before_taxon: bytes  # columns 10 to 12
    after_taxon: bytes  # columns 14 to 17 and the line end

    def written(self, taxon: int, tag: bytes, go_id: bytes, aspect: bytes, code: bytes) -> bytes:
        """Return the line of a copy."""
        _, database, accession = self.product
        return (
            b"%b\t%b%b\t%b\t%b\t%b\t%b\t%b\t%b\t%b\ttaxon:%d\t%b"  # the columns of GAF
            % (
                *(database, accession, tag, self.before_term, go_id, self.reference, code),
                *(self.with_from, aspect, self.before_taxon, taxon, self.after_taxon),
            )
        )

    def copy(self, taxon: int, tag: bytes) -> bytes:
        """Return the line of a copy with its own term."""
        return self.written(taxon, tag, self.go_id, self.aspect, self.evidence_code)


def read_lines(folder: Path) -> list[list[Line]]:
    """Return the lines of each whole file."""
    places: dict[bytes, int] = {}
    files = []
    for path in sorted(folder.glob("*.gaf.gz")):
        with gzip.open(path, "rb") as stream:
            files.append([_line(text, places) for text in stream if not text.startswith(b"!")])
    return files


def _line(text: bytes, places: dict[bytes, int]) -> Line:
    cells = text.split(b"\t")
    place = places.setdefault(cells[12], len(places))
    return Line(
        product=(place, cells[0], cells[1]),
        before_term=b"\t".join(cells[2:4]),
        go_id=cells[4],
        reference=cells[5],
        evidence_code=cells[6],
        with_from=cells[7],
        aspect=cells[8],
        before_taxon=b"\t".join(cells[9:12]),
        after_taxon=b"\t".join(cells[13:]),
    )


def copies(
    files: list[list[Line]], n_copies: int, change: Callable[[int, list[Line]], Lines]
) -> Lines:
    """Yield each file of each copy as one piece of text."""
    for number in range(n_copies):
        for lines in files:
            yield b"".join(change(number, lines))


def plain(number: int, lines: list[Line]) -> Lines:
    """Yield the lines of a copy as they are."""
    tag = b"x%d" % number
    first = FIRST_TAXON + TAXA_OF_COPY * number
    return (line.copy(first + line.product[0], tag) for line in lines)


def other_sets(number: int, lines: list[Line]) -> Lines:
    """Yield the lines of a copy, their terms distributed again within each organism."""
    tag = b"x%d" % number
    first = FIRST_TAXON + TAXA_OF_COPY * number
    terms = [(line.go_id, line.aspect) for line in lines]
    random.Random(number).shuffle(terms)
    for line, (go_id, aspect) in zip(lines, terms, strict=True):
        yield line.written(first + line.product[0], tag, go_id, aspect, line.evidence_code)


def one_term(number: int, lines: list[Line]) -> Lines:
    """Yield the lines of a copy, all on one term."""
    tag = b"x%d" % number
    first = FIRST_TAXON + TAXA_OF_COPY * number
    for line in lines:
        yield line.written(first + line.product[0], tag, *ONE_TERM, line.evidence_code)


def endless(files: list[list[Line]]) -> Iterator[tuple[int, Line]]:
    """Yield (number of the copy, line) for ever, grouped by gene product."""
    number = 0
    while True:
        for lines in files:
            for line in lines:
                yield number, line
        number += 1


def small_organisms(files: list[list[Line]], n_lines: int) -> Lines:
    """Yield the lines of organisms of twenty lines each."""
    for place, (number, line) in enumerate(islice(endless(files), n_lines)):
        yield line.copy(FIRST_TAXON + place // LINES_OF_ORGANISM, b"x%d" % number)


def one_organism(files: list[list[Line]], n_lines: int) -> Lines:
    """Yield lines that all have one taxon."""
    for number, line in islice(endless(files), n_lines):
        yield line.copy(FIRST_TAXON, b"x%d" % number)


def one_product(files: list[list[Line]], n_lines: int) -> Lines:
    """Yield lines that all have one gene product."""
    product = files[0][0].product
    for _, line in islice(endless(files), n_lines):
        yield line._replace(product=product).copy(FIRST_TAXON, b"")


def goa(files: list[list[Line]], n_lines: int, n_lines_of_all: int) -> Lines:
    """Yield gene products of random taxa, one piece of text each.

    Args:
        files: The whole files.
        n_lines: How many lines are made.
        n_lines_of_all: Of an input that this one is a sample of: it has some of its organisms, one
            in so many by rank, each as large as it is there.
    """
    chance = random.Random(n_lines)
    templates = [
        (len(group), _template(group, None), _template(group, chance))
        for lines in files
        for _, members in groupby(lines, key=lambda line: line.product)
        if (group := list(members))
    ]
    n_taxa = max(n_lines // GOA_LINES_OF_TAXON, 1)
    step = n_lines_of_all // n_lines
    weights = [0.0]
    for rank in range((step + 1) // 2, step * n_taxa + 1, step):  # the middle one of each `step`
        weights.append(weights[-1] + (rank + GOA_OFFSET) ** -GOA_EXPONENT)
    number = made = 0
    while made < n_lines:
        taxa = chance.choices(range(n_taxa), cum_weights=weights[1:], k=10_000)
        for taxon, (n, electronic, curated) in zip(
            taxa, chance.choices(templates, k=10_000), strict=True
        ):
            template = curated if chance.random() < GOA_CURATED_SHARE else electronic
            yield template.replace(b"\x01", b"x%d" % number).replace(
                b"taxon:0\t", b"taxon:%d\t" % (FIRST_TAXON + taxon)
            )
            number += 1
            made += n
            if made >= n_lines:
                return


def _template(group: list[Line], chance: random.Random | None) -> bytes:
    """Return the text of a product with room for tag and taxon; curated when there is a chance."""
    return b"".join(
        line.written(
            *(0, b"\x01", line.go_id, line.aspect),
            chance.choice(GOA_CURATED_CODES) if chance else line.evidence_code,
        )
        for line in group
    )


def shuffled(pieces: Iterable[bytes], n_lines: int) -> Lines:
    """Yield the lines of some text in random order: dealt into files, then each file in memory."""
    chance = random.Random(n_lines)
    n_buckets = n_lines // BUCKET_LINES + 1
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        buckets = [
            stack.enter_context((Path(scratch) / str(n)).open("w+b")) for n in range(n_buckets)
        ]
        for piece in pieces:
            lines = piece.splitlines(keepends=True)
            for line, bucket in zip(lines, chance.choices(buckets, k=len(lines)), strict=True):
                bucket.write(line)
        for bucket in buckets:
            bucket.seek(0)
            lines = bucket.readlines()
            chance.shuffle(lines)
            yield from lines


class Parts:
    """The files of an input, one after the other, plain or gz."""

    def __init__(self, out: Path, compressed: bool) -> None:
        self._out, self._compressed, self._number = out, compressed, 0

    @contextmanager
    def _next(self) -> Iterator[IO[bytes]]:
        """Open the next file for writing."""
        path = self._out / f"part-{self._number:05d}.gaf{'.gz' if self._compressed else ''}"
        self._number += 1
        with path.open("wb") as raw:
            if not self._compressed:
                yield raw
                return
            with gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
                yield cast(IO[bytes], packed)

    def write_lines(self, pieces: Lines, sizes: Iterable[int]) -> None:
        """Write pieces of whole lines into files of so many pieces; the last takes the rest."""
        for size in sizes:
            with self._next() as stream:
                stream.writelines(islice(pieces, size))
        rest = next(pieces, None)
        if rest is not None:
            with self._next() as stream:
                stream.write(rest)
                stream.writelines(pieces)


def make(
    shape: str,
    files: list[list[Line]],
    n_copies: int,
    n_lines: int,
    n_lines_of_all: int,
    parts: Parts,
) -> None:
    """Write one input."""
    by_copy = {"plain": plain, "other-sets": other_sets, "one-term": one_term, "shuffled": plain}
    if shape in by_copy:
        pieces = copies(files, n_copies, by_copy[shape])
        n_pieces = n_copies * len(files)
        if shape == "shuffled":
            n_pieces = n_copies * sum(map(len, files))
            pieces = shuffled(pieces, n_pieces)
        parts.write_lines(pieces, _equal(n_pieces, N_FILES))
    elif shape == "many-files":
        parts.write_lines(
            small_organisms(files, n_lines), [LINES_OF_FILE] * (n_lines // LINES_OF_FILE)
        )
    elif shape == "goa":
        n_products = n_lines * sum(1 for lines in files for _ in _products(lines))
        n_products //= sum(map(len, files))
        sizes = [n_products * part // sum(GOA_PARTS) for part in GOA_PARTS]
        parts.write_lines(goa(files, n_lines, n_lines_of_all), sizes[:-1])
    else:
        made = {"organisms": small_organisms, "one-organism": one_organism}
        pieces = made.get(shape, one_product)(files, n_lines)
        parts.write_lines(pieces, _equal(n_lines, N_FILES))


def _products(lines: list[Line]) -> Iterator[object]:
    return (product for product, _ in groupby(lines, key=lambda line: line.product))


def _equal(n_pieces: int, n_files: int) -> list[int]:
    """Return how many pieces each file but the last holds."""
    n_files = min(n_files, n_pieces)
    return [n_pieces * (n + 1) // n_files - n_pieces * n // n_files for n in range(n_files - 1)]


SHAPES = (
    *("plain", "other-sets", "shuffled", "organisms", "one-organism", "one-product"),
    *("many-files", "one-term", "goa"),
)


def main() -> None:
    """Write one input into a new folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("folder", type=Path, help="folder with the whole files, *.gaf.gz")
    parser.add_argument("out", type=Path)
    parser.add_argument("--copies", type=int, default=COPIES)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--sample-of", type=int, metavar="LINES", help="of shape goa")
    parser.add_argument("--gz", action="store_true", help="write gzip files")
    arguments = parser.parse_args()
    files = read_lines(arguments.folder)
    if not files:
        parser.error(f"{arguments.folder}: expected *.gaf.gz, got none")
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    parts = Parts(arguments.out, arguments.gz or arguments.shape == "goa")
    n_lines = arguments.lines
    n_lines_of_all = arguments.sample_of or n_lines
    make(arguments.shape, files, arguments.copies, n_lines, n_lines_of_all, parts)


if __name__ == "__main__":
    main()
