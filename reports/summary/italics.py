"""Split the name of an organism into italic and upright text.

Italic are genus, species and subspecies, pathovars and varieties, hosts likewise, and the word
*Candidatus*, after which the name is upright. Upright are strains, serovars, abbreviations such as
`subsp.` and `sp.`, words such as `bacterium`, higher taxa, and names of viruses and metagenomes.
Sources: the International Code of Nomenclature of Prokaryotes (2022), with its Appendix 11 on
*Candidatus*; the codes of zoology (1999) and of algae, fungi and plants (Shenzhen, 2018); the
standards for naming pathovars (1991). Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple


class NameRun(NamedTuple):
    """A part of a name in one style."""

    text: str
    is_italic: bool


#: In full or shortened: Bacillus, B., B (in names of files).
_GENUS = re.compile(r"[A-Z][a-z]+|[A-Z][a-z]{0,3}\.|[A-Z]")
_EPITHET = re.compile(r"[a-zäëïöü]{2,}(?:-[a-zäëïöü]+)*")
_SUBSPECIES = frozenset(("subsp.", "ssp.", "var.", "f.", "sp.", "pv.", "pathovar", "bv.", "biovar"))
#: Words between a genus and what is no epithet.
_OPEN_SPECIES = re.compile(
    r"sp\..*|spp?\.?|hybrids?|cultivars?|gen\.|geno(?:mo)?sp\."
    r"|(?:endo|ecto|)symbiont|epibiont|primary|secondary"
)
_DOUBTFUL_SPECIES = frozenset(("cf.", "aff.", "nr."))
_HYBRID = frozenset(("x", "\N{MULTIPLICATION SIGN}"))
_QUALIFIERS = frozenset(("uncultured", "unidentified", "unclassified", "environmental"))
#: Genera whose serovars are written as a name behind them, upright: Salmonella Typhimurium.
_WITH_SEROVARS = frozenset(("Salmonella",))
#: Names that contain such a word are upright.
_UPRIGHT_NAME = re.compile(
    r"virus|viri(?:dae|nae|cetes)\b|(?:phage|phages|viroid|satellite|metagenome|phytoplasma)\b|"
    r"\b(?:bacterium|archaeon|vector|construct)\b",
    re.IGNORECASE,
)
#: Endings of taxa above the genus.
_HIGHER_TAXON = re.compile(
    r".*(?:aceae|ales|ineae|oideae|idae|inae|ota|bacteria|archaea|mycetes|mycota|cetes|"
    r"detes|cutes|viria)"
)
#: Words that follow a capitalised word in names, and are no epithets.
_NO_EPITHET = re.compile(
    r"of|in|on|from|and|the|with|for|or|at|by|group|complex|cluster|clade|subgroup|lineage|phylum|"
    r"class|order|family|genus|species|strain|isolate|serovar|serotype|serogroup|subdivision|type|"
    r"lines?|plasmid|genome|clone|culture|mutant|sample|control|wild|reference|assembly|"
    r"annotations?|proteome|genes?|products?|proteins?|cells?|data|file|run|test|gut|soil|sea|"
    r"seawater|marine|water|sludge|leaf|human|mouse|fungus|alga|yeast"
)


def split_name(name: str, rank: str = "") -> list[NameRun]:
    """Return the parts of a name in their order; together they are the name.

    Args:
        name: The name of an organism.
        rank: The rank of its taxon, empty if unknown: only by it are a genus alone, and a
            subspecies without `subsp.`, told from other words.

    >>> [run.text for run in split_name("Bacillus subtilis subsp. subtilis str. 168") if run[1]]
    ['Bacillus subtilis', 'subtilis']
    """
    parts = re.split(r"(\s+)", name)
    words = [_split_word(part) for part in parts[::2]]
    marks = _mark_words(words, rank, name)
    pieces: list[NameRun] = []
    for position, (before, text, after) in enumerate(words):
        is_inside = marks[position - 1 : position + 1] == [True, True]
        is_inside = is_inside and not before and not words[position - 1][2]
        pieces += [NameRun(space, is_inside) for space in parts[1::2][position - 1 : position]]
        pieces += [NameRun(before, False), NameRun(text, marks[position]), NameRun(after, False)]
    filled = (piece for piece in pieces if piece.text)
    return [
        NameRun("".join(piece.text for piece in found), is_italic)
        for is_italic, found in groupby(filled, key=lambda piece: piece.is_italic)
    ]


def needs_rank(name: str) -> bool:
    """Return whether the style of a name depends on the rank of its taxon.

    >>> needs_rank("Bacillus"), needs_rank("Bacillus subtilis 168")
    (True, False)
    """
    return split_name(name, "genus") != split_name(name) or (
        split_name(name, "subspecies") != split_name(name)
    )


def find_species(name: str) -> tuple[str, str] | None:
    """Return genus and species at the beginning of a name; None if it does not begin with them.

    >>> find_species("[Clostridium] scindens ATCC 35704"), find_species("Bacillus sp. X1")
    (('Clostridium', 'scindens'), None)
    """
    words = [_split_word(word) for word in name.split()]
    if len(words) < 2 or _mark_words(words, "", name)[:2] != [True, True]:
        return None
    return words[0][1], words[1][1]


def _split_word(word: str) -> tuple[str, str, str]:
    """Return a word between its brackets and quotes."""
    text = word.lstrip("[(\"'")
    before = word[: len(word) - len(text)]
    core = text.rstrip("])\"',;:")
    return before, core, text[len(core) :]


def _mark_words(parts: Sequence[tuple[str, str, str]], rank: str, name: str) -> list[bool]:
    """Return for each word whether it is italic."""
    words = [word for _, word, _ in parts]
    marks = [False] * len(words)
    candidatus = _find_candidatus(words)
    if candidatus is not None:
        marks[candidatus] = True
        starts = _find_hosts(parts)
    elif _UPRIGHT_NAME.search(name):
        return marks
    elif len(words) == 1:
        return [rank in ("genus", "subgenus") and _is_genus(words[0])]
    else:
        first = 1 if words[0] in _QUALIFIERS else 0
        starts = iter((first, *_find_hosts(parts)))
    for start in starts:
        for position in _find_italic(words, start, rank):
            marks[position] = True
    return marks


def _find_candidatus(words: Sequence[str]) -> int | None:
    """Return the position of the word *Candidatus*, or of `Ca.` before a name; None for none."""
    for position, (word, following) in enumerate(zip(words, [*words[1:], ""], strict=True)):
        if word == "Candidatus" or (word == "Ca." and following[:1].isupper()):
            return position
    return None


def _find_hosts(parts: Sequence[tuple[str, str, str]]) -> Iterator[int]:
    """Yield the positions at which the name of another organism may begin: host or parent."""
    for position in range(1, len(parts)):
        if "(" in parts[position][0] or parts[position - 1][1] in ("of", *_HYBRID):
            yield position


def _is_genus(word: str) -> bool:
    return bool(_GENUS.fullmatch(word)) and not _HIGHER_TAXON.fullmatch(word)


def _is_epithet(word: str) -> bool:
    return bool(_EPITHET.fullmatch(word)) and not _NO_EPITHET.fullmatch(word)


def _find_italic(words: Sequence[str], start: int, rank: str) -> Iterator[int]:
    """Yield the positions of the italic words of the name that begins at a word."""
    after = [*words[start + 1 :], "", ""]
    if words[start - 1] in _HYBRID and start > 1 and _is_epithet(words[start]):
        yield start  # of the second parent, of the same genus
    if not _is_genus(words[start]):
        return
    is_alone = not after[0] and start == 1 and words[0] in _QUALIFIERS
    has_serovar = words[start] in _WITH_SEROVARS and after[0][:1].isupper()
    if _OPEN_SPECIES.fullmatch(after[0]) or is_alone or has_serovar:
        yield start
    elif after[0] in _DOUBTFUL_SPECIES | _HYBRID and _is_epithet(after[1]):
        yield from (start, start + 2)
    elif _is_epithet(after[0]):
        yield from (start, start + 1)
        is_autonym = after[1] == after[0]
        if is_autonym or (rank == "subspecies" and _is_epithet(after[1])):
            yield start + 2
        for position in range(start + 3, len(words)):
            if words[position - 1] in _SUBSPECIES and _is_epithet(words[position]):
                yield position
