"""Colours, hatching, labels and files of all figures; the same data give the same bytes.

Figures are drawn with the classes of matplotlib: pyplot takes half a second to import, and marsilea
and upsetplot import it (with seaborn and scipy). Positions are computed here, because the layout
engine of matplotlib draws every figure three times.
"""

from __future__ import annotations

import contextlib
import unicodedata
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO

from gafreduce.reports.figures.drawing_library import Figure, mpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

#: Colours of Okabe and Ito (https://jfly.uni-koeln.de/color/), which the colour-blind can
#: distinguish, each with hatching for print without colour.
GROUP_STYLES = {
    "experimental": ("#0072B2", ""),
    "high_throughput": ("#56B4E9", "//"),
    "phylogenetic": ("#009E73", "--"),
    "computational": ("#F0E442", "\\\\"),
    "author": ("#CC79A7", "||"),
    "curator": ("#D55E00", "xx"),
    "electronic": ("#E69F00", ".."),
    "unstated": ("#BBBBBB", "++"),
}
INK = "#222222"
DARK = "#212121"  # text on a colour, in the light and the dark scheme of the page
FAINT = "#D9D9D9"
STRIPE = "#F4F4F4"
BLUE = "#0072B2"

PNG_DPI = 300
#: Largest number of pixels of a PNG; drawing takes about ten bytes of memory for each.
MAX_PIXELS = 8e6
LINE = 0.27  # height of a row of text in inches
FONT_SIZE = 9.0

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "gafreduce",  # ids in the SVG are derived from it and not random
    "svg.fonttype": "none",  # text stays text, which can be searched and read aloud
    "font.family": ["DejaVu Sans"],  # included in matplotlib
    "font.size": FONT_SIZE,
    "text.parse_math": False,  # dollar signs in names are not formulas
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def make_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches."""
    mpl.rcParams.update(_SETTINGS)
    return Figure(figsize=(width, height))


def make_framed_figure(
    plot_width: float, plot_height: float, left: float, top: float, bottom: float
) -> tuple[Figure, Axes]:
    """Return a figure with one plot of this size and these margins, all in inches."""
    right = 0.35
    width, height = left + plot_width + right, top + plot_height + bottom
    figure = make_figure(width, height)
    axes = figure.add_axes(
        (left / width, bottom / height, plot_width / width, plot_height / height)
    )
    return figure, axes


def save_svg(figure: Figure, stream: BinaryIO) -> None:
    """Write a figure as SVG without date and version, so that the same data give the same bytes."""
    mpl.rcParams.update(_SETTINGS)
    with _ignore_glyph_warnings():
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})


def save_png(figure: Figure, stream: BinaryIO) -> None:
    """Write a figure as PNG without version, so that the same data give the same bytes."""
    mpl.rcParams.update(_SETTINGS)
    with _ignore_glyph_warnings():
        figure.savefig(
            stream,
            format="png",
            dpi=_choose_resolution(figure),
            metadata={"Software": None},
            pil_kwargs={"compress_level": 2},  # half the time for a tenth more bytes
        )


def _choose_resolution(figure: Figure) -> float:
    """Return the resolution in dots per inch, lower for large figures to limit memory."""
    width, height = figure.get_size_inches()
    return float(min(PNG_DPI, (MAX_PIXELS / (width * height)) ** 0.5))


@contextlib.contextmanager
def _ignore_glyph_warnings() -> Iterator[None]:
    # a missing glyph is a box in the PNG; in the SVG the reader's own fonts are used
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def shorten(text: str, length: int = 42) -> str:
    """Return a text of at most `length` characters, cut in the middle: strains differ at the end.

    >>> shorten("Bacillus subtilis subsp. subtilis str. 168", 24)
    'Bacillus subtil…str. 168'
    """
    text = "".join(character if character.isprintable() else " " for character in text)
    if len(text) <= length:
        return text
    tail = length // 3
    return f"{text[: length - tail - 1]}…{text[-tail:]}"


def measure_text(texts: Iterable[str], size: float = FONT_SIZE) -> float:
    """Return an upper estimate of the width of the longest text, in inches."""
    units = (
        sum(
            1.75 if unicodedata.east_asian_width(each) in "WF" else 1.25 if each.isupper() else 1.0
            for each in text
        )
        for text in texts
    )
    return max(units, default=0.0) * 0.62 * size / 72


def measure_row_margin(labels: Iterable[str]) -> float:
    """Return the width of the row labels with their tick, in inches."""
    return measure_text(labels) + 0.15


def label_rows(axes: Axes, labels: Sequence[str]) -> None:
    """Write a label before each row, starting at the top."""
    axes.set_yticks(range(len(labels)), list(labels))
    axes.set_ylim(len(labels) - 0.5, -0.5)


def label_columns(axes: Axes, labels: Sequence[str], slanted: bool = True) -> None:
    """Write a label above each column."""
    axes.xaxis.tick_top()
    axes.set_xlim(-0.5, len(labels) - 0.5)
    if not slanted:
        axes.set_xticks(range(len(labels)), list(labels), fontsize=8)
        return
    axes.set_xticks(
        range(len(labels)),
        list(labels),
        rotation=40,
        ha="left",
        rotation_mode="anchor",
        fontsize=8,
    )


def measure_slanted_labels(labels: Iterable[str]) -> float:
    """Return the height of slanted labels above a plot, in inches."""
    return 0.25 + 0.65 * measure_text(labels, 8)


def draw_stripes(axes: Axes, n_rows: int) -> None:
    """Shade every other row."""
    for y in range(0, n_rows, 2):
        axes.axhspan(y - 0.5, y + 0.5, color=STRIPE, linewidth=0, zorder=0)


def make_empty_figure(message: str) -> Figure:
    """Return a figure with a message in place of a plot."""
    figure = make_figure(6.0, 1.2)
    figure.text(0.5, 0.5, message, ha="center", va="center")
    return figure


def clear_frame(axes: Axes) -> None:
    """Remove frame and ticks of a plot that is a grid."""
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def add_legend(figure: Figure, handles: Sequence[Artist], columns: int = 4) -> None:
    """Add a legend below the plot."""
    figure.legend(handles=list(handles), loc="lower left", ncols=columns, frameon=False, fontsize=8)


def choose_blue(share: float) -> tuple[str, str]:
    """Return the fill colour of a share between 0 and 1, and a readable text colour on it.

    >>> choose_blue(0.0), choose_blue(1.0)
    (('#ffffff', '#212121'), ('#0072b2', '#ffffff'))
    """
    rgb = [round(255 + (full - 255) * share) for full in (0x00, 0x72, 0xB2)]
    fill = "#" + "".join(f"{part:02x}" for part in rgb)
    return fill, "#ffffff" if _contrast(rgb, 1.0) > _contrast(rgb, _luminance([0x21] * 3)) else DARK


def _luminance(rgb: Sequence[int]) -> float:
    """Return the relative luminance of a colour. Source: WCAG 2.2."""
    parts = [part / 255 for part in rgb]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(rgb: Sequence[int], luminance: float) -> float:
    light, dark = sorted((_luminance(rgb), luminance), reverse=True)
    return (light + 0.05) / (dark + 0.05)
