"""A line of text that Matplotlib draws without a layout of its own.

Its layout, which measures each line with hinting for each kind of file, was a third of the time of
a figure. Here the base line starts where the figure says, by the widths of text_width.py.
"""

from __future__ import annotations

from math import cos, radians, sin
from typing import Any

from gafreduce.reports.figures.drawing_library import Text

#: Where a text starts, as a share of its width.
_STARTS = {"left": 0.0, "center": -0.5, "right": -1.0}


class LineText(Text):
    """A line of text, turned around the point to which it is aligned."""

    def __init__(self, x: float, y: float, text: str, width: float, **properties: Any) -> None:
        """Describe a line of text.

        Args:
            x: Point to which it is aligned, in the units of the axes.
            y: Its base line.
            text: The text.
            width: Its width in points.
            properties: Of Matplotlib's text.
        """
        super().__init__(
            x, y, " ".join(text.splitlines()), va="baseline", rotation_mode="anchor", **properties
        )
        self._width = width

    def draw(self, renderer: Any) -> None:
        """Draw the text; Matplotlib calls it."""
        text, angle = self.get_text(), self.get_rotation()
        if not text or not self.get_visible():
            return
        start = _STARTS[str(self.get_horizontalalignment())] * renderer.points_to_pixels(
            self._width
        )
        x, y = self.get_transform().transform(self.get_position())
        x, y = x + start * cos(radians(angle)), y + start * sin(radians(angle))
        if renderer.flipy():
            y = renderer.get_canvas_width_height()[1] - y
        renderer.open_group("text", self.get_gid())
        graphics = renderer.new_gc()
        graphics.set_foreground(self.get_color())
        renderer.draw_text(graphics, x, y, text, self.get_fontproperties(), angle, mtext=self)
        graphics.restore()
        renderer.close_group("text")
