"""What all figures share: colours, patterns, and bytes that depend on nothing but the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Okabe and Ito's colours (https://jfly.uni-koeln.de/color/), told apart by the colour-blind; and a
#: pattern beside each, for print without colour. Strong evidence dark, weak evidence light.
GROUP_STYLES = {
    "experimental": ("#0072B2", ""),
    "high_throughput": ("#56B4E9", "//"),
    "phylogenetic": ("#009E73", ""),
    "computational": ("#A6D854", "\\\\"),
    "author": ("#CC79A7", ""),
    "curator": ("#D55E00", "xx"),
    "electronic": ("#E69F00", ".."),
    "unstated": ("#BBBBBB", "--"),
}
REGULATOR = "#F0E442"
NEGATED = "#000000"
INK = "#222222"
FAINT = "#D9D9D9"

PNG_DPI = 200

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "gafreduce",  # ids in the SVG are made from it, instead of at random
    "svg.fonttype": "path",  # the same picture with whatever fonts a reader has
    "font.family": ["DejaVu Sans"],  # comes with matplotlib
    "font.size": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure; sizes in inches. No pyplot: it costs half a second to import."""
    mpl.rcParams.update(_SETTINGS)
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as PNG and SVG without date or version: the same data gives the same bytes."""
    mpl.rcParams.update(_SETTINGS)
    figure.savefig(folder / f"{name}.png", dpi=PNG_DPI, metadata={"Software": None})
    figure.set_layout_engine("none")  # laid out once: it takes as long as drawing
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})


def shorten(text: str, length: int = 42) -> str:
    """Return a text of at most so many characters.

    >>> shorten("abcdef", 4)
    'abc…'
    """
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= length else text[: length - 1] + "…"


def no_data(figure: Figure, words: str) -> Figure:
    """Return the figure with words where a picture would be."""
    figure.text(0.5, 0.5, words, ha="center", va="center")
    return figure


def clear_frame(axes: Axes) -> None:
    """Take away the frame and ticks of a picture that is a grid of its own."""
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
