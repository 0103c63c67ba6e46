"""Distinct gene products by term, direct and propagated, exactly and in bounded memory.

Each gene product of a chunk is one bit; a term's gene products are the bits of one integer, and
what is true of a term is true of its parents by one `|`. A term reached by two paths counts once,
because a bit is set once. This costs by the terms of an organism, not by gene products times
ancestors.
"""

from __future__ import annotations

from collections import Counter
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Set, Tuple, Union
from typing import Counter as CounterOf

from jobs import readings
from ontology.termfile import TermFile

#: Gene products of a chunk: the integers stay short, so that a chunk's memory is bounded by terms.
CHUNK = 4096

#: A term: its number in the term file, or the id of one that is unknown to the ontology.
Term = Union[int, bytes]


def _count_bits(number: int) -> int:
    return bin(number).count("1")


#: How many bits of an integer are set; Python 3.9 has no method for it.
count_bits: Callable[[int], int] = getattr(int, "bit_count", _count_bits)


class TermCounts(NamedTuple):
    """The numbers of one organism and term."""

    n_annotations: int
    n_gene_products: int
    n_gene_products_propagated: int
    n_gene_products_non_electronic: int


class AspectCounts:
    """Distinct gene products of one organism by what they have in an aspect."""

    def __init__(self) -> None:
        self.supported: CounterOf[str] = Counter()  # a supporting line, by aspect letter
        self.n_no_data = 0  # a line with ND in the target's aspect
        self.n_other = 0  # a line without ND in the target's aspect


class Hierarchy:
    """The terms' parents and levels, read from the term file as they are needed."""

    def __init__(self, terms: TermFile) -> None:
        self._texts = terms.parents
        self._parents: Dict[int, Tuple[int, ...]] = {}
        self._levels: Dict[int, int] = {}
        self.go_ids = terms.go_ids
        self.aspects = terms.aspects

    def parents(self, term: int) -> Tuple[int, ...]:
        """Return the parents of a term over the chosen relations."""
        known = self._parents.get(term)
        if known is None:
            text = self._texts[term]
            known = self._parents[term] = tuple(map(int, text.split(","))) if text else ()
        return known

    def level(self, term: int) -> int:
        """Return the length of the longest way up from a term; a parent's level is always lower."""
        level = self._levels.get(term)
        if level is None:
            level = 1 + max(map(self.level, self.parents(term)), default=-1)
            self._levels[term] = level
        return level


class Propagation:
    """Counts the gene products of one organism, chunk by chunk."""

    def __init__(self, hierarchy: Hierarchy, target_aspect: str) -> None:
        self._hierarchy = hierarchy
        self._target_aspect = target_aspect
        self._alike: Dict[bytes, int] = {}  # tokens of a gene product -> how many have them
        self._n_held = 0
        self._annotations: CounterOf[Term] = Counter()
        self._direct: CounterOf[Term] = Counter()
        self._propagated: CounterOf[Term] = Counter()
        self._non_electronic: CounterOf[Term] = Counter()
        self.aspect = AspectCounts()
        self.unknown_aspects: Set[Tuple[bytes, str]] = set()

    def add(self, tokens: bytes) -> None:
        """Count one gene product by the tokens of all its lines, sorted and joined by spaces."""
        self._alike[tokens] = self._alike.get(tokens, 0) + 1
        self._n_held += 1
        if self._n_held >= CHUNK:
            self._flush()

    def counts(self) -> Iterator[Tuple[Term, TermCounts]]:
        """Return the numbers of every term with a propagated gene product, in no order."""
        self._flush()
        for term, propagated in self._propagated.items():
            yield (
                term,
                TermCounts(
                    self._annotations[term],
                    self._direct[term],
                    propagated,
                    self._non_electronic[term],
                ),
            )

    def _flush(self) -> None:
        """Count the gene products that are held, and let them go."""
        bits: Dict[bytes, int] = {}  # token -> its gene products
        offset = 0
        for tokens, times in self._alike.items():
            mask = ((1 << times) - 1) << offset
            offset += times
            previous = b""
            for token in tokens.split(b" "):
                if token != previous:
                    bits[token] = bits.get(token, 0) | mask
                    previous = token
                else:
                    self._repeat(token, times)
        self._alike.clear()
        self._n_held = 0
        self._count(bits)

    def _repeat(self, token: bytes, times: int) -> None:
        """Count a further line of the same gene products that says the same."""
        term = _term_of(token)
        if term is not None:
            self._annotations[term] += times

    def _count(self, bits: Dict[bytes, int]) -> None:
        direct: Dict[Term, int] = {}
        supported = dict.fromkeys("PFC?", 0)
        no_data = other = 0
        no_data_in_aspect = self._target_aspect.encode()
        for token, mask in bits.items():
            term = _term_of(token)
            if term is None:
                if token == no_data_in_aspect:
                    no_data |= mask
                elif token == readings.OTHER_IN_ASPECT:
                    other |= mask
                elif token == readings.SUPPORT_IN_ASPECT:
                    supported[self._target_aspect] |= mask
                continue
            size = count_bits(mask)
            self._annotations[term] += size
            if token.endswith(b"x"):
                self._non_electronic[term] += size
            direct[term] = direct.get(term, 0) | mask
            supported[self._aspect_of(term, token)] |= mask
        for term, mask in direct.items():
            self._direct[term] += count_bits(mask)
        for term, mask in self._propagate(direct):
            self._propagated[term] += count_bits(mask)
        for letter, mask in supported.items():
            self.aspect.supported[letter] += count_bits(mask)
        self.aspect.n_no_data += count_bits(no_data)
        self.aspect.n_other += count_bits(other | supported[self._target_aspect])

    def _aspect_of(self, term: Term, token: bytes) -> str:
        """Return the aspect letter of a term; that of an unknown one stands in its token."""
        if isinstance(term, int):
            return self._hierarchy.aspects[term]
        letter = chr(token[-2])
        self.unknown_aspects.add((term, letter))
        return letter

    def _propagate(self, direct: Dict[Term, int]) -> Iterable[Tuple[Term, int]]:
        """Return the bits of each term and of all its ancestors, lowest terms first."""
        parents, level = self._hierarchy.parents, self._hierarchy.level
        bits = {term: mask for term, mask in direct.items() if isinstance(term, int)}
        unknown = [(term, mask) for term, mask in direct.items() if not isinstance(term, int)]
        by_level: List[List[int]] = [[] for _ in range(1 + max(map(level, bits), default=-1))]
        for term in bits:
            by_level[level(term)].append(term)
        while by_level:
            for term in by_level.pop():
                mask = bits[term]
                for parent in parents(term):
                    if parent in bits:
                        bits[parent] |= mask
                    else:
                        bits[parent] = mask
                        by_level[level(parent)].append(parent)
        return [*bits.items(), *unknown]


_TERM_OF: Dict[bytes, Union[Term, None]] = {}


def _term_of(token: bytes) -> Union[Term, None]:
    """Return the term that a token supports; None when it supports none that is counted.

    >>> _term_of(b"4711e"), _term_of(b"GO:9999999Px"), _term_of(b"n")
    (4711, b'GO:9999999', None)
    """
    try:
        return _TERM_OF[token]
    except KeyError:
        if len(_TERM_OF) > 200_000:
            _TERM_OF.clear()
        term: Union[Term, None] = None
        if token.startswith(b"GO:"):
            term = token[:-2]
        elif len(token) > 1:
            term = int(token[:-1])
        _TERM_OF[token] = term
        return term


def merge(pieces: Sequence[bytes]) -> bytes:
    """Return the tokens of a gene product that came in pieces, as one."""
    return b" ".join(sorted(b" ".join(pieces).split(b" "))) if len(pieces) > 1 else pieces[0]
