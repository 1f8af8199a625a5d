"""Charts as SVG inside a page: no script, no reference, colours left to the style sheet."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import vl_convert

WIDTH, HEIGHT = 370, 240
"""Narrow, so that words keep their size on a phone."""
FONT_SIZE = 11
FIT = alt.AutoSizeParams(type="fit", contains="padding")
TEXT, LINE, GRID = "#5B6673", "#C3CAD2", "#E6E9ED"
"""Colours that the style sheet exchanges where the page is dark."""
FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
DRAWN = {
    *("svg", "g", "path", "text", "tspan", "line", "rect", "circle"),
    *("defs", "clipPath", "linearGradient", "radialGradient", "stop"),
}


def drawn(chart: alt.LayerChart, title: str, key: str, height: int = HEIGHT) -> str:
    """A chart as an element of a page; `key` keeps its ids apart from those of others.

    Raises:
        ValueError: it holds more than lines, shapes and text.
    """
    words: dict[str, Any] = {"labelColor": TEXT, "labelFontSize": FONT_SIZE}
    titles = {"titleColor": TEXT, "titleFontSize": FONT_SIZE, "titleFontWeight": "normal"}
    styled = (
        chart.properties(width=WIDTH, height=height, autosize=FIT)
        .configure(aria=False, background="transparent", font=FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(**words, **titles, gridColor=GRID, domainColor=LINE, tickColor=LINE)
        .configure_legend(**words, columnPadding=18)
        .configure_text(color=TEXT, fontSize=FONT_SIZE)
    )
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    text = vl_convert.vegalite_to_svg(styled.to_dict(), vl_version=version, allowed_base_urls=[])
    return element(text, title, key)


def element(svg: str, title: str, key: str) -> str:
    """An SVG document as an element: as wide as its place, with ids of its own.

    Raises:
        ValueError: it holds more than lines, shapes and text.
    """
    root = ET.fromstring(svg)  # noqa: S314 - vl-convert drew it
    _tidy(root)
    _rename(root, key)
    for name in ("width", "height", "class"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", title)
    return ET.tostring(root, encoding="unicode")


def _tidy(node: ET.Element) -> None:
    """Leaves out what is not seen and what names a place elsewhere."""
    node.tag = node.tag.rpartition("}")[2]
    if node.tag not in DRAWN:
        raise ValueError(f"A chart holds <{node.tag}>.")
    for name in list(node.attrib):
        if "}" in name or name.startswith(("on", "href", "aria-", "role")):
            del node.attrib[name]
    for child in list(node):
        if child.get("opacity") == "0":
            node.remove(child)
        else:
            _tidy(child)


def _rename(root: ET.Element, key: str) -> None:
    """Counts the ids anew: Vega's own go on from one chart to the next."""
    known = [node.get("id") for node in root.iter() if node.get("id")]
    named = {f"url(#{old})": f"url(#{key}-{number})" for number, old in enumerate(known)}
    named |= {str(old): f"{key}-{number}" for number, old in enumerate(known)}
    for node in root.iter():
        for name, value in node.attrib.items():
            if name == "id" or value.startswith("url(#"):
                node.set(name, named[value])


def sparkline(earlier: Sequence[float | None], days: Sequence[float | None]) -> str:
    """A small line: the period before in grey, the period in blue; gaps where nothing is known.

    >>> sparkline([], [1.0])
    ''
    """
    known = [value for value in (*earlier, *days) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step = 100 / (len(earlier) + len(days) - 1)

    def place(number: int, value: float) -> str:
        part = (value - low) / (high - low) if high > low else 0.5
        return f"{number * step:.1f},{26 - 24 * part:.1f}"

    # The blue line begins where the grey one ends.
    shapes = [_line(earlier, 0, place, "was")]
    joined = [*earlier[-1:], *days]
    shapes.append(_line(joined, max(len(earlier) - 1, 0), place, "is"))
    inside = "".join(shapes)
    return (
        f'<svg class="spark" viewBox="0 0 100 28" preserveAspectRatio="none" '
        f'aria-hidden="true">{inside}</svg>'
    )


def _line(values: Iterable[float | None], first: int, place: Any, name: str) -> str:  # noqa: ANN401
    runs: list[list[str]] = [[]]
    for number, value in enumerate(values, first):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(number, value))
    drawn = [f"M{' L'.join(run)}" for run in runs if len(run) > 1]
    return f'<path class="{name}" d="{" ".join(drawn)}"/>' if drawn else ""
