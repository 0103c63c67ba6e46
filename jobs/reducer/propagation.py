"""Distinct gene products by term, direct and propagated, exactly and in bounded memory.

In Python each gene product of a chunk is one bit; a term's gene products are the bits of one
integer, and what is true of a term is true of its parents by one `|`. A term reached by two paths
counts once, because a bit is set once. This costs by the terms of an organism, not by gene products
times ancestors, which the compiled twin can afford: it goes up from each gene product by itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from io import BytesIO
from itertools import compress, islice
from operator import ne
from typing import (
    AbstractSet,
    Any,
    Callable,
    DefaultDict,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
)
from typing import Counter as CounterOf

from gafreduce.jobs import records
from gafreduce.jobs.native import loader
from gafreduce.jobs.records import Term
from gafreduce.ontology.termfile import TermFile

#: Gene products of a chunk: the integers stay short, so that a chunk's memory is bounded by terms.
CHUNK = 4096

#: Tokens whose term is remembered: bounds the memory that hostile input can take.
_MAX_TOKENS = 200_000
#: Sets of tokens of which it is known whether one is watched: the same.
_MAX_SETS = 10_000


def _count_bits(number: int) -> int:
    return bin(number).count("1")


#: How many bits of an integer are set; Python 3.9 has no method for it.
count_bits: Callable[[int], int] = getattr(int, "bit_count", _count_bits)


class AspectCounts(NamedTuple):
    """Distinct gene products of one organism by what they have in an aspect."""

    supported: Mapping[str, int]  # a supporting line, by aspect letter
    n_no_data: int  # a line with ND in the target's aspect
    n_other: int  # a line without ND in the target's aspect
    unknown: Set[Tuple[bytes, str]]  # terms unknown to the ontology, with the letters beside them


class Added(NamedTuple):
    """What some records are about."""

    n_gene_products: int
    n_annotations: int
    rows: List[bytes]  # the records of rows, which are not counted
    watched: List[List[bytes]]  # all records of each gene product with a watched token


class Propagation(ABC):
    """Counts the gene products of one organism after another, some records at a time."""

    @abstractmethod
    def add(self, text: bytes) -> Added:
        """Count gene products.

        Args:
            text: Records of runs and rows, all of each gene product side by side; each ended by LF.
        """

    @abstractmethod
    def profile(self, taxon: bytes, shown: Optional[AbstractSet[bytes]]) -> List[bytes]:
        """Return the record of every term with a propagated gene product, in no order.

        Args:
            taxon: As it stands in the records.
            shown: GO ids that there is a record of; None: of all.
        """

    @abstractmethod
    def aspects(self) -> AspectCounts:
        """Return the counts by aspect."""

    @abstractmethod
    def files(self) -> Mapping[int, int]:
        """Return how many lines each file has, by its number."""

    @abstractmethod
    def clear(self) -> None:
        """Begin another organism."""


def propagation(terms: TermFile, watched: AbstractSet[bytes]) -> Propagation:
    """Return what counts gene products by terms.

    Args:
        terms: The term file.
        watched: Tokens whose gene products are told.
    """
    module = loader.module
    if module is None:
        return _PlainPropagation(terms, watched)
    counts = module.Counts(
        "\n".join(terms.parents).encode(),
        terms.aspects.encode(),
        _encoded(terms.go_ids),
        list(watched),
        terms.target_aspect,
    )
    return _CompiledPropagation(counts)


def _encoded(go_ids: Sequence[str]) -> List[bytes]:
    """Return ids as bytes: all at once, for each task of a reducer does this."""
    return "\n".join(go_ids).encode().split(b"\n")


class _CompiledPropagation(Propagation):
    """The compiled twin: each gene product by itself, with a mark on every term it has reached."""

    def __init__(self, counts: Any) -> None:
        self._counts = counts

    def add(self, text: bytes) -> Added:
        return Added(*self._counts.add(text))

    def profile(self, taxon: bytes, shown: Optional[AbstractSet[bytes]]) -> List[bytes]:
        records: List[bytes] = self._counts.profile(taxon, shown)
        return records

    def aspects(self) -> AspectCounts:
        return AspectCounts(*self._counts.aspects())

    def files(self) -> Mapping[int, int]:
        lines_of: Mapping[int, int] = self._counts.files()
        return lines_of

    def clear(self) -> None:
        self._counts.clear()


class Hierarchy(Dict[int, Tuple[Tuple[int, int], ...]]):
    """The parents of each term with their levels, read from the term file when first asked for.

    A level is the length of the longest way up: that of a parent is always lower.
    """

    def __init__(self, terms: TermFile) -> None:
        super().__init__()
        self._texts = terms.parents
        self._levels: Dict[int, int] = {}
        self.aspects = terms.aspects

    def level(self, term: int) -> int:
        """Return the level of a term."""
        level = self._levels.get(term)
        if level is None:
            level = 1 + max((level for _, level in self[term]), default=-1)
            self._levels[term] = level
        return level

    def __missing__(self, term: int) -> Tuple[Tuple[int, int], ...]:
        text = self._texts[term]
        parents = map(int, text.split(",")) if text else ()
        above = self[term] = tuple((parent, self.level(parent)) for parent in parents)
        return above


class _PlainPropagation(Propagation):
    """In Python: some thousand gene products at once, a bit of an integer for each."""

    def __init__(self, terms: TermFile, watched: AbstractSet[bytes]) -> None:
        self._hierarchy = Hierarchy(terms)
        self._go_ids = _encoded(terms.go_ids)
        self._target_aspect = terms.target_aspect
        self._watched = _Watched(watched)
        self.clear()

    def clear(self) -> None:
        self._alike: CounterOf[bytes] = Counter()  # gene products by their tokens
        self._n_held = 0
        # by term; reading a missing one is C, which a Counter's is not
        self._annotations: DefaultDict[Term, int] = defaultdict(int)
        self._direct: DefaultDict[Term, int] = defaultdict(int)
        self._propagated: DefaultDict[Term, int] = defaultdict(int)
        self._non_electronic: DefaultDict[Term, int] = defaultdict(int)
        self._supported = dict.fromkeys("PFC?", 0)
        self._n_no_data = 0
        self._n_other = 0
        self._unknown: Set[Tuple[bytes, str]] = set()
        self._lines_of: CounterOf[int] = Counter()  # by number of the file

    def add(self, text: bytes) -> Added:
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
                tokens[start] if end - start == 1 else records.merge_tokens(tokens[start:end])
                for start, end in zip(starts, ends)
            ]
        self._alike.update(products)
        self._n_held += len(products)
        if self._n_held >= CHUNK:
            self._flush()
        watched = set(filter(self._watched.__getitem__, set(products)))
        told: List[List[bytes]] = []
        if watched:
            lines = BytesIO(text).readlines()
            places = compress(range(len(products)), map(watched.__contains__, products))
            told = [lines[starts[place] : ends[place]] for place in places]
        return Added(len(products), sum(sizes), rows, told)

    def _count_lines(self, files: List[bytes], sizes: List[int]) -> None:
        """Count the lines of runs by file."""
        if files and files.count(files[0]) == len(files):
            number, n_lines = records.decode_file(files[0])
            self._lines_of[number] += sum(sizes) if n_lines is None else n_lines * len(files)
            return
        for file, size in zip(files, sizes):
            number, n_lines = records.decode_file(file)
            self._lines_of[number] += size if n_lines is None else n_lines

    def files(self) -> Mapping[int, int]:
        return {number: n_lines for number, n_lines in self._lines_of.items() if n_lines}

    def profile(self, taxon: bytes, shown: Optional[AbstractSet[bytes]]) -> List[bytes]:
        self._flush()
        go_ids, profile = self._go_ids, []
        annotations, direct, stated = self._annotations, self._direct, self._non_electronic
        for term, n_propagated in self._propagated.items():
            go_id = go_ids[term] if isinstance(term, int) else term
            if shown is None or go_id in shown:
                numbers = annotations[term], direct[term], n_propagated, stated[term]
                profile.append(records.encode_profile(go_id, taxon, *numbers))
        return profile

    def aspects(self) -> AspectCounts:
        self._flush()
        return AspectCounts(self._supported, self._n_no_data, self._n_other, self._unknown)

    def _flush(self) -> None:
        """Count the gene products that are held, and let them go."""
        bits: DefaultDict[bytes, int] = defaultdict(int)  # token -> its gene products
        repeated: DefaultDict[bytes, int] = defaultdict(int)  # further lines that say the same
        offset = 0
        for tokens, times in self._alike.items():
            mask = ((1 << times) - 1) << offset
            offset += times
            previous = b""
            for token in tokens.split(b" "):
                if token != previous:
                    bits[token] |= mask
                    previous = token
                else:
                    repeated[token] += times
        self._alike.clear()
        self._n_held = 0
        self._count(bits)
        for token, n_lines in repeated.items():
            term = _TERMS[token]
            if term is not None:
                self._annotations[term] += n_lines

    def _count(self, bits: Dict[bytes, int]) -> None:
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
            if token.endswith(records.STATED):
                non_electronic[term] += size
            direct[term] |= mask
            if not isinstance(term, int):  # the aspect of an unknown term stands in its token
                letter = records.decode_aspect(token)
                supported[letter] |= mask
                self._unknown.add((term, letter))
        self._count_aspects(supported, direct, others)
        for term, mask in direct.items():
            self._direct[term] += count_bits(mask)
        propagated = self._propagated
        for term, mask in self._propagate(direct):
            propagated[term] += count_bits(mask)

    def _count_aspects(
        self, supported: Dict[str, int], direct: Mapping[Term, int], others: Mapping[bytes, int]
    ) -> None:
        """Count by aspect.

        Args:
            supported: Bits by aspect, those of unknown terms only; grows.
            direct: Bits by term.
            others: Bits by token that has no term.
        """
        known = self._hierarchy.aspects
        for term, mask in direct.items():
            if isinstance(term, int):
                supported[known[term]] |= mask
        target = self._target_aspect
        supported[target] |= others.get(records.SUPPORT_IN_ASPECT, 0)
        for letter, mask in supported.items():
            self._supported[letter] += count_bits(mask)
        other = others.get(records.OTHER_IN_ASPECT, 0) | supported[target]
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
    """The term that each token supports; None when it supports none that is counted.

    >>> terms = _Terms()
    >>> terms[b"4711e"], terms[b"GO:9999999Px"], terms[b"n"]
    (4711, b'GO:9999999', None)
    """

    def __missing__(self, token: bytes) -> Optional[Term]:
        if len(self) > _MAX_TOKENS:
            self.clear()
        term = self[token] = records.decode_support(token)
        return term


_TERMS = _Terms()


class _Watched(Dict[bytes, bool]):
    """Whether some tokens, joined by blanks, hold one that is watched."""

    def __init__(self, watched: AbstractSet[bytes]) -> None:
        super().__init__()
        self._tokens = frozenset(watched)

    def __missing__(self, tokens: bytes) -> bool:
        if len(self) >= _MAX_SETS:
            self.clear()
        is_watched = self[tokens] = not self._tokens.isdisjoint(tokens.split(b" "))
        return is_watched
