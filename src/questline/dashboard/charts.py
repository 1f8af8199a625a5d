"""Charts as pure functions of rows; a blue and an orange that colour-blind eyes tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt
import pyarrow as pa

from questline.metrics import Kind

BLUE, ORANGE, GREY = "#2B83BF", "#E69F00", "#808590"
COLOURS = [BLUE, ORANGE, "#009E73", "#CC79A7", GREY, "#D55E00"]
"""Of several lines: all eyes tell them apart, on a light and on a dark page."""
SHADES = ["rgba(43, 131, 191, 0.15)", BLUE]
"""From little to much, on a light and on a dark page."""
HEIGHT = 260
MOST_LABELS = 7
FEW_POINTS = 14
PALE = 0.4
BAND, PALE_BAND = 0.15, 0.07
"""How much a band covers what lies behind it: one alone, and each of several."""
SMALL = 0.05
"""Numbers that are all below it are written with more digits."""
PHONE, LETTER, STROKE, LONGEST = 310, 6, 34, 120
"""Widths in pixels: of a legend on a phone, of a letter, of what is beside a name, of a name."""
DAY_LABEL = "timeFormat(toDate(datum.value + 'T00:00'), '%-d %b')"
SPAN = (
    "datum.value < 120 ? datum.value + ' s' : datum.value < 7200 ? "
    "format(datum.value / 60, '.3~r') + ' min' : format(datum.value / 3600, '.3~r') + ' h'"
)
"""How Vega writes days on an axis, and seconds."""
Rows = Sequence[Mapping[str, Any]]
FORMATS = {
    Kind.COUNT: "~s",
    Kind.NUMBER: ",.2f",
    Kind.SHARE: ".0%",
    Kind.USD: "$~s",
    Kind.USD_EACH: "$,.2f",
}
PRECISE = {Kind.COUNT: ",", Kind.SHARE: ".1%", Kind.USD: "$,.2f", Kind.USD_EACH: "$,.4f"}


def plain(rows: Rows) -> pa.Table:
    """Rows as Vega reads them: days as text, decimals as numbers.

    Days stay text to the end: as instants they would move with the time zone of the browser.
    `NAME_text` is a day as a person reads it. They are a table because Altair looks through rows
    value by value, over and over, before it hands them on; a table it hands on as it is.
    """
    made = [{name: _plain(value) for name, value in r.items()} for r in rows]
    for plain_row, row in zip(made, rows, strict=True):
        texts = {f"{n}_text": f"{v:%a %-d %b %Y}" for n, v in row.items() if isinstance(v, date)}
        plain_row.update(texts)
    columns = dict.fromkeys(name for row in made for name in row)
    return pa.table({name: [row.get(name) for row in made] for name in columns})


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(str(value))


def days(rows: Rows, column: str, title: str, kind: Kind) -> alt.LayerChart | None:
    """A line a day; days that are not complete are hollow points."""
    known = [row for row in rows if row[column] is not None]
    if not known:
        return None
    base = alt.Chart(plain(known)).encode(x=day_axis(known), y=value_axis(column, kind))
    tips = [alt.Tooltip("event_date_text:N", title="Day")]
    tips.append(alt.Tooltip(f"{column}:Q", title=title, format=PRECISE.get(kind, "")))
    dots = alt.OverlayMarkDef(size=30, color=BLUE) if len(known) <= FEW_POINTS else False
    line = base.mark_line(color=BLUE, strokeWidth=2, point=dots, tooltip=None)
    hover = base.mark_circle(size=160, opacity=0).encode(tooltip=tips)
    return sized(alt.layer(line, unfinished(base), hover))


def unfinished(points: alt.Chart) -> alt.Chart:
    """Hollow points where a day is not complete."""
    hollow = points.transform_filter("!datum.complete")
    return hollow.mark_point(color=ORANGE, filled=False, tooltip=None)


def nearest(points: alt.Chart, tips: list[alt.Tooltip]) -> alt.Chart:
    """A ring around the point that is nearest to the pointer, with its tooltip."""
    hover = alt.selection_point(
        name="nearest", nearest=True, on="pointerover", clear="pointerout", empty=False
    )
    ring = points.mark_point(size=90, filled=False, strokeWidth=2)
    return ring.encode(
        tooltip=tips, opacity=alt.condition(hover, alt.value(1), alt.value(0))
    ).add_params(hover)


def stacked_days(rows: Rows, parts: Mapping[str, str], kind: Kind) -> alt.LayerChart | None:
    """Bars a day made of parts: column -> name; the first part is at the bottom.

    Days that are not complete are pale.
    """
    long = [
        {
            "event_date": row["event_date"],
            "complete": row["complete"],
            "part": name,
            "value": row[column],
            "order": number,
        }
        for row in rows
        for number, (column, name) in enumerate(parts.items())
        if row[column] is not None
    ]
    if not any(entry["value"] for entry in long):
        return None
    colours = alt.Scale(domain=list(parts.values()), range=[BLUE, ORANGE])
    chart = alt.Chart(plain(long)).mark_bar().encode(
        x=day_axis(rows),
        y=value_axis("value", kind),
        color=alt.Color("part:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
        order="order:Q",
        opacity=alt.condition("datum.complete", alt.value(1), alt.value(PALE)),
        tooltip=[
            alt.Tooltip("event_date_text:N", title="Day"),
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("value:Q", title="Value", format=PRECISE[kind]),
        ],
    )  # fmt: skip
    return sized(alt.layer(chart))


def day_axis(rows: Rows, column: str = "event_date") -> alt.X:
    """One place a day, of which a few are named."""
    named = _some(row[column].isoformat() for row in rows)
    axis = alt.Axis(
        values=named, labelExpr=DAY_LABEL, labelOverlap=True, labelAngle=0, grid=False, ticks=False
    )
    return alt.X(f"{column}:O", title=None, axis=axis)


def _some(days: Iterable[str]) -> list[str]:
    """At most `MOST_LABELS` of the days, evenly apart."""
    found = sorted(set(days))
    return found[:: -(-len(found) // MOST_LABELS) or 1]


def value_axis(column: str, kind: Kind) -> alt.Y:
    """Values from below to above, written as their kind."""
    axis = alt.Axis(labelExpr=f"format(datum.value, '{FORMATS.get(kind, '')}')", tickCount=5)
    return alt.Y(f"{column}:Q", title=None, axis=axis)


def coloured(names: Sequence[str], rows: Rows, column: str = "part") -> alt.Color:
    """A colour a name, the first ones most striking; the legend leaves out names without rows."""
    there = {row[column] for row in rows}
    drawn = [name for name in names if name in there]
    widest = min(LETTER * max(map(len, drawn), default=0), LONGEST)
    legend = alt.Legend(
        title=None,
        orient="top",
        symbolType="stroke",
        symbolOpacity=1,
        values=drawn,
        labelLimit=LONGEST,
        columns=PHONE // (widest + STROKE),
    )
    scale = alt.Scale(domain=list(names), range=COLOURS[: len(names)])
    return alt.Color(f"{column}:N", scale=scale, legend=legend)


def sized(chart: alt.LayerChart, height: int = HEIGHT) -> alt.LayerChart:
    """The chart with a height, that of most charts if none is given."""
    return chart.properties(height=height)
