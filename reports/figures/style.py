"""Colours, patterns, sizes and files of all figures; the same data give the same bytes.

Figures are drawn with the classes of Matplotlib: pyplot takes half a second to import.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from gafreduce.reports.figures.drawing_library import (
    FALLBACK_FAMILY,
    FONT_FAMILY,
    Figure,
    mpl,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class GroupStyle(NamedTuple):
    """How an evidence group is drawn: colour, pattern and letter agree."""

    colour: str
    hatch: str  # of Matplotlib
    pattern: str  # the same in SVG, a tile of 4 x 4 points
    letter: str  # a capital: an evidence code other than IEA
    hatch_colour: str = "#16202a"


_DARK_LINE = 'stroke="#16202a" stroke-width=".6" fill="none"'
_WHITE_LINE = 'stroke="#ffffff" stroke-width=".8" fill="none"'
#: Colours of Okabe and Ito (https://jfly.uni-koeln.de/color/), which the colour-blind can
#: distinguish, each with a pattern for print without colour.
GROUP_STYLES = {
    "experimental": GroupStyle("#009e73", "", "", "E"),
    "high_throughput": GroupStyle(
        "#56b4e9", "////", f'<path d="M-1 1l2-2M0 4l4-4M3 5l2-2" {_DARK_LINE}/>', "H"
    ),
    "phylogenetic": GroupStyle(
        "#0072b2", "|||||", f'<path d="M2 0v4" {_WHITE_LINE}/>', "P", "#ffffff"
    ),
    "computational": GroupStyle(
        "#cc79a7", "\\\\\\\\", f'<path d="M-1 3l2 2M0 0l4 4M3-1l2 2" {_DARK_LINE}/>', "S"
    ),
    "author": GroupStyle("#f0e442", "+++", f'<path d="M2 0v4M0 2h4" {_DARK_LINE}/>', "A"),
    "curator": GroupStyle("#d55e00", "-----", f'<path d="M0 2h4" {_DARK_LINE}/>', "C"),
    "electronic": GroupStyle(
        "#e69f00", "....", '<circle cx="2" cy="2" r=".6" fill="#16202a"/>', "e"
    ),
    "unstated": GroupStyle("#b8bec4", "", "", "?"),
}
_PATTERNS = {style.colour: style.pattern for style in GROUP_STYLES.values()}

INK = "#16202a"
DARK = "#17212b"  # text on a colour, in the light and the dark scheme of the page
SOFT_INK = "#5c6772"
EDGE = "#2b3640"  # outline of coloured bars
PAPER = "#fefefe"  # a gap in a bar, dark where the page is dark
LINE = "#c3c9cf"
STRIPE = "#f3f5f7"
BAR = "#9db4c6"  # bars without a meaning of their own
BLUE = "#0b5c8f"  # annotated

#: Sizes of text in points: labels, axes, and letters and keys. Journals ask for 5 to 7.
LABEL_SIZE, AXIS_SIZE, LETTER_SIZE = 7.1, 6.4, 5.9

PNG_DPI = 300

SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "gafreduce",  # ids in the SVG are derived from it and not random
    "pdf.fonttype": 42,  # embedded TrueType; some journals refuse Type 3
    "font.family": [FONT_FAMILY, FALLBACK_FAMILY],
    "font.size": LABEL_SIZE,
    "text.parse_math": False,  # dollar signs in names are not formulas
    "hatch.linewidth": 0.5,
}


def save_svg(figure: Figure, stream: BinaryIO, *, outlined: bool = False) -> None:
    """Write a figure as SVG without date and version, so that the same data give the same bytes.

    Args:
        figure: The figure.
        stream: A binary stream.
        outlined: Whether glyphs are shapes, as other machines lack the font; in the page, which
            has it, text stays text that can be searched and read aloud.
    """
    mpl.rcParams.update(SETTINGS | {"svg.fonttype": "path" if outlined else "none"})
    drawn = io.BytesIO()
    with _ignore_glyph_warnings():
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    stream.write(_simplify_patterns(drawn.getvalue().decode()).encode())


def save_png(figure: Figure, stream: BinaryIO) -> None:
    """Write a figure as PNG without version, so that the same data give the same bytes."""
    mpl.rcParams.update(SETTINGS)
    with _ignore_glyph_warnings():
        figure.savefig(
            stream,
            format="png",
            dpi=PNG_DPI,
            metadata={"Software": None},
            pil_kwargs={"compress_level": 2},  # half the time for a tenth more bytes
        )


def save_pdf(figure: Figure, stream: BinaryIO) -> None:
    """Write a figure as PDF without date and version, so that the same data give the same bytes."""
    mpl.rcParams.update(SETTINGS)
    with _ignore_glyph_warnings():
        figure.savefig(
            stream,
            format="pdf",
            metadata={"CreationDate": None, "Creator": None, "Producer": None},
        )


# it reports each table of each font
logging.getLogger("fontTools").setLevel(logging.WARNING)

_PATTERN = re.compile(r'<pattern id="([^"]+)".*?</pattern>', re.DOTALL)
_FILL = re.compile(r"fill[:=] *\"?(#[0-9a-f]{6})")


def _simplify_patterns(svg: str) -> str:
    """Replace Matplotlib's hatches, of which a dotted one takes 50 kB, by tiles of one sign."""

    def replace(found: re.Match[str]) -> str:
        colour = _FILL.search(found[0])
        if colour is None or colour[1] not in _PATTERNS:
            return found[0]
        return (
            f'<pattern id="{found[1]}" patternUnits="userSpaceOnUse" width="4" height="4">'
            f'<rect width="4" height="4" fill="{colour[1]}"/>{_PATTERNS[colour[1]]}</pattern>'
        )

    return _PATTERN.sub(replace, svg)


@contextlib.contextmanager
def _ignore_glyph_warnings() -> Iterator[None]:
    # a missing glyph is a box in the PNG; in the page the reader's own fonts are used
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def choose_blue(share: float) -> tuple[str, str]:
    """Return the fill colour of a share between 0 and 1, and a readable text colour on it.

    >>> choose_blue(0.0), choose_blue(1.0)
    (('#f1f5f9', '#17212b'), ('#0a4a77', '#ffffff'))
    """
    ends = ((0xF1, 0x0A), (0xF5, 0x4A), (0xF9, 0x77))
    rgb = [round(low + (high - low) * share) for low, high in ends]
    fill = "#" + "".join(f"{part:02x}" for part in rgb)
    dark = _luminance([0x17, 0x21, 0x2B])
    return fill, "#ffffff" if _contrast(rgb, 1.0) > _contrast(rgb, dark) else DARK


def _luminance(rgb: Sequence[int]) -> float:
    """Return the relative luminance of a colour. Source: WCAG 2.2."""
    parts = [part / 255 for part in rgb]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(rgb: Sequence[int], luminance: float) -> float:
    light, dark = sorted((_luminance(rgb), luminance), reverse=True)
    return (light + 0.05) / (dark + 0.05)
