"""Matplotlib, imported with its own defaults and fonts, whatever is configured.

Matplotlib reads a `matplotlibrc` of the working folder, of MATPLOTLIBRC or of the user, takes a
backend from MPLBACKEND, and looks for fonts in a list that it keeps in the user's cache. Figures
depend on none of these: the same data give the same bytes.

This module is imported before any module of Matplotlib.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

_VARIABLES = ("MATPLOTLIBRC", "MPLBACKEND")
#: Descriptors of folders that need not be readable, where the system has them.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY)
#: The fonts of figures, by style.
FONT_FAMILY = "Gafreduce Sans"
_OWN_FONTS = Path(__file__).parent / "fonts"
FONT_FILES = {
    style: _OWN_FONTS / f"GafreduceSans-{style}.ttf" for style in ("Regular", "Italic", "SemiBold")
}
#: Matplotlib's own font draws the characters that they lack.
FALLBACK_FAMILY = "DejaVu Sans"


def _find_data() -> Path:
    """Return Matplotlib's folder of data without importing it."""
    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
    return Path(spec.submodule_search_locations[0]) / "mpl-data"


def _note_folder() -> Callable[[], None]:
    """Return a function that makes the present working folder the working folder again."""
    if not hasattr(os, "fchdir"):  # Windows: a working folder cannot be removed or renamed
        return partial(os.chdir, Path.cwd())
    folder = os.open(os.curdir, _FOLDER)

    def go_back() -> None:
        os.fchdir(folder)
        os.close(folder)

    return go_back


@contextlib.contextmanager
def _hide_configuration(data: Path) -> Iterator[None]:
    """Hide variables, and make the folder with Matplotlib's defaults the working folder.

    The working folder is the first place where Matplotlib looks for a configuration; a pipe there
    would block the import.
    """
    before = {name: os.environ.pop(name, None) for name in _VARIABLES}
    go_back = _note_folder()
    try:
        os.chdir(data)
        yield
    finally:
        go_back()
        os.environ.update({name: value for name, value in before.items() if value is not None})


def _use_own_fonts(data: Path) -> None:
    from matplotlib import font_manager

    manager = font_manager.fontManager
    manager.ttflist, manager.afmlist = [], []
    for path in (*FONT_FILES.values(), data / "fonts" / "ttf" / "DejaVuSans.ttf"):
        manager.addfont(path)
    # it looks for the fonts of each line of text again
    manager._find_fonts_by_props = cache(manager._find_fonts_by_props)  # type: ignore[method-assign, assignment]


@contextlib.contextmanager
def _skip_help_texts() -> Iterator[None]:
    """Leave out the help texts of all properties of all classes: a fourth of the import."""
    from matplotlib.artist import Artist

    name = "_update_set_signature_and_docstring"
    maker = Artist.__dict__.get(name)
    if maker is not None:
        setattr(Artist, name, classmethod(lambda cls: None))
    try:
        yield
    finally:
        if maker is not None:
            setattr(Artist, name, maker)


_data = _find_data()
FALLBACK_FONT = _data / "fonts" / "ttf" / "DejaVuSans.ttf"
with _hide_configuration(_data):
    import matplotlib as mpl

    with _skip_help_texts():
        from matplotlib.figure import Figure
        from matplotlib.text import Text
# the fallback font has one weight, which is drawn in titles as well
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
mpl.rcdefaults()  # it may have been imported before
_use_own_fonts(_data)

__all__ = ["FALLBACK_FAMILY", "FALLBACK_FONT", "FONT_FAMILY", "FONT_FILES", "Figure", "Text", "mpl"]
