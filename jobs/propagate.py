"""Distinct gene products by term, direct and propagated, exactly and in bounded memory.

Each gene product of a chunk is one bit; a term's gene products are the bits of one integer, and
what is true of a term is true of its parents by one `|`. A term reached by two paths counts once,
because a bit is set once. This costs by the terms of an organism, not by gene products times
ancestors.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import (
    Callable,
    DefaultDict,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Set,
    Tuple,
    Union,
)
from typing import Counter as CounterOf

from jobs import readings
from ontology.termfile import TermFile

#: Gene products of a chunk: the integers stay short, so that a chunk's memory is bounded by terms.
CHUNK = 4096

#: Tokens whose term is remembered: bounds the memory that hostile input can take.
_MAX_TOKENS = 200_000

#: A term: its number in the term file, or the id of one that is unknown to the ontology.
Term = Union[int, bytes]
#: A term and its numbers: n_annotations, n_gene_products, n_gene_products_propagated,
#: n_gene_products_non_electronic.
TermCounts = Tuple[Term, int, int, int, int]


def _count_bits(number: int) -> int:
    return bin(number).count("1")


#: How many bits of an integer are set; Python 3.9 has no method for it.
count_bits: Callable[[int], int] = getattr(int, "bit_count", _count_bits)


class AspectCounts:
    """Distinct gene products of one organism by what they have in an aspect."""

    def __init__(self) -> None:
        self.supported: CounterOf[str] = Counter()  # a supporting line, by aspect letter
        self.n_no_data = 0  # a line with ND in the target's aspect
        self.n_other = 0  # a line without ND in the target's aspect


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


class Propagation:
    """Counts the gene products of one organism, chunk by chunk."""

    def __init__(self, hierarchy: Hierarchy, target_aspect: str) -> None:
        self._hierarchy = hierarchy
        self._target_aspect = target_aspect
        self._alike: CounterOf[bytes] = Counter()  # gene products by their tokens
        self._n_held = 0
        # by term; reading a missing one is C, which a Counter's is not
        self._annotations: DefaultDict[Term, int] = defaultdict(int)
        self._direct: DefaultDict[Term, int] = defaultdict(int)
        self._propagated: DefaultDict[Term, int] = defaultdict(int)
        self._non_electronic: DefaultDict[Term, int] = defaultdict(int)
        self.aspect = AspectCounts()
        self.unknown_aspects: Set[Tuple[bytes, str]] = set()

    def add(self, products: Sequence[bytes]) -> None:
        """Count gene products, each by the tokens of all its lines, sorted and joined by spaces."""
        self._alike.update(products)
        self._n_held += len(products)
        if self._n_held >= CHUNK:
            self._flush()

    def counts(self) -> Iterator[TermCounts]:
        """Return the numbers of every term with a propagated gene product, in no order."""
        self._flush()
        terms = list(self._propagated)
        return zip(
            terms,
            map(self._annotations.__getitem__, terms),
            map(self._direct.__getitem__, terms),
            self._propagated.values(),
            map(self._non_electronic.__getitem__, terms),
        )

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
            if token.endswith(b"x"):
                non_electronic[term] += size
            direct[term] |= mask
            if not isinstance(term, int):  # the aspect of an unknown term stands in its token
                letter = chr(token[-2])
                supported[letter] |= mask
                self.unknown_aspects.add((term, letter))
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
        supported[target] |= others.get(readings.SUPPORT_IN_ASPECT, 0)
        for letter, mask in supported.items():
            self.aspect.supported[letter] += count_bits(mask)
        other = others.get(readings.OTHER_IN_ASPECT, 0) | supported[target]
        self.aspect.n_no_data += count_bits(others.get(target.encode(), 0))
        self.aspect.n_other += count_bits(other)

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
        term: Optional[Term] = None
        if token.startswith(b"GO:"):
            term = token[:-2]
        elif len(token) > 1:
            term = int(token[:-1])
        self[token] = term
        return term


_TERMS = _Terms()


def merge(pieces: Sequence[bytes]) -> bytes:
    """Return the tokens of a gene product that came in pieces, as one."""
    return b" ".join(sorted(b" ".join(pieces).split(b" "))) if len(pieces) > 1 else pieces[0]
