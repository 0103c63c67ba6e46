"""Count distinct gene products by term, direct and propagated, exactly and in bounded memory.

In Python each gene product of a batch is one bit, a term's gene products are the bits of one
integer, and the parents of a term get its bits by one `|`. A term reached by two paths counts once,
because a bit is set once. The cost grows with the terms of an organism, not with gene products
times ancestors. The C extension can afford the latter: it walks up from each gene product.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from io import BytesIO
from itertools import compress, islice
from operator import ne
from typing import (
    AbstractSet,
    Callable,
    DefaultDict,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
)
from typing import Counter as CounterOf

from gafreduce.jobs import records, run_tokens
from gafreduce.jobs.model.landmarks import LETTERS, LandmarkIndex
from gafreduce.jobs.native import loader
from gafreduce.jobs.reducer.hierarchy import Hierarchy
from gafreduce.jobs.run_tokens import Term
from gafreduce.ontology.termfile import TermFile

#: Gene products of a batch: integers stay short, so that its memory is bounded by its terms.
BATCH_PRODUCTS = 4096

#: Bounds of caches, for hostile input: tokens with their terms, sets of tokens.
_MAX_TOKENS = 200_000
_MAX_SETS = 10_000


def _count_bits(number: int) -> int:
    return bin(number).count("1")


#: Returns the number of bits set in an integer; Python 3.9 has no method for it.
count_bits: Callable[[int], int] = getattr(int, "bit_count", _count_bits)


class AspectCounts(NamedTuple):
    """Distinct gene products of one organism by aspect."""

    supported: Mapping[str, int]  # with a supporting line, by aspect letter
    n_no_data: int  # with an ND line in the target's aspect
    n_other: int  # with another line in the target's aspect
    unknown: Set[Tuple[bytes, str]]  # GO ids unknown to the ontology, with the aspect of a line


class OutsideCounts(NamedTuple):
    """Distinct gene products of one organism, with the lines that filters exclude."""

    n_gene_products: int
    supported: Mapping[str, int]  # with a supporting line, by aspect letter
    landmarks: Sequence[int]  # on each term of `landmarks.COUNTED`, or below it
    n_excluded_on_target: int  # with an excluded line that would support the target
    files: Mapping[int, int]  # excluded lines, by number of the file


class AddedRecords(NamedTuple):
    """Totals of some records."""

    n_gene_products: int  # with a kept line
    n_annotations: int
    rows: List[bytes]  # rows of `annotations`, which are not counted
    watched: List[List[bytes]]  # all records of each gene product with a watched token


class Propagation(Protocol):
    """Counts the gene products of one organism after another."""

    def add(self, text: bytes) -> Tuple[int, int, List[bytes], List[List[bytes]]]:
        """Count gene products.

        Args:
            text: Runs and rows, those of each gene product next to each other; each ended by LF.

        Returns:
            The fields of `AddedRecords`.
        """

    def profile(self, organism: bytes, shown: Optional[AbstractSet[bytes]]) -> List[bytes]:
        """Return a record for each term with a propagated gene product, in no order.

        Args:
            organism: In the form that records have.
            shown: GO ids of the terms to return; None for all.
        """

    def aspects(self) -> Tuple[Mapping[str, int], int, int, Set[Tuple[bytes, str]]]:
        """Return the fields of `AspectCounts`."""

    def files(self) -> Mapping[int, int]:
        """Return the number of lines of each file, by its number."""

    def outside(self) -> Tuple[int, Mapping[str, int], Sequence[int], int, Mapping[int, int]]:
        """Return the fields of `OutsideCounts`."""

    def clear(self) -> None:
        """Set all counts to zero, for another organism."""


def new_propagation(terms: TermFile, watched: AbstractSet[bytes]) -> Propagation:
    """Return a new counter of gene products by term.

    Args:
        terms: The term file.
        watched: Tokens whose gene products `add` returns.
    """
    if not loader.has_extension():
        return _PythonPropagation(terms, watched)
    return loader.module.TermCounts(
        "\n".join(terms.parents).encode(),
        terms.aspects.encode(),
        _encode_ids(terms.go_ids),
        list(watched),
        terms.target_aspect,
        list(LandmarkIndex(terms).numbers),
    )


def _encode_ids(go_ids: Sequence[str]) -> List[bytes]:
    """Return ids as bytes, encoded at once: every reducer task does this."""
    return "\n".join(go_ids).encode().split(b"\n")


class _PythonPropagation:
    """Counts some thousand gene products at once, each as one bit of an integer."""

    def __init__(self, terms: TermFile, watched: AbstractSet[bytes]) -> None:
        self._hierarchy = Hierarchy(terms)
        self._go_ids = _encode_ids(terms.go_ids)
        self._target_aspect = terms.target_aspect
        self._landmarks = LandmarkIndex(terms).numbers
        self._is_watched = _WatchedTokens(watched)
        self.clear()

    def clear(self) -> None:
        self._products: CounterOf[bytes] = Counter()  # of this batch, by their tokens
        self._n_products = 0
        # by term; defaultdict, for a Counter calls Python for each missing key
        self._annotations: DefaultDict[Term, int] = defaultdict(int)
        self._direct: DefaultDict[Term, int] = defaultdict(int)
        self._propagated: DefaultDict[Term, int] = defaultdict(int)
        self._non_electronic: DefaultDict[Term, int] = defaultdict(int)
        self._supported = dict.fromkeys("PFC?", 0)
        self._n_no_data = 0
        self._n_other = 0
        self._unknown: Set[Tuple[bytes, str]] = set()
        self._lines_of: CounterOf[int] = Counter()  # by number of the file
        self._excluded_of: CounterOf[int] = Counter()
        self._n_all = 0
        self._all_supported = dict.fromkeys("PFC?", 0)
        self._n_of_landmarks = [0] * len(self._landmarks)
        self._n_excluded_on_target = 0

    def add(self, text: bytes) -> Tuple[int, int, List[bytes], List[List[bytes]]]:
        text, rows = records.split_rows(text)
        object_ids, files, sizes, tokens = records.decode_runs(text)
        n_runs = len(object_ids)
        self._count_lines(files, sizes)
        changes = map(ne, islice(object_ids, 1, None), object_ids)
        starts = [0, *compress(range(1, n_runs), changes)]
        ends = [*starts[1:], n_runs]
        products = tokens
        if len(starts) < n_runs:
            products = [
                tokens[start] if end - start == 1 else run_tokens.merge_tokens(tokens[start:end])
                for start, end in zip(starts, ends)
            ]
        n_kept, n_annotations = len(products), sum(sizes)
        if b"\t~" in text:  # some runs may be excluded
            excluded = list(map(records.is_excluded_run, files))
            n_annotations -= sum(compress(sizes, excluded))
            n_kept -= sum(all(excluded[start:end]) for start, end in zip(starts, ends))
        self._products.update(products)
        self._n_all += len(products)
        self._n_products += len(products)
        if self._n_products >= BATCH_PRODUCTS:
            self._count_batch()
        watched = set(filter(self._is_watched.__getitem__, set(products)))
        of_watched: List[List[bytes]] = []
        if watched:
            lines = BytesIO(text).readlines()
            numbers = compress(range(len(products)), map(watched.__contains__, products))
            of_watched = [lines[starts[number] : ends[number]] for number in numbers]
        return n_kept, n_annotations, rows, of_watched

    def _count_lines(self, files: List[bytes], sizes: List[int]) -> None:
        """Count the lines of runs by file."""
        if files and files.count(files[0]) == len(files):
            number, n_lines = records.decode_file(files[0])
            lines_of = self._excluded_of if records.is_excluded_run(files[0]) else self._lines_of
            lines_of[number] += sum(sizes) if n_lines is None else n_lines * len(files)
            return
        for file, size in zip(files, sizes):
            number, n_lines = records.decode_file(file)
            lines_of = self._excluded_of if records.is_excluded_run(file) else self._lines_of
            lines_of[number] += size if n_lines is None else n_lines

    def files(self) -> Mapping[int, int]:
        return {number: n_lines for number, n_lines in self._lines_of.items() if n_lines}

    def profile(self, organism: bytes, shown: Optional[AbstractSet[bytes]]) -> List[bytes]:
        self._count_batch()
        go_ids, profile = self._go_ids, []
        annotations, direct, stated = self._annotations, self._direct, self._non_electronic
        for term, n_propagated in self._propagated.items():
            go_id = go_ids[term] if isinstance(term, int) else term
            if shown is None or go_id in shown:
                numbers = annotations[term], direct[term], n_propagated, stated[term]
                profile.append(records.PROFILE_FORMAT % (go_id, organism, *numbers))
        return profile

    def aspects(self) -> Tuple[Mapping[str, int], int, int, Set[Tuple[bytes, str]]]:
        self._count_batch()
        return self._supported, self._n_no_data, self._n_other, self._unknown

    def outside(self) -> Tuple[int, Mapping[str, int], Sequence[int], int, Mapping[int, int]]:
        self._count_batch()
        excluded = {number: n_lines for number, n_lines in self._excluded_of.items() if n_lines}
        counts = self._all_supported, self._n_of_landmarks, self._n_excluded_on_target
        return (self._n_all, *counts, excluded)

    def _count_batch(self) -> None:
        """Count the gene products of the batch, and begin another."""
        bits: DefaultDict[bytes, int] = defaultdict(int)  # of the gene products of each token
        n_repeats: DefaultDict[bytes, int] = defaultdict(int)  # of a token in one gene product
        offset = 0
        for tokens, n_products in self._products.items():
            mask = ((1 << n_products) - 1) << offset
            offset += n_products
            previous = b""
            for token in tokens.split(b" "):  # sorted: equal ones are neighbours
                if token != previous:
                    bits[token] |= mask
                    previous = token
                else:
                    n_repeats[token] += n_products
        self._products.clear()
        self._n_products = 0
        self._count(bits)
        for token, n_annotations in n_repeats.items():
            term = _TERMS[token]
            if term is not None:
                self._annotations[term] += n_annotations

    def _count(self, bits: Mapping[bytes, int]) -> None:
        """Count by term and by aspect; bits of gene products by token."""
        annotations, non_electronic = self._annotations, self._non_electronic
        direct: DefaultDict[Term, int] = defaultdict(int)
        others: Dict[bytes, int] = {}  # of tokens without a term
        supported = dict.fromkeys("PFC?", 0)
        for token, mask in bits.items():
            term = _TERMS[token]
            if term is None:
                others[token] = mask
                continue
            size = count_bits(mask)
            annotations[term] += size
            if token.endswith(run_tokens.STATED):
                non_electronic[term] += size
            direct[term] |= mask
            if not isinstance(term, int):  # an unknown term has its aspect in the token
                letter = run_tokens.decode_aspect(token)
                supported[letter] |= mask
                self._unknown.add((term, letter))
        self._count_aspects(supported, direct, others)
        for term, mask in direct.items():
            self._direct[term] += count_bits(mask)
        propagated = self._propagated
        of_landmarks = dict.fromkeys(self._landmarks, 0)
        for term, mask in self._propagate(direct):
            propagated[term] += count_bits(mask)
            if term in of_landmarks:
                of_landmarks[term] = mask
        self._count_outside(supported, others, list(map(of_landmarks.__getitem__, self._landmarks)))

    def _count_outside(
        self, supported: Mapping[str, int], others: Mapping[bytes, int], landmarks: List[int]
    ) -> None:
        """Count by aspect and landmark with the lines outside of the counted terms.

        Args:
            supported: Bits by aspect, of the counted terms and of terms left out.
            others: Bits by token, for tokens that support no term.
            landmarks: Bits of each landmark, of the counted terms.
        """
        supported = dict(supported)
        on_target = 0
        for token, mask in others.items():
            if len(token) > 1:
                supported[chr(token[1])] |= mask
                for byte in token[2:]:
                    if byte == ord(run_tokens.ON_TARGET):
                        on_target |= mask
                    else:
                        landmarks[byte - ord(LETTERS[0])] |= mask
        for letter, mask in supported.items():
            self._all_supported[letter] += count_bits(mask)
        for place, mask in enumerate(landmarks):
            self._n_of_landmarks[place] += count_bits(mask)
        self._n_excluded_on_target += count_bits(on_target)

    def _count_aspects(
        self, supported: Dict[str, int], direct: Mapping[Term, int], others: Mapping[bytes, int]
    ) -> None:
        """Count by aspect.

        Args:
            supported: Bits by aspect, of unknown terms only; this adds those of known terms and
                of terms left out.
            direct: Bits by term.
            others: Bits by token, for tokens that support no term.
        """
        known = self._hierarchy.aspects
        for term, mask in direct.items():
            if isinstance(term, int):
                supported[known[term]] |= mask
        target = self._target_aspect
        other = others.get(run_tokens.OTHER_IN_ASPECT, 0)
        for token, mask in others.items():
            if token.startswith(run_tokens.LEFT_OUT):
                supported[chr(token[1])] |= mask
            elif token.startswith(run_tokens.UNSUPPORTED) and chr(token[1]) == target:
                other |= mask
        for letter, mask in supported.items():
            self._supported[letter] += count_bits(mask)
        other |= supported[target]
        self._n_no_data += count_bits(others.get(target.encode(), 0))
        self._n_other += count_bits(other)

    def _propagate(self, direct: Mapping[Term, int]) -> Iterable[Tuple[Term, int]]:
        """Return the bits of each term and of all its ancestors, lowest terms first."""
        hierarchy = self._hierarchy
        bits = {term: mask for term, mask in direct.items() if isinstance(term, int)}
        unknown = [(term, mask) for term, mask in direct.items() if not isinstance(term, int)]
        levels = list(map(hierarchy.level, bits))
        by_level: List[List[int]] = [[] for _ in range(1 + max(levels, default=-1))]
        for term, level in zip(bits, levels):
            by_level[level].append(term)
        while by_level:
            for term in by_level.pop():
                mask = bits[term]
                for parent, level in hierarchy[term]:
                    if parent in bits:
                        bits[parent] |= mask
                    else:
                        bits[parent] = mask
                        by_level[level].append(parent)
        return [*bits.items(), *unknown]


class _Terms(Dict[bytes, Optional[Term]]):
    """The term that each token supports; None for a token that supports none.

    >>> terms = _Terms()
    >>> terms[b"4711e"], terms[b"GO:9999999Px"], terms[b"n"]
    (4711, b'GO:9999999', None)
    """

    def __missing__(self, token: bytes) -> Optional[Term]:
        if len(self) > _MAX_TOKENS:
            self.clear()
        term = self[token] = run_tokens.decode_support(token)
        return term


_TERMS = _Terms()


class _WatchedTokens(Dict[bytes, bool]):
    """Whether a field of tokens has a watched one."""

    def __init__(self, watched: AbstractSet[bytes]) -> None:
        super().__init__()
        self._tokens = frozenset(watched)

    def __missing__(self, tokens: bytes) -> bool:
        if len(self) >= _MAX_SETS:
            self.clear()
        is_watched = self[tokens] = not self._tokens.isdisjoint(tokens.split(b" "))
        return is_watched
