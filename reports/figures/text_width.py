"""Widths of text in the fonts of the figures, from the advances of their glyphs."""

from __future__ import annotations

from functools import cache
from typing import Any

from gafreduce.reports.figures.drawing_library import FALLBACK_FONT, FONT_FILES

UPRIGHT, ITALIC, BOLD = "Regular", "Italic", "SemiBold"
#: Glyphs are measured at this size; the width of a character is a share of it.
_UNITS = 1000


@cache
def _open_font(path: str) -> Any:
    from matplotlib.font_manager import get_font

    font = get_font(path)
    font.set_size(_UNITS, 72)
    return font


@cache
def _measure_character(character: str, style: str) -> float:
    """Return the width of a character as a share of the size of the text."""
    from matplotlib.ft2font import LoadFlags

    for path in (FONT_FILES[style], FALLBACK_FONT):
        font = _open_font(str(path))
        if font.get_char_index(ord(character)):
            glyph = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
            return float(glyph.linearHoriAdvance) / 65536 / _UNITS
    return 1.0  # of the box that is drawn for it


def measure_text(text: str, size: float, style: str = UPRIGHT) -> float:
    """Return the width of a text in points; kerning is left out."""
    return sum(_measure_character(each, style) for each in text) * size
