"""A picture of any answer, chosen by what its columns are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from questline.api import Result
from questline.dashboard import charts_funnels
from questline.dashboard.charts import (
    BLUE,
    FORMATS,
    HEIGHT,
    MOST_LABELS,
    ORANGE,
    SHADES,
    Rows,
    plain,
)
from questline.dashboard.charts_funnels import GREY, named
from questline.metrics import Kind
from questline.metrics.display import cell

COUNTED = (
    "weekday",
    "level",
    "attempt",
    "hour",
    "day_number",
    "active_days",
    "days",
    "step",
    "bin",
)
"""Columns of whole numbers that say what a row is of; all others of this kind are measured."""
BESIDE = ("interval_end", "event")
"""Columns that say again what another one says."""
MEASURED = (Kind.COUNT, Kind.NUMBER, Kind.SHARE, Kind.USD, Kind.USD_EACH, Kind.SECONDS)
COLOURS = [BLUE, ORANGE, "#009E73", "#CC79A7", "#D55E00", GREY]
"""Okabe and Ito's colours, which colour-blind eyes tell apart."""
MOST_LINES = len(COLOURS)
MOST_BARS = 20
MOST_BANDS = 60
MOST_ROWS = 20_000
"""Of an answer with more rows only the largest names are drawn."""
FEW_POINTS = 14
AXES = {**FORMATS, Kind.SHARE: ".2~%"}
"""Shares may be small here, so that whole percents would be said twice."""
LEGEND = 60
"""Height that a legend above the picture takes."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FUNNELS: Mapping[str, Callable[[Rows], alt.TopLevelMixin | None]] = {
    "funnel": charts_funnels.steps,
    "funnel_times": charts_funnels.times,
}
"""Answers that have a picture of their own."""


@dataclass(frozen=True)
class Shape:
    """What the rows of an answer are of: `along` runs over days or numbers, `apart` are names."""

    along: str | None
    apart: tuple[str, ...]
    of_days: bool = False
    banded: bool = False
    """Whether the names are days or numbers, which have an order and are too many for colours."""

    @property
    def in_bars(self) -> bool:
        """Whether a bar a name says it."""
        return self.along is None or self.along == "step"

    @property
    def most(self) -> int:
        """How many names fit into the picture."""
        if self.banded:
            return MOST_BANDS
        return MOST_BARS if self.in_bars else MOST_LINES


def keys(result: Result) -> list[str]:
    """The columns that say what a row is of; they come first in every answer."""
    found = []
    for column in result.table.schema:
        kind = result.entry.kind(column.name)
        if kind in (Kind.DATE, Kind.TEXT) or column.name in COUNTED:
            found.append(column.name)
        else:
            break
    return [name for name in found if name not in BESIDE]


def measures(result: Result) -> list[str]:
    """The columns that can be drawn, the metric's own number first."""
    said = set(keys(result))
    names = [
        name
        for name in result.table.column_names
        if name not in said and result.entry.kind(name) in MEASURED
    ]
    return sorted(names, key=lambda name: name != result.value)


def shape(result: Result) -> Shape:
    """What kind of picture the rows make."""
    names = keys(result)
    days = {f.name for f in result.table.schema if pa.types.is_date(f.type)}
    along = next((n for n in names if n in ("event_date", "interval_start")), None)
    numbers = [n for n in names if n in COUNTED]
    if along is None:
        along = next(iter([*numbers[::-1], *[n for n in names if n in days]]), None)
    apart = tuple(n for n in names if n != along)
    ordered = [n for n in apart if n in days or n in COUNTED]
    return Shape(along, apart, along in days, banded=bool(ordered) and along != "step")


@dataclass(frozen=True)
class Picture:
    """A chart of an answer, None where the table says it better, and what it leaves out."""

    chart: alt.TopLevelMixin | None
    left_out: str | None = None


def picture(result: Result, column: str) -> Picture:
    """Draws one column of an answer."""
    found, asked = shape(result), result.table
    if asked.num_rows > MOST_ROWS:
        if found.along is not None:
            said = f"{asked.num_rows:,} rows are too many to draw; narrow the question."
            return Picture(None, said)
        asked = asked.take(pc.select_k_unstable(asked, MOST_BARS, [(column, "descending")]))
    rows = asked.to_pylist()
    if result.metric in FUNNELS and result.by is None and column == result.value:
        return Picture(FUNNELS[result.metric](rows))
    if found.banded and len(found.apart) > 1:
        return Picture(None, "This has more sides than a chart; the table shows them.")
    kind = result.entry.kind(column)
    own = column == result.value and {"low", "high"} <= set(result.table.column_names)
    points = [_point(row, found, column, kind, own=own) for row in rows]
    points = [point for point in points if point["y"] is not None]
    if not points:
        return Picture(None)
    whole = asked is result.table
    names = len({point["name"] for point in points}) if whole else result.table.num_rows
    said = f"{found.most} of {names:,} are drawn; the table has all."
    return Picture(_drawn(points, found, kind), said if names > found.most else None)


def _drawn(points: Rows, found: Shape, kind: Kind) -> alt.TopLevelMixin:
    title = None if found.of_days else (found.along or "").replace("_", " ").capitalize()
    if found.in_bars:
        return bars(points, kind, sort=found.along is None and found.apart != ("tier",))
    if found.banded:
        return heatmap(points, kind, title, newest=found.apart[0] not in COUNTED)
    return lines(points, kind, title) if found.apart else line(points, kind, title)


def _point(
    row: Mapping[str, Any], found: Shape, column: str, kind: Kind, *, own: bool
) -> dict[str, Any]:
    """A row as every chart here reads it: names of columns may hold anything, these do not.

    `own` says that the interval of the row is that of the column.
    """
    apart = [*found.apart, *(["event"] if found.along == "step" else [])]
    low, high = (row["low"], row["high"]) if own else (None, None)
    return {
        "x": row[found.along] if found.along else None,
        "y": row[column],
        "name": " · ".join(_named(name, row[name]) for name in apart),
        "complete": row.get("complete", True) is not False,
        "low": low,
        "high": high,
        "told": cell(row[column], kind),
        "interval": f"{cell(low, kind)} to {cell(high, kind)}",
    }


def _named(column: str, value: object) -> str:
    if column == "weekday" and isinstance(value, int):
        return WEEKDAYS[value - 1]
    return named(value)


def line(points: Rows, kind: Kind, title: str | None) -> alt.LayerChart:
    """One line, over days if it has no title.

    Its interval is a pale band; what is not complete is a hollow point.
    """
    chart = alt.Chart(plain(points))
    few = len(points) <= FEW_POINTS
    x, y = _along(points, title), _value("y", kind)
    dots = alt.OverlayMarkDef(size=36, color=BLUE) if few else False
    drawn = [chart.mark_line(color=BLUE, strokeWidth=2, point=dots).encode(x=x, y=y)]
    tips = [*_tip_along(title), alt.Tooltip("told:N", title="Value")]
    if any(point["low"] is not None for point in points):
        band = chart.mark_area(color=BLUE, opacity=0.15)
        drawn.insert(0, band.encode(x=x, y=_value("low", kind), y2="high:Q"))
        tips.append(alt.Tooltip("interval:N", title="95 % interval"))
    hollow = chart.transform_filter("!datum.complete").mark_point(color=ORANGE, filled=False)
    hover = chart.mark_circle(size=160, opacity=0).encode(x=x, y=y, tooltip=tips)
    return alt.layer(*drawn, hollow.encode(x=x, y=y), hover).properties(height=HEIGHT)


def lines(points: Rows, kind: Kind, title: str | None) -> alt.LayerChart:
    """A line a name, the largest ones only."""
    shown = largest(points, MOST_LINES)
    kept = [point for point in points if point["name"] in set(shown)]
    colours = alt.Color(
        "name:N",
        scale=alt.Scale(domain=shown, range=COLOURS[: len(shown)]),
        legend=alt.Legend(title=None, orient="top", columns=3, labelLimit=110, symbolType="stroke"),
    )
    base = alt.Chart(plain(kept)).encode(x=_along(kept, title), y=_value("y", kind), color=colours)
    few = len({point["x"] for point in kept}) <= FEW_POINTS
    drawn = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=30) if few else False)
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
        x=alt.X("y:Q", title=None, axis=_axis(kind), scale=room),
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
    if title is not None:
        axis = alt.Axis(tickMinStep=1, grid=False)
        return alt.X("x:Q", title=title, axis=axis, scale=alt.Scale(nice=False))
    days = sorted({point["x"].isoformat() for point in points})
    named_days = days[:: -(-len(days) // MOST_LABELS) or 1]
    axis = alt.Axis(
        values=named_days,
        labelExpr="timeFormat(toDate(datum.value + 'T00:00'), '%-d %b')",
        labelOverlap=True,
        labelAngle=0,
        grid=False,
        ticks=False,
    )
    return alt.X("x:O", title=None, axis=axis)


def _tip_along(title: str | None) -> Sequence[alt.Tooltip]:
    if title is None:
        return [alt.Tooltip("x_text:N", title="Day")]
    return [alt.Tooltip("x:Q", title=title)]


def _value(column: str, kind: Kind) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, axis=_axis(kind))


def _axis(kind: Kind) -> alt.Axis:
    label = f"format(datum.value, '{AXES.get(kind, '~s')}')"
    if kind is Kind.SECONDS:
        label = (
            "datum.value >= 7200 ? format(datum.value / 3600, '~r') + ' h' : "
            "datum.value >= 120 ? format(datum.value / 60, '~r') + ' min' : "
            "format(datum.value, '~r') + ' s'"
        )
    return alt.Axis(labelExpr=label, tickCount=5)
