"""Embed the SVG of a figure in the page: no style attributes, unique ids, a description.

The policy of the page forbids style attributes. Matplotlib writes only presentation attributes
there, so they become attributes of their own. Source: https://www.w3.org/TR/SVG2/styling.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from gafreduce.errors import InternalError
from gafreduce.publishing.run_folder import FIGURES
from gafreduce.reports.figures.canvas import HEAD_PREFIX

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
#: Curves by which Matplotlib draws a circle; how near two numbers are the same.
_CIRCLE_CURVES = 8
_ROUND = 0.01
_DROPPED = {"metadata", "style"}


def inline_svg(
    text: str,
    name: str,
    title: str,
    description: str,
    marks: Mapping[str, Mapping[str, str]] | None = None,
    head: float = 0,
) -> str:
    """Return the SVG element for a page, with role, title, description and unique ids.

    Args:
        text: The SVG file.
        name: Name of the figure, the prefix of its ids.
        title: Title of the figure: its finding.
        description: What is drawn.
        marks: What elements stand for, by their ids; it becomes `data-` attributes.
        head: Height of the title in the drawing, which the page leaves out, in points.

    Raises:
        InternalError: The text is not SVG.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise InternalError(
            f"{FIGURES}/{name}.svg: expected SVG, got {error} (run `gafreduce report` again)"
        ) from error
    ids = _make_ids(root, name)
    for element in root.iter():
        _clean(element, ids, marks or {})
    for element in list(root.iter()):
        _shorten(element)
    size = (root.get("viewBox") or "0 0 1 1").split()[2:]
    height = float(size[1]) - head
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": f"0 {head:g} {size[0]} {height:g}",
            "width": f"{float(size[0]) * 4 / 3:.0f}",  # points to CSS pixels
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
            "stroke-linejoin": "round",
            "stroke-linecap": "butt",
        }
    )
    for place, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{tag}"})
        element.text = words
        root.insert(place, element)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return re.sub(r">\s+<", "><", ElementTree.tostring(root, encoding="unicode"))


def _make_ids(root: ElementTree.Element, name: str) -> dict[str, str]:
    """Return a unique id for each id that is referred to."""
    used: set[str] = set()
    for element in root.iter():
        used.update(
            value[1:] for key, value in element.items() if key.endswith("href") and value[:1] == "#"
        )
        used.update(
            match for value in element.attrib.values() for match in _REFERENCE.findall(value)
        )
    return {each: f"{name}-{number}" for number, each in enumerate(sorted(used))}


def _clean(
    element: ElementTree.Element, ids: dict[str, str], marks: Mapping[str, Mapping[str, str]]
) -> None:
    for child in list(element):
        if child.tag.rpartition("}")[2] in _DROPPED or child.get("id", "").startswith(HEAD_PREFIX):
            element.remove(child)
    attributes: dict[str, str] = {}
    for key, value in element.items():
        if key == "id":
            if value in ids:
                attributes["id"] = ids[value]
            attributes |= {f"data-{each}": word for each, word in marks.get(value, {}).items()}
        elif key == "transform" and value.startswith("rotate(-0 "):
            continue
        elif key == "style":
            attributes |= _convert_style(value, ids)
        elif key.endswith("href") and value[:1] == "#":
            attributes[key] = f"#{ids[value[1:]]}"
        else:
            attributes[key] = _rename_references(value, ids)
    element.attrib.clear()
    element.attrib.update(attributes)


def _shorten(element: ElementTree.Element) -> None:
    """Replace groups of one shape by it, circles of curves by circles, and round positions."""
    for place, child in enumerate(list(element)):
        shape = child
        while shape.tag == f"{{{_SVG}}}g" and len(shape) == 1:
            inner = shape[0]
            if shape.attrib.keys() & inner.attrib.keys():
                break
            inner.attrib.update(shape.attrib)
            shape = inner
        if shape is not child:
            element[place] = shape
    if element.tag != f"{{{_SVG}}}path":
        return
    path = element.get("d", "")
    numbers = [float(each) for each in _NUMBER.findall(path)]
    if path.count("C") == _CIRCLE_CURVES and len(numbers) == 2 + 6 * _CIRCLE_CURVES:
        (x, start), (across, end) = numbers[:2], numbers[24:26]
        if abs(x - across) < _ROUND:
            del element.attrib["d"]
            element.tag = f"{{{_SVG}}}circle"
            place_y, radius = (start + end) / 2, abs(end - start) / 2
            element.attrib.update({"cx": _round(x), "cy": _round(place_y), "r": _round(radius)})
            return
    short = _NUMBER.sub(lambda match: _round(float(match[0])), path)
    element.set("d", re.sub(r" ?([A-Za-z]) *", r"\1", re.sub(r" +", " ", short)).strip())


def _round(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _convert_style(style: str, ids: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        if value and name.strip() != "font-family":  # the font of the page is used
            found[name.strip()] = _rename_references(value.strip(), ids)
    return found


def _rename_references(value: str, ids: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda match: f"url(#{ids[match.group(1)]})", value)
