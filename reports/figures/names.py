"""Names of organisms in figures: parts in italic and upright, abbreviated to the space there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gafreduce.reports.figures.text_width import ITALIC, UPRIGHT, measure_text
from gafreduce.reports.summary.italics import split_name

#: Text in parts, each with whether it is italic.
StyledText = Sequence[tuple[str, bool]]

_GENUS = re.compile(r"([A-Z])[a-z]+ (?=[a-z])")
#: Parts of names that go first where there is no space: strains differ, subspecies rarely do.
_SUBSPECIES = re.compile(r" (?:subsp|pv|bv|var)\. [a-z-]+")
#: Words between a species and the last word of its strain: O1 biovar El Tor N16961.
_VARIETY = re.compile(r"(?<=[a-z]) \S.*(?= \S*\d\S*$)")
_STRAIN = re.compile(r" str\.")
#: The same strain in a second collection: DSM 13 = ATCC 14580.
_COLLECTION = re.compile(r" = .*")


def style_name(name: str, rank: str = "") -> StyledText:
    """Return the whole name of an organism, or taxon of a rank, in italic and upright parts."""
    return [(run.text, run.is_italic) for run in split_name(_clean(name), rank)]


def fit_names(names: Sequence[str], width: float, size: float, rank: str = "") -> list[StyledText]:
    """Return names for the labels of a figure, each at most `width` points wide.

    The genus is abbreviated where the epithet is italic, and the number of the strain in a second
    collection is left out, unless two organisms would look the same.

    Args:
        names: Of organisms, or of groups of them.
        width: Room in points.
        size: Of the letters in points.
        rank: Of names of one word, if they are taxa.
    """
    short = [_abbreviate(name, rank) for name in names]
    plain = [_join(each) for each in short]
    return [
        _fit(each if plain.count(_join(each)) == 1 else style_name(name, rank), width, size)
        for name, each in zip(names, short, strict=True)
    ]


def measure_names(names: Sequence[StyledText], size: float) -> float:
    """Return the width of the widest name in points."""
    return max((measure_styled(name, size) for name in names), default=0.0)


def measure_styled(name: StyledText, size: float, weight: str = UPRIGHT) -> float:
    """Return the width of styled text in points."""
    return sum(measure_text(text, size, ITALIC if is_it else weight) for text, is_it in name)


def join_styled(text: str, names: Sequence[str]) -> StyledText:
    """Return a text with the names of organisms in it styled."""
    found = [re.escape(name) for name in sorted(set(names), key=lambda name: (-len(name), name))]
    if not found:
        return [(text, False)]
    parts = re.split(f"({'|'.join(found)})", text)
    return [
        run
        for place, part in enumerate(parts)
        for run in (style_name(part) if place % 2 else [(_clean(part), False)])
        if run[0]
    ]


def wrap_styled(text: StyledText, width: float, size: float, weight: str) -> Iterator[StyledText]:
    """Yield the lines of a text of at most `width` points; a longer word is cut."""
    words = [
        (word, is_italic)
        for part, is_italic in text
        for word in re.findall(r"\s*\S+|\s+$", part)
        if word
    ]
    line: list[tuple[str, bool]] = []
    used = 0.0
    for word, is_italic in words:
        style = ITALIC if is_italic else weight
        wide = measure_text(word, size, style)
        if line and used + wide > width and word[:1].isspace():
            yield line
            line, used, word = [], 0.0, word.lstrip()
            wide = measure_text(word, size, style)
        if used + wide > width:
            word = _cut(word, width - used, size, style)
            wide = measure_text(word, size, style)
        line.append((word, is_italic))
        used += wide
    if line:
        yield line


def _clean(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _join(name: StyledText) -> str:
    return "".join(text for text, _ in name)


def _abbreviate(name: str, rank: str) -> StyledText:
    """Return a name with its genus as a letter: *B. subtilis* 168."""
    styled = list(style_name(_COLLECTION.sub("", name), rank))
    if styled and styled[0][1]:
        styled[0] = (_GENUS.sub(r"\1. ", styled[0][0], count=1), True)
    return styled


def _fit(name: StyledText, width: float, size: float) -> StyledText:
    if measure_styled(name, size) <= width:
        return name
    text = _join(name)
    for pattern in (_STRAIN, _SUBSPECIES, _VARIETY):
        text = pattern.sub(" …" if pattern is _VARIETY else "", text, count=1)
        styled = [(run.text, run.is_italic) for run in split_name(text)]
        if measure_styled(styled, size) <= width:
            return styled
    return _cut_middle(styled, width, size)


def _cut_middle(name: StyledText, width: float, size: float) -> StyledText:
    """Return a name cut in the middle: strains differ at the end."""
    characters = [(each, is_italic) for text, is_italic in name for each in text][:400]
    tail = min(len(characters) // 3, 10)
    end = characters[len(characters) - tail :]
    room = width - measure_styled([("…", False), *end], size)
    start = []
    for each in characters:
        room -= measure_styled([each], size)
        if room < 0:
            break
        start.append(each)
    return _merge([*start, ("…", False), *end])


def _merge(characters: Sequence[tuple[str, bool]]) -> StyledText:
    merged: list[tuple[str, bool]] = []
    for each, is_italic in characters:
        if merged and merged[-1][1] == is_italic:
            merged[-1] = (merged[-1][0] + each, is_italic)
        else:
            merged.append((each, is_italic))
    return merged


def _cut(text: str, width: float, size: float, style: str) -> str:
    while text and measure_text(text + "…", size, style) > width:
        text = text[: min(len(text) - 1, 200)]
    return text + "…"
