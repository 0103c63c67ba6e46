r"""Records of all jobs: their kinds, keys and widths; functions that encode and decode them.

A record is a line of bytes: fields separated by tabs, no byte below 0x20 in a key or an object id,
so that every runner sorts alike. An organism is one number of `ORGANISM_DIGITS` digits. No other
module knows the width or the layout of a record; the C extension, which writes and reads runs and
writes profiles, is checked against this module by tests/jobs/test_records.py.

Source: docs/formats.md#records-of-the-jobs

The first shuffle sorts by key and second field:

    ORGANISM.BUCKET  OBJECT_ID  =FILE[/LINES]  N_ANNOTATIONS  TOKENS    a run of lines of a product
    ORGANISM.BUCKET  OBJECT_ID  ~FILE[/LINES] ...                       the same, of excluded lines
    ORGANISM.BUCKET  OBJECT_ID  A  ROW                                  a row of `annotations`
    ORGANISM.BUCKET  OBJECT_ID  A  WORD  VALUE                          a mark, with several targets
    FFILE  NAME[:DETAIL]  VALUE                                         counts of a file
    QFILE  WORD  LINE                                                   a quarantined line

The first byte is the kind of all other records. They sort by their first two fields.
"""

from __future__ import annotations

from io import BytesIO
from operator import itemgetter
from typing import Callable, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple
from zlib import crc32

from gafreduce.jobs import run_tokens
from gafreduce.jobs.native import loader

# Kinds: the first byte of a record

ROW = b"A"
FILE = b"F"
GENE_PRODUCT = b"G"
ORGANISM = b"O"
PROFILE = b"P"
QUARANTINE = b"Q"
TERM = b"T"  # made of records P, and written behind those of its term
UNKNOWN_TERM = b"U"
CONTEXT = b"X"
TERM_SET = b"S"

#: Kinds of the main job's output in the order of a part file, where T stands among P.
OUTPUT_KINDS = (ROW, FILE, GENE_PRODUCT, ORGANISM, PROFILE, QUARANTINE, UNKNOWN_TERM)
#: Kinds with a bucket behind the organism: their parts are not in the order of a table.
KINDS_BY_BUCKET = (ROW, GENE_PRODUCT)

# Widths

ORGANISM_DIGITS = 12
#: The number of the first sample; numbers below it are taxon ids (jobs/model/organisms.py).
FIRST_SAMPLE = 10**11
#: Parts that an organism's gene products are spread over, so that one organism can use all cores.
N_BUCKETS = 16
_BUCKETS = [b".%02d" % bucket for bucket in range(N_BUCKETS)]
#: Length of `ORGANISM.BUCKET`.
KEY_LENGTH = ORGANISM_DIGITS + len(_BUCKETS[0])
_GO_ID_LENGTH = len("GO:0000000")
#: Fields of a run: key, object id, file, number of annotations, tokens.
RUN_FIELDS = 5

#: Fields of a record of kind P, all of fixed width but the four numbers at its end.
PROFILE_TERM = slice(0, len(PROFILE) + _GO_ID_LENGTH)
PROFILE_ORGANISM = slice(PROFILE_TERM.stop + 1, PROFILE_TERM.stop + 1 + ORGANISM_DIGITS)
PROFILE_KEY = slice(0, PROFILE_ORGANISM.stop)
PROFILE_NUMBERS = slice(PROFILE_KEY.stop + 1, None)
#: Encodes a profile; a constant, for there are many: GO id, organism, number of annotations of the
#: term itself, and distinct gene products: direct ones, direct and propagated ones, and direct ones
#: with stated evidence other than electronic.
PROFILE_FORMAT = b"P%s\t%s\t%d\t%d\t%d\t%d"
#: Follows the key of a profile without annotations of the term itself.
NO_ANNOTATION = b"\t0\t"

#: Keys of organisms are below it, keys of files above it.
BEHIND_ORGANISMS = b"A"
_ROW_FIELD = b"\tA\t"  # in each row of the first shuffle, and in no run

kind_of: Callable[[bytes], bytes] = itemgetter(slice(0, 1))
organism_of: Callable[[bytes], bytes] = itemgetter(slice(0, ORGANISM_DIGITS))

# Keys


def encode_organism(number: int) -> bytes:
    """Return an organism's number in the form that records have."""
    return b"%012d" % number


def pad_organism(digits: bytes) -> bytes:
    """Return an organism's digits in the form that records have."""
    return digits.rjust(ORGANISM_DIGITS, b"0")


def encode_key(organism: bytes, object_id: bytes) -> bytes:
    """Return the key of a gene product: its organism and its bucket."""
    return organism + _BUCKETS[crc32(object_id) % N_BUCKETS]


def product_of(line: bytes) -> bytes:
    """Return the first two fields of a line of the first shuffle, with the tab behind them.

    All records of a gene product begin with it, and no others.
    """
    return line[: line.find(b"\t", KEY_LENGTH + 1) + 1] or line  # a file's record may end sooner


# Runs


class DecodedRuns(NamedTuple):
    """Some runs by field; as many of each."""

    object_ids: List[bytes]
    files: List[bytes]  # of `decode_file`
    sizes: List[int]  # annotations
    tokens: List[bytes]  # joined by blanks, sorted


def encode_file(number: int, n_lines: Optional[int] = None, *, is_excluded: bool = False) -> bytes:
    """Return the field of a run that names its file.

    Args:
        number: Position in the input list.
        n_lines: Lines that end in the run; None where each annotation is a line.
        is_excluded: Whether filters exclude the lines of the run.
    """
    kind = run_tokens.EXCLUDED if is_excluded else b"="
    return kind + (b"%d" % number if n_lines is None else b"%d/%d" % (number, n_lines))


def is_excluded_run(file: bytes) -> bool:
    """Return whether filters exclude the lines of a run, by its field of `encode_file`."""
    return file.startswith(run_tokens.EXCLUDED)


def decode_file(field: bytes) -> Tuple[int, Optional[int]]:
    """Return the first two arguments of `encode_file`."""
    number, slash, n_lines = field[1:].partition(b"/")
    return int(number), int(n_lines) if slash else None


def encode_runs(
    organisms: List[bytes],
    object_ids: List[bytes],
    starts: List[int],
    tokens: List[bytes],
    file: bytes,
    outside_once: bool,
) -> bytes:
    """Return the records of runs, joined by LF.

    Args:
        organisms: One for each run.
        object_ids: One for each run.
        starts: Position in `tokens` where each run begins; it ends where the next one begins.
        tokens: One for each annotation.
        file: Of `encode_file`.
        outside_once: Whether tokens outside of the counted terms are written once.
    """
    if loader.has_extension():
        return loader.module.encode_runs(
            organisms, object_ids, starts, tokens, file, outside_once, N_BUCKETS
        )
    records: List[bytes] = []
    file = b"\t%s\t" % file
    ends = [*starts[1:], len(tokens)]
    for organism, object_id, start, end in zip(organisms, object_ids, starts, ends):
        of_run = tokens[start:end]
        if outside_once:
            of_run = _distinct_outside(of_run)
        of_run.sort()
        bucket = _BUCKETS[crc32(object_id) % N_BUCKETS]
        head = (organism, bucket, b"\t", object_id, file, b"%d\t" % (end - start))
        records.append(b"".join((*head, b" ".join(of_run))))  # a format takes twice the time
    return b"\n".join(records)


def _distinct_outside(tokens: List[bytes]) -> List[bytes]:
    """Return all tokens that support a term, and the others once each."""
    outside = set(filter(run_tokens.is_outside, tokens))
    return [token for token in tokens if token not in outside] + list(outside)


def split_rows(text: bytes) -> Tuple[bytes, List[bytes]]:
    """Return the runs of a text of the first shuffle, and its rows of `annotations`."""
    if _ROW_FIELD not in text:
        return text, []
    lines = BytesIO(text).readlines()
    rows = [line for line in lines if _ROW_FIELD in line]
    return b"".join([line for line in lines if _ROW_FIELD not in line]), rows


def decode_runs(text: bytes) -> DecodedRuns:
    """Return the runs of a text by field.

    All fields of all runs become one list, of which each column is a slice: to split each line
    takes twice the time.
    """
    fields = text.replace(b"\n", b"\t").split(b"\t")
    object_ids, files, sizes, tokens = (fields[n:-1:RUN_FIELDS] for n in range(1, RUN_FIELDS))
    return DecodedRuns(object_ids, files, list(map(int, sizes)), tokens)


def split_runs(lines: Iterable[bytes]) -> List[List[bytes]]:
    """Return the fields of each run of kept lines in lines of the first shuffle, without rows."""
    fields = [line[:-1].split(b"\t", RUN_FIELDS - 1) for line in lines]
    return [each for each in fields if each[2].startswith(b"=")]


# Rows of annotations and gene products


class AnnotationRow(NamedTuple):
    """A row of `annotations` behind its first two columns; all text, fit for a cell."""

    go_id: str
    symbol: str
    term_class: str
    annotated_go_id: str
    relation: str
    negated: str
    evidence_code: str
    evidence_group: str
    reference: str
    with_from: str
    assigned_by: str
    date: str
    annotation_extension: str
    gene_product_form: str
    source_file: str
    aspect: str
    name: str
    synonyms: str
    object_type: str
    interacting_taxon: str
    takes_part: str
    line: str

    def encode(self) -> bytes:
        """Return the row as the last fields of a record."""
        return "\t".join(self).encode("utf-8")

    @classmethod
    def decode(cls, value: bytes) -> AnnotationRow:
        """Return the row that `encode` wrote."""
        return cls(*value.decode("utf-8").split("\t"))


def encode_row_head(organism: bytes, object_id: bytes) -> bytes:
    """Return the beginning of a row of `annotations` in the first shuffle."""
    return b"%s\t%s\tA\t" % (encode_key(organism, object_id), object_id)


def encode_mapped_row(organism: bytes, object_id: bytes, row: AnnotationRow) -> bytes:
    """Return a row of `annotations` as a record of the first shuffle."""
    return encode_row_head(organism, object_id) + row.encode()


def pass_rows(lines: Iterable[bytes]) -> List[bytes]:
    """Return rows and marks of the first shuffle, each ended by LF, as records of the output."""
    return [ROW + line.replace(_ROW_FIELD, b"\t", 1)[:-1] for line in lines]


# Marks: facts on gene products that depend on the target, for a job with several targets

#: A filter excludes a line that would support the term.
MARK_EXCLUDED = b"excluded"
#: The gene product has an ND line in the aspect, or one that supports nothing there.
MARK_NO_DATA, MARK_OTHER = run_tokens.NO_DATA, run_tokens.OTHER


def encode_mapped_mark(organism: bytes, object_id: bytes, word: bytes, value: bytes) -> bytes:
    """Return a mark of a gene product as a record of the first shuffle."""
    return b"%s\t%s\tA\t%s\t%s" % (encode_key(organism, object_id), object_id, word, value)


def encode_mark(key: bytes, object_id: bytes, word: bytes, value: bytes) -> bytes:
    """Return a mark of a gene product as a record of the output, among the rows."""
    return encode_product(ROW, key, object_id, b"%s\t%s" % (word, value))


def decode_mark(value: bytes) -> Optional[Tuple[bytes, str]]:
    """Return word and value of a mark; None for a row, which begins with a GO id."""
    if value.startswith(b"GO:"):
        return None
    word, _, text = value.partition(b"\t")
    return word, text.decode()


def is_mapped_row(text: bytes) -> bool:
    """Return whether a record of the first shuffle, or the first of several, is a row."""
    return text.split(b"\t", 3)[2] == ROW


def decode_mapped_row(line: bytes) -> Tuple[bytes, bytes, bytes]:
    """Return key, object id and encoded row of a line of the first shuffle."""
    key, object_id, _, value = line[:-1].split(b"\t", 3)
    return key, object_id, value


def encode_product(kind: bytes, key: bytes, object_id: bytes, value: bytes) -> bytes:
    """Return a record of kind A or G.

    Args:
        kind: `ROW` or `GENE_PRODUCT`.
        key: Of `encode_key`.
        object_id: The gene product.
        value: The row behind the columns of organism and gene product.
    """
    return b"%s%s\t%s\t%s" % (kind, key, object_id, value)


def strip_buckets(lines: Iterable[bytes]) -> List[bytes]:
    """Return lines of `KINDS_BY_BUCKET` without kind and bucket: they begin with the organism."""
    end, rest = 1 + ORGANISM_DIGITS, 1 + KEY_LENGTH
    return [line[1:end] + line[rest:] for line in lines]


# Organisms and terms


def encode_organism_counts(organism: bytes, counts: bytes) -> bytes:
    """Return the record of an organism's counts."""
    return b"O%s\t-\t%s" % (organism, counts)


def encode_term(go_id: bytes, direct: List[bytes], propagated: List[bytes]) -> bytes:
    """Return the record of a term with its organisms, direct ones and all."""
    return b"T%s\t%s\t%s" % (go_id, b"|".join(direct) or b"-", b"|".join(propagated))


def encode_unknown_term(go_id: bytes, aspect: str) -> bytes:
    """Return the record of a term unknown to the ontology, with the aspect of one of its lines."""
    return b"U%s\t%s\t-" % (go_id, aspect.encode())


# Files


def encode_file_counts(number: int, name: str, value: str) -> bytes:
    """Return one kind of counts of a file.

    Args:
        number: Position in the input list.
        name: `counts`, `sha256`, `filtered:OPTION` or `found:STATUS|WORD|VALUE|BECOMES`.
        value: Without a tab.
    """
    return f"F{number:06d}\t{name}\t{value}".encode()


def decode_file_key(key: bytes) -> int:
    """Return the position in the input list of the file that a record is about."""
    return int(key[len(FILE) :])


def encode_file_organism(number: int, organism: bytes, n_kept: int, n_excluded: int) -> bytes:
    """Return how many lines a file has of an organism: kept ones, and those filters exclude."""
    return b"F%06d\ttaxon:%s\t%d %d" % (number, organism, n_kept, n_excluded)


def encode_file_sums(key: bytes, sums: bytes) -> bytes:
    """Return the sums of a file; `key` is the first field of the records that were added up."""
    return b"%s\t-\t%s" % (key, sums)


def encode_quarantined(number: int, line: bytes) -> bytes:
    """Return a quarantined line of a file: the word of its finding, a tab, the line in Base64."""
    return b"Q%06d\t%s" % (number, line)


# The second job


def encode_context(organism: bytes, cells: Sequence[str]) -> bytes:
    """Return a row of `context`, without the number of its occurrences."""
    return b"X%s\t%s" % (organism, "\t".join(cells).encode("utf-8"))


def encode_term_set(organism: bytes, object_id: bytes, go_ids: Set[bytes]) -> bytes:
    """Return the terms of a run of lines of a gene product."""
    return b"S%s\t%s\t%s" % (organism, object_id, b"|".join(sorted(go_ids)))
