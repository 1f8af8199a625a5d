"""Charts of any answer: rows with `x`, `y`, `name` and what is told of them become marks.

Names of columns may hold anything, so no chart here knows one.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from questline.dashboard.charts import (
    BAND,
    BLUE,
    COLOURS,
    FEW_POINTS,
    FORMATS,
    HEIGHT,
    SHADES,
    SPAN,
    Rows,
    coloured,
    day_axis,
    plain,
    unfinished,
)
from questline.metrics import Kind

MOST_LINES = len(COLOURS)
MOST_BARS = 20
MOST_BANDS = 60
AXES = {**FORMATS, Kind.SHARE: ".2~%"}
"""Shares may be small here, so that whole percents would be said twice."""
LEGEND = 60
"""Height that a legend above the picture takes."""


def line(points: Rows, kind: Kind, title: str | None) -> alt.LayerChart:
    """One line, over days if it has no title.

    Its interval is a pale band; what is not complete is a hollow point.
    """
    chart = alt.Chart(plain(points))
    few = len(points) <= FEW_POINTS
    x, y = _along(points, title), _value("y", kind)
    dots = alt.OverlayMarkDef(size=36, color=BLUE) if few else False
    drawn = [chart.mark_line(color=BLUE, strokeWidth=2, point=dots, tooltip=None).encode(x=x, y=y)]
    tips = [*_tip_along(title), alt.Tooltip("told:N", title="Value")]
    if any(point["low"] is not None for point in points):
        band = chart.mark_area(color=BLUE, opacity=BAND, tooltip=None)
        drawn.insert(0, band.encode(x=x, y=_value("low", kind), y2="high:Q"))
        tips.append(alt.Tooltip("interval:N", title="95 % interval"))
    hover = chart.mark_circle(size=160, opacity=0).encode(x=x, y=y, tooltip=tips)
    return alt.layer(*drawn, unfinished(chart).encode(x=x, y=y), hover).properties(height=HEIGHT)


def lines(points: Rows, kind: Kind, title: str | None) -> alt.LayerChart:
    """A line a name, the largest ones only."""
    shown = largest(points, MOST_LINES)
    kept = [point for point in points if point["name"] in set(shown)]
    base = alt.Chart(plain(kept)).encode(
        x=_along(kept, title), y=_value("y", kind), color=coloured(shown, kept, "name")
    )
    few = len({point["x"] for point in kept}) <= FEW_POINTS
    dots = alt.OverlayMarkDef(size=30) if few else False
    drawn = base.mark_line(strokeWidth=2, point=dots, tooltip=None)
    tips = [*_tip_along(title), alt.Tooltip("name:N", title="Name")]
    tips.append(alt.Tooltip("told:N", title="Value"))
    hover = base.mark_circle(size=160, opacity=0).encode(tooltip=tips)
    return alt.layer(drawn, hover).properties(height=HEIGHT + LEGEND)


def bars(points: Rows, kind: Kind, *, sort: bool) -> alt.LayerChart:
    """A bar a name; the largest first, unless the names have an order and are few."""
    shown = points
    if sort or len(points) > MOST_BARS:
        shown = sorted(points, key=lambda point: -float(point["y"]))[:MOST_BARS]
    values = [float(point["y"]) for point in shown]
    room = (
        alt.Scale(domain=[min(0.0, *values), 1.25 * max(values)])
        if max(values) > 0
        else alt.Scale()
    )
    base = alt.Chart(plain(shown)).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=150)),
        x=alt.X("y:Q", title=None, axis=_axis(kind), scale=room, stack=None),
        tooltip=[alt.Tooltip("name:N", title="Name"), alt.Tooltip("told:N", title="Value")],
    )
    label = base.mark_text(align="left", dx=5, color=BLUE).encode(text="told:N")
    drawn = base.mark_bar(color=BLUE, cornerRadiusEnd=2)
    return alt.layer(drawn, label).properties(height=max(120, 30 * len(shown) + 40))


def heatmap(points: Rows, kind: Kind, title: str | None, *, newest: bool) -> alt.LayerChart:
    """A cell a pair, for names that are days or numbers."""
    bands = list(dict.fromkeys(point["name"] for point in points))
    kept = set(bands[-MOST_BANDS:] if newest else bands[:MOST_BANDS])
    shown = [point for point in points if point["name"] in kept]
    axis = alt.Axis(labelAngle=0, labelOverlap=True)
    chart = alt.Chart(plain(shown)).mark_rect(cornerRadius=2).encode(
        x=_along(shown, title) if title is None else alt.X("x:O", title=title, axis=axis),
        y=alt.Y(
            "name:O",
            title=None,
            sort=None,
            axis=alt.Axis(labelOverlap=len(kept) > FEW_POINTS, labelLimit=100),
        ),
        color=alt.Color(
            "y:Q",
            scale=alt.Scale(range=SHADES),
            legend=alt.Legend(
                format=AXES.get(kind, ""), title=None, orient="top", gradientLength=160
            ),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="Row"),
            alt.Tooltip("x:O", title=title or "Day"),
            alt.Tooltip("told:N", title="Value"),
        ],
    )  # fmt: skip
    return alt.layer(chart).properties(height=max(HEIGHT, 18 * len(kept) + LEGEND) + LEGEND)


def largest(points: Rows, most: int) -> list[str]:
    """The names whose lines reach highest, the highest first."""
    top: dict[str, float] = {}
    for point in points:
        top[point["name"]] = max(float(point["y"]), top.get(point["name"], float("-inf")))
    return sorted(top, key=lambda name: -top[name])[:most]


def _along(points: Rows, title: str | None) -> alt.X:
    if title is None:
        return day_axis(points, "x")
    axis = alt.Axis(tickMinStep=1, grid=False)
    return alt.X("x:Q", title=title, axis=axis, scale=alt.Scale(nice=False))


def _tip_along(title: str | None) -> Sequence[alt.Tooltip]:
    if title is None:
        return [alt.Tooltip("x_text:N", title="Day")]
    return [alt.Tooltip("x:Q", title=title)]


def _value(column: str, kind: Kind) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, axis=_axis(kind))


def _axis(kind: Kind) -> alt.Axis:
    written = f"format(datum.value, '{AXES.get(kind, '~s')}')"
    label = SPAN if kind is Kind.SECONDS else written
    return alt.Axis(labelExpr=label, tickCount=5)
