"""A figure's SVG as a part of the page: no style attribute, no id of another figure, told in words.

The page's policy forbids style attributes; what matplotlib writes there are all presentation
attributes, so they become attributes. Source: https://www.w3.org/TR/SVG2/styling.html
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from gafreduce.errors import InternalError
from gafreduce.publishing.run_folder import FIGURES

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DROPPED = {"metadata", "style"}


class FigureError(InternalError):
    """A figure's file is not the SVG that this program writes."""


def inline_svg(text: str, name: str, title: str, finding: str) -> str:
    """Return the drawing for a page: role, title and description in it, ids its own.

    Args:
        text: The SVG file.
        name: Of the figure: a prefix of its ids.
        title: What is shown.
        finding: What is to be seen in it, for those who don't see it.

    Raises:
        FigureError: The text is no SVG.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise FigureError(
            f"{FIGURES}/{name}.svg: expected SVG, got {error} (make the page again)"
        ) from error
    ids = _own_ids(root, name)
    for element in root.iter():
        _clean(element, ids)
    size = (root.get("viewBox") or "0 0 1 1").split()[2:]
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": f"0 0 {size[0]} {size[1]}",
            "width": f"{float(size[0]) * 4 / 3:.0f}",  # points to CSS pixels
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
            "stroke-linejoin": "round",
            "stroke-linecap": "butt",
        }
    )
    for place, (tag, words) in enumerate((("title", title), ("desc", finding))):
        said = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{tag}"})
        said.text = words
        root.insert(place, said)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    made = ElementTree.tostring(root, encoding="unicode")
    return re.sub(r">\s+<", "><", made)


def _own_ids(root: ElementTree.Element, name: str) -> dict[str, str]:
    """Return a new id for each id that something refers to."""
    used: set[str] = set()
    for element in root.iter():
        used.update(
            value[1:] for key, value in element.items() if key.endswith("href") and value[:1] == "#"
        )
        used.update(
            match for value in element.attrib.values() for match in _REFERENCE.findall(value)
        )
    return {each: f"{name}-{number}" for number, each in enumerate(sorted(used))}


def _clean(element: ElementTree.Element, ids: dict[str, str]) -> None:
    for child in list(element):
        if child.tag.rpartition("}")[2] in _DROPPED:
            element.remove(child)
    attributes: dict[str, str] = {}
    for key, value in element.items():
        if key == "id":
            if value in ids:
                attributes["id"] = ids[value]
        elif key == "style":
            attributes |= _declarations(value, ids)
        elif key.endswith("href") and value[:1] == "#":
            attributes[key] = f"#{ids[value[1:]]}"
        else:
            attributes[key] = _renamed(value, ids)
    element.attrib.clear()
    element.attrib.update(attributes)


def _declarations(style: str, ids: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        if value and name.strip() != "font-family":  # the page's own font
            found[name.strip()] = _renamed(value.strip(), ids)
    return found


def _renamed(value: str, ids: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda match: f"url(#{ids[match.group(1)]})", value)
